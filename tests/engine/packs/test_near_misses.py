"""What looks like the fault that a policy of the pack finds, and is none: the policy stays green."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from chartgate.model import Declarations
from chartgate.packs.kubernetes.access_and_secrets import accounts, leaders, rbac, written_secrets
from chartgate.packs.kubernetes.api_server import namespaces
from chartgate.packs.kubernetes.healthy import pod
from chartgate.packs.kubernetes.install_and_upgrade import hook_order, immutability
from chartgate.packs.kubernetes.pods_and_storage import (
    checksums,
    claims,
    classes,
    data_folders,
    images,
    mounts,
    probes,
    references,
    scaling,
    spreading,
)
from chartgate.packs.kubernetes.scripts_and_files import arguments, configuration
from chartgate.policy.edits import Edit, added, append, gone, in_template, of_chart, of_scenario, put
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import findings_of

_DEPLOYMENT, _JOB = "Deployment web", "Job prepare"
_TEST_POD = (
    "{apiVersion: v1, kind: Pod, metadata: {name: a,"
    " annotations: {helm.sh/hook: test}, labels: {app: shop, tier: web}},"
    " spec: {containers: [{name: wget}]}}"
)
_OF_TWO_EMPTY_VALUES = hashlib.sha256(b" ").hexdigest()
_ISSUER = "{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {name: a}, spec: {}}"
_CRD = (
    "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: a.b}, spec: {versions: []}}"
)
_OF_A_HOOK = "metadata: {name: puller, annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: %s}}"
_PULLER_ACCOUNT = f"apiVersion: v1\nkind: ServiceAccount\n{_OF_A_HOOK % 'hook-succeeded'}"
_PULLER = (
    f"apiVersion: apps/v1\nkind: DaemonSet\n{_OF_A_HOOK % 'hook-succeeded'}\n"
    "spec: {template: {spec: {serviceAccountName: puller, containers: [{name: pull}]}}}"
)
_MAKER = (
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: maker}, rules: [{apiGroups: [''],"
    " resources: [configmaps], resourceNames: [bundle], verbs: [get, create]}]}"
)
_README = b"```sh\nkubectl create namespace shop-jobs store\n```"
_READER = (
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: reader}, spec: {template: {spec: {containers:"
    " [{name: reader, volumeMounts: [{name: keys, mountPath: /keys}]}],"
    " volumes: [{name: keys, secret: {secretName: keys}}]}}}}"
)


NEAR_MISSES: list[tuple[Any, ...]] = [
    (
        written_secrets.no_secret_is_written_into_a_template,
        written_secrets.HEALTHY,
        # A default that users replace, the name of a key, a path, a choice, and what another template has.
        [in_template('password: {{ .Values.password | default "one-more" | b64enc }}')],
        [in_template("- name: DB_PASSWORD\n  valueFrom: {secretKeyRef: {name: login, key: two-more}}")],
        [in_template("- name: TLS_KEY\n  value: /tls/key")],
        [in_template("passwords: one-more\nother-password: one-more\npassword: one-more-time")],
        [
            put("Pod web", "spec.containers[web].env[DB_PASSWORD].value", "yes"),
            in_template('- name: DB_PASSWORD\n  value: "yes"'),
        ],
    ),
    (
        namespaces.cluster_scoped_kinds_have_no_namespace,
        namespaces.HEALTHY,
        # Null is none.
        [put("ClusterRole reader", "metadata.namespace", None)],
    ),
    (
        configuration.configuration_files_parse,
        configuration.HEALTHY,
        # What a program fills in first, and what a user gives.
        [put("ConfigMap config", "data[web.yaml]", "listen: {{ .Env.PORT }}\n")],
        [put("ConfigMap config", "data[web.json]", "\n")],
        [put("ConfigMap config", "data[web.json]", '// of the server\n{"port": 80, "home": "http://a"}\n')],
    ),
    (
        scaling.autoscaled_workloads_set_no_replicas,
        scaling.HEALTHY,
        [put(_DEPLOYMENT, "spec.replicas", None)],
        [put(_DEPLOYMENT, "spec.replicas", 3), gone("HorizontalPodAutoscaler web")],
    ),
    (
        references.scale_targets_are_there,
        references.HEALTHY,
        # The API server's discovery knows a kind in lower case, too.
        [put("HorizontalPodAutoscaler web", "spec.scaleTargetRef.kind", "deployment")],
    ),
    (
        probes.named_probe_ports_are_declared,
        pod.HEALTHY,
        # A port that is not declared: that of another path, and where the container declares none.
        *(
            [
                put("Deployment web", f"{pod.WEB}.ports", ports),
                put("Deployment web", f"{pod.WEB}.livenessProbe", {"httpGet": {"path": path, "port": 8081}}),
                put("Deployment web", f"{pod.WEB}.readinessProbe", {"httpGet": {"path": "/ready", "port": 8080}}),
            ]
            for path, ports in (("/live", [{"containerPort": 8080}]), ("/ready", []))
        ),
    ),
    (
        classes.claims_have_a_class_or_leave_it_open,
        classes.HEALTHY,
        # A claim for a volume that is there, and one whose class is left to the cluster.
        [put("PersistentVolumeClaim data", "spec", {"storageClassName": "", "volumeName": "disk-1"})],
        [gone("PersistentVolumeClaim data", "spec.storageClassName")],
    ),
    (
        spreading.spreading_counts_its_own_pods,
        spreading.HEALTHY,
        # Away from the pods of somebody else, and from those of another namespace.
        [
            put(
                "Deployment worker",
                "spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution",
                [
                    {
                        "topologyKey": "kubernetes.io/hostname",
                        "namespaces": ["other"],
                        "labelSelector": {"matchLabels": {"app": "shop", "part": "elsewhere"}},
                    }
                ],
            )
        ],
    ),
    (
        scaling.budgets_leave_room_for_a_drain,
        scaling.HEALTHY,
        [
            put(
                "PodDisruptionBudget worker",
                "spec",
                {"maxUnavailable": "1%", "selector": {"matchLabels": {"app": "worker"}}},
            )
        ],
        # Scaled to nothing, there is no pod to keep.
        [put("Deployment worker", "spec.replicas", 0)],
        [put("PodDisruptionBudget worker", "spec.minAvailable", 0)],
        [put("Deployment worker", "kind", "DaemonSet")],
    ),
    (
        scaling.workloads_have_one_autoscaler,
        scaling.HEALTHY,
        [
            added(
                "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: worker},"
                " spec: {scaleTargetRef: {kind: Deployment, name: worker}}}"
            )
        ],
    ),
    (
        data_folders.data_is_kept_on_its_claim,
        data_folders.HEALTHY,
        # A folder beside the mounts that is no data's, data in the image of who has no claim, and a claim that is used.
        [put("StatefulSet web", f"{pod.WEB}.env[DATA_DIR].value", "/app/data")],
        [
            put("StatefulSet web", f"{pod.WEB}.args", []),
            put("StatefulSet web", f"{pod.WEB}.env", [{"name": "DATA_URL", "value": "/app/data"}]),
        ],
        [
            put("StatefulSet web", f"{pod.WEB}.args", ["--data-dir", "/srv/web"]),
            put("StatefulSet web", f"{pod.WEB}.env", []),
            append("StatefulSet web", f"{pod.WEB}.volumeMounts", {"name": "other", "mountPath": "/srv"}),
        ],
    ),
    (
        data_folders.data_is_kept_on_its_claim,
        data_folders.READ_ONLY,
        # A root to write to, a folder that is mounted or of nothing that is kept, and an empty volume for the way.
        [put(_DEPLOYMENT, f"{pod.WEB}.args", ["--spool-dir=/a"]), gone(_DEPLOYMENT, f"{pod.WEB}.securityContext")],
        [put(_DEPLOYMENT, f"{pod.WEB}.args", ["--spool-dir=/tmp/spool"])],
        [put(_DEPLOYMENT, f"{pod.WEB}.args", ["--plugin-dir=/plugins"])],
        [put(_DEPLOYMENT, f"{pod.WEB}.args", ["--spool-dir=/a", "--keep=/spool/kept"])],
        [put(_DEPLOYMENT, f"{pod.WEB}.args", ["--spool-dir=/a"]), gone(_DEPLOYMENT, f"{pod.WEB}.volumeMounts[spool]")],
    ),
    (
        arguments.flags_and_values_are_words,
        pod.HEALTHY,
        # Redis makes lines of its configuration of all words.
        [
            put("Deployment web", f"{pod.WEB}.image", "docker.io/library/redis:8.2"),
            put("Deployment web", f"{pod.WEB}.args", ["--requirepass $(PASSWORD)"]),
        ],
    ),
    (
        arguments.flags_have_no_quotes_around_their_values,
        pod.HEALTHY,
        # Quotes that a shell takes away, those of an expression, and of JSON.
        [put("Deployment web", f"{pod.WEB}.command", ["sh", "-c", '--path="/data"'])],
        [put("Deployment web", f"{pod.WEB}.args", ['--query="a = b"', '--tags=["a"]', '"/data"', '--a=""'])],
    ),
    (
        scaling.budgets_cover_one_workload,
        scaling.HEALTHY,
        [put("Deployment worker", "metadata.namespace", "other")],
        # Two workloads do not tell their pods apart, as another policy tells.
        [
            put(f"{kind} {name}", "spec.selector.matchLabels", {"release": "one"})
            for kind, name in (("PodDisruptionBudget", "web"), ("Deployment", "web"), ("Deployment", "worker"))
        ]
        + [gone("PodDisruptionBudget worker", "spec.selector")],
        [added(_TEST_POD.replace("app: shop", "app: web"))],
    ),
    (
        references.volume_sources_are_there,
        references.HEALTHY,
        # The kubelet leaves alone what no container mounts.
        [append(_DEPLOYMENT, "spec.template.spec.volumes", {"name": "spare", "secret": {"secretName": "none"}})],
        # A role lets a program make it, by this name.
        [
            put(_DEPLOYMENT, "spec.template.spec.volumes[config].configMap.name", "bundle"),
            added(_MAKER),
        ],
    ),
    (
        mounts.volumes_are_mounted,
        mounts.HEALTHY,
        # the pods of a test
        [added(_TEST_POD.replace("spec: {", "spec: {volumes: [{name: tls, emptyDir: {}}], "))],
        # An empty folder that is mounted under another condition.
        [
            append("StatefulSet web", "spec.template.spec.volumes", {"name": "keys", "emptyDir": {}}),
            of_chart(files={"templates/all.yaml": b"- name: keys\n  mountPath: /keys\n- name: keys\n  emptyDir: {}"}),
        ],
        # One that another container writes to, under another condition.
        [
            append("StatefulSet web", "spec.template.spec.volumes", {"name": "keys", "emptyDir": {}}),
            append("StatefulSet web", f"{pod.WEB}.volumeMounts", {"name": "keys", "mountPath": "/k", "readOnly": True}),
            of_chart(files={"templates/all.yaml": b"- name: keys\n" * 3}),
        ],
        # A list that a named template prints for both.
        [
            added(_READER),
            append("StatefulSet web", "spec.template.spec.volumes", {"name": "keys", "secret": {"secretName": "keys"}}),
            of_chart(files={"templates/all.yaml": b'volumes:\n  {{- include "volumes" . | nindent 8 }}'}),
        ],
    ),
    (
        claims.claims_of_one_node_have_one_pod,
        claims.HEALTHY,
        [put(_DEPLOYMENT, "spec.strategy", {"rollingUpdate": {"maxSurge": "0%", "maxUnavailable": 1}})],
        [put(_DEPLOYMENT, "kind", "StatefulSet"), gone("StatefulSet web", "spec.strategy")],
        [
            put("PersistentVolumeClaim data", "spec.accessModes", ["ReadOnlyMany"]),
            gone(_DEPLOYMENT, "spec.strategy"),
        ],
    ),
    (
        immutability.nothing_immutable_carries_a_version,
        immutability.HEALTHY,
        [
            put(_JOB, "spec.template.metadata.labels[helm.sh/chart]", "a-1"),
            put(_JOB, "spec.ttlSecondsAfterFinished", 60),
        ],
        [
            put(_JOB, "spec.template.metadata.labels[helm.sh/chart]", "a-1"),
            put(_JOB, "metadata.name", "prepare-12"),
        ],
        [put("StatefulSet data", "spec.template.metadata.annotations[checksum/config]", "3f2a9c1d")],
    ),
    (
        checksums.checksums_are_of_different_files,
        checksums.HEALTHY,
        [
            put("Deployment web", "spec.template.metadata.annotations[checksum/config]", _OF_TWO_EMPTY_VALUES),
            put("Deployment web", "spec.template.metadata.annotations[checksum/secret]", _OF_TWO_EMPTY_VALUES),
        ],
    ),
    (
        images.images_are_pinned,
        pod.HEALTHY,
        [put(_DEPLOYMENT, f"{pod.WEB}.image", "auto")],
    ),
    (
        hook_order.hooks_find_what_they_need,
        hook_order.HEALTHY,
        # Nobody waits for its pods, and it goes together with the account.
        [added(_PULLER_ACCOUNT), added(_PULLER)],
        # The first Job applies what is a hook of upgrades only.
        [
            put(
                "Job migrate-database",
                "spec.template.spec.volumes",
                [{"name": "all", "configMap": {"name": "migrate"}}],
            ),
            put("ConfigMap migrate", "data.upgrade", "kind: ConfigMap\nmetadata:\n  name: upgrade\n"),
            put("Deployment web", "spec.template.spec.volumes", [{"name": "it", "configMap": {"name": "upgrade"}}]),
        ],
    ),
    (
        namespaces.namespaces_are_there,
        namespaces.HEALTHY,
        # The README makes it; or all of the release is in that of the chart's own name.
        [put("ConfigMap there", "metadata.namespace", "store"), of_chart(files={"README.md": _README})],
        [put(f"ConfigMap {name}", "metadata.namespace", "literal") for name in ("here", "there")],
    ),
    (
        namespaces.all_objects_name_the_namespace_or_none,
        namespaces.NAMED,
        [added(_CRD)],
        [added(_ISSUER)],
    ),
    (
        namespaces.all_objects_name_the_namespace_or_none,
        namespaces.HEALTHY,
        [],
    ),
    (
        leaders.leaders_may_hold_their_lease,
        leaders.HEALTHY,
        # A lock of another kind, a role that allows everything, no role of the release's own, and nobody to elect.
        [put("Role web", "rules", [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]}])],
        [put("Role web", "rules", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["create", "update"]}])],
        [put("RoleBinding web", "roleRef.name", "edit"), put("RoleBinding web", "roleRef.kind", "ClusterRole")],
        [put("RoleBinding web", "subjects", [])],
        # Its own namespace, which Kubernetes writes there.
        [
            put(
                _DEPLOYMENT,
                "spec.template.spec.containers[web].args",
                ["--leader-elect", "--leader-election-namespace=$(NAMESPACE)"],
            )
        ],
        [
            put("Role web", "rules", []),
            put("Deployment web", "spec.template.spec.containers[web].args", ["--leader-elect=false"]),
        ],
        [
            put(
                "Deployment web",
                "spec.template.spec.containers[web].args",
                ["--leader-elect", "--leader-election-namespace", "default"],
            )
        ],
    ),
]


@pytest.mark.parametrize(
    ("policy", "manifests", "edits"),
    [(policy, manifests, edits) for policy, manifests, *rows in NEAR_MISSES for edits in rows],
)
def test_it_stays_green(policy: Policy, manifests: str, edits: list[Edit]) -> None:
    assert findings_of(policy, manifests, *edits) == []


def test_what_values_give_as_a_whole_is_not_the_charts_to_name() -> None:
    given = added("{apiVersion: v1, kind: Secret, metadata: {name: given}}", template="literal/templates/more.yaml")
    rendering = given.apply(literal_rendering(namespaces.NAMED))
    policy = namespaces.all_objects_name_the_namespace_or_none
    for text, passed in (("kind: Secret # {{ .Values.extra }}", False), ("{{ tpl .Values.a.extraObjects . }}", True)):
        [check] = checks_of(policy, [of_chart(templates={"templates/more.yaml": text}).apply(rendering)])
        assert check.passed is passed


@pytest.mark.parametrize(("text", "passed"), [("", False), ("namespace: {{ .Values.monitor.namespace }}", True)])
def test_the_namespace_of_a_monitor_may_be_a_value(text: str, passed: bool) -> None:
    monitor = "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: {name: web}}"
    rendering = added(monitor, template="literal/templates/more.yaml").apply(literal_rendering(namespaces.NAMED))
    rendering = of_chart(templates={"templates/more.yaml": text}).apply(rendering)
    [check] = checks_of(namespaces.all_objects_name_the_namespace_or_none, [rendering])
    assert check.passed is passed


@pytest.mark.parametrize(
    ("default", "given", "passed"),
    [
        ({"rbac": {"create": True}}, {"rbac": {"create": False}}, True),
        ({"rbac": {"enabled": True}}, {"rbac": {"enabled": False}}, True),
        # The chart gives rights to nobody, or just not to this account.
        ({"rbac": {"create": False}}, {"rbac": {"create": False}}, False),
        ({"rbac": {"create": True}}, {"rbac": {"create": True}}, False),
        ({}, {"rbac": None}, False),
        ({}, {"account": {"create": False, "name": "idler"}}, True),
    ],
)
def test_rights_that_somebody_else_gives(default: dict[str, Any], given: dict[str, Any], passed: bool) -> None:
    idler = put("Deployment worker", "spec.template.spec.serviceAccountName", "idler")
    scenario = of_scenario(values=given, declared=Declarations(is_conventional=True))
    found = findings_of(rbac.tokens_are_mounted_where_used, rbac.HEALTHY, idler, of_chart(defaults=default), scenario)
    assert (not found) is passed


@pytest.mark.parametrize(
    ("name", "namespace", "conventional", "passed"),
    [
        ("scraper", "monitoring", True, True),
        ("scraper", "monitoring", False, False),
        ("scraper", "default", True, False),  # where the chart is
        ("web", "monitoring", True, False),  # or as its own is called
    ],
)
def test_an_account_of_another_product(name: str, namespace: str, conventional: bool, passed: bool) -> None:
    subject = [{"kind": "ServiceAccount", "name": name, "namespace": namespace}]
    binding = put("RoleBinding web", "subjects", subject)
    scenario = of_scenario(declared=Declarations(is_conventional=conventional))
    assert (not findings_of(accounts.bindings_join_roles_and_accounts, accounts.HEALTHY, binding, scenario)) is passed


@pytest.mark.parametrize(
    ("name", "templates", "passed"),
    [
        ("operator", {}, True),
        (
            "operator",
            {"templates/a.yaml": "kind: ClusterRole\n"},
            False,
        ),  # a chart that makes some, with another switch
        ("release-name-web", {}, False),
        ("web", {}, False),  # or that of a Role
    ],
)
def test_a_role_of_another_product(name: str, templates: dict[str, str], passed: bool) -> None:
    binding = put("RoleBinding web", "roleRef", {"kind": "ClusterRole", "name": name})
    scenario = of_scenario(declared=Declarations(is_conventional=True))
    edits = (binding, scenario, of_chart(templates=templates))
    assert (not findings_of(accounts.bindings_join_roles_and_accounts, accounts.HEALTHY, *edits)) is passed
