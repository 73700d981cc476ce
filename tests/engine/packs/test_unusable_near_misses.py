"""What looks like a call, a right or a class that leads nowhere, and is none: the policy stays green."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from chartgate.packs.kubernetes.access_and_secrets import encoding, idle_rights, unusable_rights
from chartgate.packs.kubernetes.api_server import measures
from chartgate.packs.kubernetes.networking import calls, certificates
from chartgate.packs.kubernetes.pods_and_storage import classes, existing_objects, unused_claims
from chartgate.policy.edits import Edit, added, gone, of_scenario, put
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import findings_of

_WEB = "Deployment release-name-web"
_DB_HOST = "spec.template.spec.containers[web].env[DB_HOST].value"
_HEADLESS = {"clusterIP": "None", "ports": [{"port": 1}], "selector": {"app": "cache"}}
_CACHE_POD = (
    "{apiVersion: v1, kind: Pod, metadata: {name: c, labels: {app: cache}},"
    " spec: {containers: [{name: c, ports: [{containerPort: 6379}]}]}}"
)
_CLUSTER = "{apiVersion: example.com/v1, kind: Cluster, metadata: {name: release-name-pg}}"
_SET = (
    "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db},"
    " spec: {volumeClaimTemplates: [{metadata: {name: data}}]}}"
)
_POD = "spec.template.spec"
_NO_TOKEN = put("Deployment worker", f"{_POD}.automountServiceAccountToken", False)
_PROJECTED = {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}
_OF_ACCOUNT = (
    "{apiVersion: v1, kind: Secret, type: kubernetes.io/service-account-token, metadata: {name: t, namespace: shop,"
    " annotations: {kubernetes.io/service-account.name: worker}}}"
)
_SECOND = (
    "{apiVersion: batch/v1, kind: Job, metadata: {name: second, namespace: shop},"
    " spec: {template: {spec: {serviceAccountName: worker, containers: [{name: a}]}}}}"
)
_ABOUT_VOLUMES = (
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: volumes},"
    " rules: [{apiGroups: [''], resources: [persistentvolumes], verbs: ['*']}]}"
)
_BACKUP = "{apiVersion: example.com/v1, kind: Backup, metadata: {name: a}, spec: {existingClaim: web-data}}"


NEAR_MISSES: list[tuple[Any, ...]] = [
    (
        calls.called_hosts_of_the_release_are_services,
        calls.HEALTHY,
        # Somebody else's host, also one that only begins as the release does not.
        [put(_WEB, _DB_HOST, "postgres")],
        [put(_WEB, _DB_HOST, "release-name-x.org")],
        # An operator makes the Services of its own objects.
        [added(_CLUSTER), put(_WEB, _DB_HOST, "release-name-pg-rw")],
    ),
    (
        calls.called_ports_are_of_their_service,
        calls.HEALTHY,
        # The pods of a headless Service are called at their own ports.
        [added(_CACHE_POD), put("Service release-name-cache", "spec", _HEADLESS)],
        [put("Service release-name-db", "spec", {"type": "ExternalName", "externalName": "db.example.com"})],
    ),
    (
        unusable_rights.roles_name_what_there_is,
        unusable_rights.HEALTHY,
        # A right that another rule gives in the right group, a group of somebody else, and one of old.
        [put("Role worker", "rules[1]", {"apiGroups": [""], "resources": ["deployments"], "verbs": ["get"]})],
        [put("Role worker", "rules[0].apiGroups", ["", "apps", "example.com"])],
        [put("Role worker", "rules[0].resources", ["nodes/metrics", "users", "*", "pods/*"])],
        [put("Role worker", "rules[0].apiGroups", ["", "core", "apps", "apps/v1"])],
        [put("Role worker", "rules[0].verbs", ["use", "deletecollection", "*"])],
        [put("Role worker", "rules[0].resources", {"a": 1})],
    ),
    (
        idle_rights.rights_about_the_cluster_are_given_in_it,
        idle_rights.HEALTHY,
        # What is asked about in a namespace all the same, what the account has in the cluster, and a group of others.
        *(
            [put("Role worker", "rules", [it])]
            for it in (
                {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]},
                {"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["bind"]},
                {"apiGroups": [""], "resources": ["nodes"], "verbs": ["list"]},
                {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]},
                {"apiGroups": ["example.com"], "resources": ["nodes"], "verbs": ["get"]},
                {"nonResourceURLs": ["/metrics"], "verbs": ["get"]},
            )
        ),
        # somebody else may bind it
        [gone("ClusterRoleBinding worker")],
        [put("Role worker", "rules[0].resources", ["persistentvolumes"]), added(_ABOUT_VOLUMES)],
    ),
    (
        idle_rights.rights_are_for_pods_with_a_token,
        idle_rights.HEALTHY,
        # The token of an account by another way, or for one pod of two, and a right that needs none.
        *(
            [_NO_TOKEN, *edits]
            for edits in (
                [put("Deployment worker", f"{_POD}.volumes", [_PROJECTED])],
                [added(_OF_ACCOUNT)],
                [added(_SECOND)],
                [put("RoleBinding worker", "subjects", []), put("ClusterRoleBinding worker", "subjects", [])],
                [
                    put("Role worker", "rules[0].verbs", ["use"]),
                    put("ClusterRoleBinding worker", "subjects", []),
                ],
            )
        ),
    ),
    (
        measures.autoscalers_measure_what_is_requested,
        measures.HEALTHY,
        # Nothing is said of what one asks for: a LimitRange may.
        [put("Deployment web", "spec.template.spec.containers[proxy].resources", {})],
        [gone("Deployment web", "spec.template.spec.containers[web].resources.requests.memory")],
    ),
    (
        certificates.certificates_are_for_hosts_that_are_served,
        certificates.HEALTHY,
        [gone("Ingress web", "spec.rules")],
    ),
    (
        classes.classes_of_the_release_are_there,
        classes.HEALTHY,
        [gone("StorageClass release-name-fast"), gone("PersistentVolumeClaim data")],
    ),
    (
        unused_claims.claims_are_mounted,
        unused_claims.HEALTHY,
        [added(_SET), put("PersistentVolumeClaim data", "metadata.name", "data-db-0")],
        [added(_BACKUP), put("PersistentVolumeClaim data", "metadata.name", "web-data")],
    ),
]


@pytest.mark.parametrize(
    ("policy", "manifests", "edits"),
    [(policy, manifests, edits) for policy, manifests, *rows in NEAR_MISSES for edits in rows],
)
def test_is_none(policy: Policy, manifests: str, edits: list[Edit]) -> None:
    assert findings_of(policy, manifests, *edits) == []


def test_a_value_that_is_base64_itself_is_one() -> None:
    values = {"plain": "release-token-x7", "encoded": "cmVsZWFzZS10b2tlbi14Nw=="}
    written = put("Secret web", "stringData.token", values["encoded"])
    assert findings_of(encoding.secrets_are_encoded_once, encoding.HEALTHY, written, of_scenario(values=values)) == []


@pytest.mark.parametrize(
    ("values", "found"),
    [
        # Whoever names the account makes it; a part that only has its name does not.
        ({"serviceAccount": {"create": False}, "audit": {"serviceAccount": {"name": "builder"}}}, 0),
        ({"serviceAccount": {"create": False, "name": ""}, "audit": {"name": "builder"}}, 1),
    ],
)
def test_an_account_that_values_name_is_for_users_to_make(values: dict[str, Any], found: int) -> None:
    builder = "serviceAccountName: builder, containers: [{name: web}]"
    pods = "".join(
        f"---\n{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}}},"
        f" spec: {{template: {{spec: {{{builder}}}}}}}}}\n"
        for name in ("one", "two")
    )
    before = literal_rendering(f"{pods}---\n{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: builder}}}}")
    after = literal_rendering(pods)
    after = dataclasses.replace(after, scenario=dataclasses.replace(after.scenario, values=values))
    checks = checks_of(existing_objects.pods_name_no_account_that_is_not_made, [before, after])
    assert len({check.cause for check in checks if not check.passed}) == found


def test_roles_that_a_template_writes_for_many_namespaces_are_told_once() -> None:
    role = (
        "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: worker-%s, namespace: %s},"
        " rules: [{apiGroups: [''], resources: [nodes], verbs: [list]}]}\n"
    )
    rendering = literal_rendering("".join(role % (where, where) for where in ("one", "two")))
    checks = checks_of(idle_rights.rights_about_the_cluster_are_given_in_it, [rendering])
    causes = [check.cause for check in checks if not check.passed]
    assert (len(causes), len(set(causes))) == (2, 1)
