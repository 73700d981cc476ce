"""What looks like a call, a right or a class that leads nowhere, and is none: the policy stays green."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.packs.kubernetes.access_and_secrets import encoding, unusable_rights
from chartgate.packs.kubernetes.api_server import measures
from chartgate.packs.kubernetes.networking import calls, certificates
from chartgate.packs.kubernetes.pods_and_storage import classes, unused_claims
from chartgate.policy.edits import Edit, added, gone, put
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of

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
_BACKUP = "{apiVersion: example.com/v1, kind: Backup, metadata: {name: a}, spec: {existingClaim: web-data}}"


@pytest.mark.parametrize(
    ("policy", "manifests", "edits"),
    [
        # Somebody else's host, also one that only begins as the release does not.
        (calls.called_hosts_of_the_release_are_services, calls.HEALTHY, [put(_WEB, _DB_HOST, "db")]),
        (calls.called_hosts_of_the_release_are_services, calls.HEALTHY, [put(_WEB, _DB_HOST, "release-name-x.org")]),
        # An operator makes the Services of its own objects.
        (
            calls.called_hosts_of_the_release_are_services,
            calls.HEALTHY,
            [added(_CLUSTER), put(_WEB, _DB_HOST, "release-name-pg-rw")],
        ),
        # The pods of a headless Service are called at their own ports.
        (
            calls.called_ports_are_of_their_service,
            calls.HEALTHY,
            [added(_CACHE_POD), put("Service release-name-cache", "spec", _HEADLESS)],
        ),
        (
            calls.called_ports_are_of_their_service,
            calls.HEALTHY,
            [put("Service release-name-db", "spec", {"type": "ExternalName", "externalName": "db.example.com"})],
        ),
        # A right that another rule gives in the right group, a group of somebody else, and one of old.
        (
            unusable_rights.roles_name_resources_that_there_are,
            unusable_rights.HEALTHY,
            [put("Role worker", "rules[1]", {"apiGroups": [""], "resources": ["deployments"], "verbs": ["get"]})],
        ),
        (
            unusable_rights.roles_name_resources_that_there_are,
            unusable_rights.HEALTHY,
            [put("Role worker", "rules[0].apiGroups", ["", "apps", "example.com"])],
        ),
        (
            unusable_rights.roles_name_resources_that_there_are,
            unusable_rights.HEALTHY,
            [put("Role worker", "rules[0].resources", ["nodes/metrics", "users", "*", "pods/*"])],
        ),
        (
            unusable_rights.roles_name_verbs_that_there_are,
            unusable_rights.HEALTHY,
            [put("Role worker", "rules[0].verbs", ["use", "deletecollection", "*"])],
        ),
        (
            unusable_rights.roles_name_resources_that_there_are,
            unusable_rights.HEALTHY,
            [put("Role worker", "rules[0].resources", {"a": 1})],
        ),
        # Nothing is said of what one asks for: a LimitRange may.
        (
            measures.autoscalers_measure_what_is_requested,
            measures.HEALTHY,
            [put("Deployment web", "spec.template.spec.containers[proxy].resources", {})],
        ),
        (
            measures.autoscalers_measure_what_is_requested,
            measures.HEALTHY,
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
        ),
        (
            unused_claims.claims_are_mounted,
            unused_claims.HEALTHY,
            [added(_BACKUP), put("PersistentVolumeClaim data", "metadata.name", "web-data")],
        ),
    ],
)
def test_is_none(policy: Policy, manifests: str, edits: list[Edit]) -> None:
    rendering = literal_rendering(manifests)
    for edit in edits:
        rendering = edit.apply(rendering)
    assert [check for check in checks_of(policy, [rendering]) if not check.passed] == []


def test_a_value_that_is_base64_itself_is_one() -> None:
    rendering = literal_rendering(encoding.HEALTHY)
    values = {"plain": "release-token-x7", "encoded": "cmVsZWFzZS10b2tlbi14Nw=="}
    rendering = put("Secret web", "stringData.token", values["encoded"]).apply(rendering)
    rendering = dataclasses.replace(rendering, scenario=dataclasses.replace(rendering.scenario, values=values))
    assert [c for c in checks_of(encoding.secrets_are_encoded_once, [rendering]) if not c.passed] == []
