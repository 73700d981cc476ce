"""What looks like the fault that a policy of the pack finds, and is none: the policy stays green."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import pytest

from chartgate.packs.kubernetes.access_and_secrets import leaders, rbac
from chartgate.packs.kubernetes.api_server import namespaces
from chartgate.packs.kubernetes.healthy import pod, release
from chartgate.packs.kubernetes.install_and_upgrade import hook_order, immutability
from chartgate.packs.kubernetes.networking import (
    calls,
    certificates,
    monitors,
    namespace_labels,
    paths,
    protection,
    selectors,
    services,
    stateful_sets,
    webhooks,
)
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
from chartgate.packs.kubernetes.scripts_and_files import arguments
from chartgate.policy.edits import Edit, added, append, gone, put
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of

_DEPLOYMENT, _JOB = "Deployment web", "Job prepare"
_TEST_POD = (
    "{apiVersion: v1, kind: Pod, metadata: {name: a,"
    " annotations: {helm.sh/hook: test}, labels: {app: shop, tier: web}},"
    " spec: {containers: [{name: wget}]}}"
)
_WORKER = (
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: worker},"
    " spec: {template: {metadata: {labels: {app: worker}}, spec: {containers: [{name: worker}]}}}}"
)
_BUDGET = (
    "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {selector: {matchLabels: {a: b}}}}"
)


def _selects(key: str, operator: str, values: object) -> Edit:
    rule = {"key": key, "operator": operator, "values": values}
    return put("PodDisruptionBudget web", "spec.selector", {"matchExpressions": [rule]})


_DATA = "StatefulSet data"
_OF_TWO_EMPTY_VALUES = hashlib.sha256(b" ").hexdigest()
_CALLS_7 = put("Deployment web", f"{release.WEB}.args", ["--peer=data-7.data.database.svc:5432"])
_SCALED_DATA = (
    "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: data, namespace: database},"
    " spec: {scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: data}}}"
)
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


@pytest.mark.parametrize(
    ("policy", "manifests", "edits"),
    [
        (scaling.autoscaled_workloads_set_no_replicas, scaling.HEALTHY, [put(_DEPLOYMENT, "spec.replicas", None)]),
        # The API server's discovery knows a kind in lower case, too.
        (
            references.scale_targets_are_there,
            references.HEALTHY,
            [put("HorizontalPodAutoscaler web", "spec.scaleTargetRef.kind", "deployment")],
        ),
        (services.service_selectors_find_pods, release.HEALTHY, [put("Deployment web", "kind", "Rollout")]),
        # A claim for a volume that is there, and one whose class is left to the cluster.
        (
            classes.claims_have_a_class_or_leave_it_open,
            classes.HEALTHY,
            [put("PersistentVolumeClaim data", "spec", {"storageClassName": "", "volumeName": "disk-1"})],
        ),
        (
            classes.claims_have_a_class_or_leave_it_open,
            classes.HEALTHY,
            [gone("PersistentVolumeClaim data", "spec.storageClassName")],
        ),
        # Away from the pods of somebody else, and from those of another namespace.
        (
            spreading.spreading_counts_its_own_pods,
            spreading.HEALTHY,
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
        # Part of a regular expression of nginx, and a path that ends with a slash.
        (
            paths.paths_have_one_slash_at_a_time,
            paths.HEALTHY,
            [put("Ingress web", "spec.rules[0].http.paths[0].path", "/shop(/|$)(.*)/")],
        ),
        (monitors.monitors_find_their_ports, monitors.HEALTHY, [put("ServiceMonitor web", "spec.selector", {})]),
        (
            scaling.autoscaled_workloads_set_no_replicas,
            scaling.HEALTHY,
            [put(_DEPLOYMENT, "spec.replicas", 3), gone("HorizontalPodAutoscaler web")],
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
        # An entry for all hosts, a name for all of a domain, and no certificate at all.
        *(
            (
                certificates.served_hosts_have_a_certificate,
                certificates.HEALTHY,
                [put("Ingress other", "spec.rules[2].host", "b.example.org"), put("Ingress other", "spec.tls", tls)],
            )
            for tls in (
                [{"secretName": "all"}],
                [{"hosts": ["shop.example.com"]}, {"hosts": ["*.example.org"]}],
                [{"hosts": ["shop.example.com"]}, {"secretName": "others"}],
                None,
            )
        ),
        # A Certificate of another namespace, and one whose names are said elsewhere.
        (
            certificates.certificates_name_the_hosts_they_are_for,
            certificates.HEALTHY,
            [put("Certificate other", "metadata.namespace", "elsewhere"), gone("Certificate other", "spec.dnsNames")],
        ),
        (
            certificates.certificates_name_the_hosts_they_are_for,
            certificates.HEALTHY,
            [put("Certificate other", "spec", {"secretName": "other-tls", "uris": ["spiffe://shop"]})],
        ),
        # A label that the release itself gives its namespace, and a label of another name.
        (
            namespace_labels.namespaces_are_selected_by_labels_that_they_have,
            namespace_labels.HEALTHY,
            [
                put(
                    "NetworkPolicy web",
                    "spec.ingress[0].from[0].namespaceSelector",
                    {"matchLabels": {"name": "shop", "team": "name"}},
                ),
                added("{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {name: shop}}}"),
            ],
        ),
        # A host of somebody else, and one of another domain that begins like a Service.
        *(
            (
                calls.called_hosts_of_the_release_are_services,
                calls.HEALTHY,
                [put("Deployment release-name-web", f"{pod.WEB}.env[DB_HOST].value", host)],
            )
            for host in ("postgres", "db.example.com")
        ),
        # A port that is not declared: that of another path, and where the container declares none.
        *(
            (
                probes.named_probe_ports_are_declared,
                pod.HEALTHY,
                [
                    put("Deployment web", f"{pod.WEB}.ports", ports),
                    put("Deployment web", f"{pod.WEB}.livenessProbe", {"httpGet": {"path": path, "port": 8081}}),
                    put("Deployment web", f"{pod.WEB}.readinessProbe", {"httpGet": {"path": "/ready", "port": 8080}}),
                ],
            )
            for path, ports in (("/live", [{"containerPort": 8080}]), ("/ready", []))
        ),
        # Monitors of another operator, and values that are left out.
        (
            monitors.fields_of_monitors_hold_what_belongs_there,
            monitors.HEALTHY,
            [
                put("ServiceMonitor nodes", "apiVersion", "operator.victoriametrics.com/v1beta1"),
                put("ServiceMonitor nodes", "spec.endpoints", {"port": "metrics"}),
                put("ServiceMonitor web", "spec.endpoints[0].interval", None),
                put("ServiceMonitor web", "spec.endpoints[0].params", {"collect": ["cpu"]}),
                put("ServiceMonitor web", "spec.newField", {"a": "b"}),
            ],
        ),
        # A folder beside the mounts that is no data's, data in the image of who has no claim, and a claim that is used.
        (
            data_folders.data_is_kept_on_its_claim,
            data_folders.HEALTHY,
            [put("StatefulSet web", f"{pod.WEB}.env[DATA_DIR].value", "/app/data")],
        ),
        (
            data_folders.data_is_kept_on_its_claim,
            data_folders.HEALTHY,
            [
                put("StatefulSet web", f"{pod.WEB}.args", []),
                put("StatefulSet web", f"{pod.WEB}.env", [{"name": "DATA_URL", "value": "/app/data"}]),
            ],
        ),
        (
            data_folders.data_is_kept_on_its_claim,
            data_folders.HEALTHY,
            [
                put("StatefulSet web", f"{pod.WEB}.args", ["--data-dir", "/srv/web"]),
                put("StatefulSet web", f"{pod.WEB}.env", []),
                append("StatefulSet web", f"{pod.WEB}.volumeMounts", {"name": "other", "mountPath": "/srv"}),
            ],
        ),
        # Redis makes lines of its configuration of all words.
        (
            arguments.flags_and_values_are_words,
            pod.HEALTHY,
            [
                put("Deployment web", f"{pod.WEB}.image", "docker.io/library/redis:8.2"),
                put("Deployment web", f"{pod.WEB}.args", ["--requirepass $(PASSWORD)"]),
            ],
        ),
        # Quotes that a shell takes away, those of an expression, and of JSON.
        (
            arguments.flags_have_no_quotes_around_their_values,
            pod.HEALTHY,
            [put("Deployment web", f"{pod.WEB}.command", ["sh", "-c", '--path="/data"'])],
        ),
        (
            arguments.flags_have_no_quotes_around_their_values,
            pod.HEALTHY,
            [put("Deployment web", f"{pod.WEB}.args", ['--query="a = b"', '--tags=["a"]', '"/data"', '--a=""'])],
        ),
        # A certificate for all Services of the namespace, and one that says nothing of hosts.
        *(
            (
                webhooks.certificates_are_for_their_webhooks,
                webhooks.HEALTHY,
                [put("Certificate web-tls", "spec.dnsNames", names)],
            )
            for names in (["*.default.svc"], ["shop.example.com", "web.default.svc"], [])
        ),
        # No Deployment and no StatefulSet takes over the pod of a test.
        *(
            (
                selectors.workloads_share_no_pods,
                release.HEALTHY,
                [put(_DEPLOYMENT, "kind", kind), added(_TEST_POD.replace("app: shop", "app: web"))],
            )
            for kind in ("Deployment", "StatefulSet")
        ),
        # Scaled to nothing, there is no pod to keep.
        (scaling.budgets_leave_room_for_a_drain, scaling.HEALTHY, [put("Deployment worker", "spec.replicas", 0)]),
        (
            scaling.budgets_leave_room_for_a_drain,
            scaling.HEALTHY,
            [put("PodDisruptionBudget worker", "spec.minAvailable", 0)],
        ),
        (scaling.budgets_leave_room_for_a_drain, scaling.HEALTHY, [put("Deployment worker", "kind", "DaemonSet")]),
        (
            scaling.budgets_cover_one_workload,
            scaling.HEALTHY,
            [put("Deployment worker", "metadata.namespace", "other")],
        ),
        (  # the pods of a test
            mounts.volumes_are_mounted,
            mounts.HEALTHY,
            [added(_TEST_POD.replace("spec: {", "spec: {volumes: [{name: tls, emptyDir: {}}], "))],
        ),
        # Pods that a program makes, and that nobody sees here.
        (
            protection.pod_selectors_find_pods,
            release.HEALTHY,
            [
                put("NetworkPolicy web", "spec.podSelector.matchLabels.app", "notebook"),
                added(
                    "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: hub},"
                    " rules: [{apiGroups: [''], resources: [pods], verbs: [get, create]}]}"
                ),
            ],
        ),
        # Two workloads do not tell their pods apart, as another policy tells.
        (
            scaling.budgets_cover_one_workload,
            scaling.HEALTHY,
            [
                put(f"{kind} {name}", "spec.selector.matchLabels", {"release": "one"})
                for kind, name in (("PodDisruptionBudget", "web"), ("Deployment", "web"), ("Deployment", "worker"))
            ]
            + [gone("PodDisruptionBudget worker", "spec.selector")],
        ),
        (scaling.budgets_cover_one_workload, scaling.HEALTHY, [added(_TEST_POD.replace("app: shop", "app: web"))]),
        (
            claims.claims_of_one_node_have_one_pod,
            claims.HEALTHY,
            [put(_DEPLOYMENT, "spec.strategy", {"rollingUpdate": {"maxSurge": "0%", "maxUnavailable": 1}})],
        ),
        (
            claims.claims_of_one_node_have_one_pod,
            claims.HEALTHY,
            [put(_DEPLOYMENT, "kind", "StatefulSet"), gone("StatefulSet web", "spec.strategy")],
        ),
        (
            claims.claims_of_one_node_have_one_pod,
            claims.HEALTHY,
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
        ),
        (
            immutability.nothing_immutable_carries_a_version,
            immutability.HEALTHY,
            [
                put(_JOB, "spec.template.metadata.labels[helm.sh/chart]", "a-1"),
                put(_JOB, "metadata.name", "prepare-12"),
            ],
        ),
        (
            immutability.nothing_immutable_carries_a_version,
            immutability.HEALTHY,
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
            monitors.monitors_find_their_ports,
            monitors.HEALTHY,
            [put("ServiceMonitor nodes", "spec.namespaceSelector", {"any": True})],
        ),
        (
            monitors.monitors_find_their_ports,
            monitors.HEALTHY,
            [put("ServiceMonitor web", "spec.endpoints", [{"path": "/metrics"}])],
        ),
        (
            monitors.fields_of_monitors_hold_what_belongs_there,
            monitors.HEALTHY,
            [
                put("ServiceMonitor web", "spec.endpoints[0].scrapeTimeout", "60s"),
                put("ServiceMonitor nodes", "spec.endpoints[0].scrapeTimeout", "5m"),
                put("PodMonitor web", "spec.podMetricsEndpoints[0]", {"interval": "", "scrapeTimeout": "10 s"}),
            ],
        ),
        (services.services_find_only_pods_that_listen, services.SHARED, [added(_TEST_POD)]),
        # Istio's injector puts its own image, and ports, there.
        (
            services.target_numbers_are_declared,
            release.HEALTHY,
            [
                put("Service web", "spec.ports[http].targetPort", 15021),
                put(_DEPLOYMENT, "spec.template.spec.containers[web].image", "auto"),
            ],
        ),
        (images.images_are_pinned, pod.HEALTHY, [put(_DEPLOYMENT, f"{pod.WEB}.image", "auto")]),
        # Nobody says which ports are open.
        (
            services.services_find_only_pods_that_listen,
            services.SHARED,
            [
                put("Service web", "spec.selector", {"app": "shop"}),
                gone(_DEPLOYMENT, "spec.template.spec.containers[web].ports"),
                gone("Deployment worker", "spec.template.spec.containers[worker].ports"),
            ],
        ),
        # The program, or the cluster, puts the name together.
        *(
            (
                calls.called_hosts_of_the_release_are_services,
                calls.HEALTHY,
                [put("Deployment release-name-web", "spec.template.spec.containers[web].args[0]", argument)],
            )
            for argument in (
                "http://release-name-web-{0...15}.release-name-cache/export",
                "http://release-name-web-$(ORDINAL):9000",
                "--peers=http://release-name-web-%d",
            )
        ),
        (
            calls.called_ports_are_of_their_service,
            calls.HEALTHY,
            [
                put(
                    "Deployment release-name-web",
                    "spec.template.spec.containers[web].args[1]",
                    "http://release-name-search:$(RELEASE_NAME_SEARCH_SERVICE_PORT)",
                )
            ],
        ),
        # Nobody waits for its pods, and it goes together with the account.
        (hook_order.hooks_find_what_they_need, hook_order.HEALTHY, [added(_PULLER_ACCOUNT), added(_PULLER)]),
        (namespaces.all_objects_name_the_namespace_or_none, namespaces.NAMED, [added(_CRD)]),
        (namespaces.all_objects_name_the_namespace_or_none, namespaces.NAMED, [added(_ISSUER)]),
        (namespaces.all_objects_name_the_namespace_or_none, namespaces.HEALTHY, []),
        # A lock of another kind, a role that allows everything, no role of the release's own, and nobody to elect.
        (
            leaders.leaders_may_hold_their_lease,
            leaders.HEALTHY,
            [put("Role web", "rules", [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]}])],
        ),
        (
            leaders.leaders_may_hold_their_lease,
            leaders.HEALTHY,
            [put("Role web", "rules", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["create", "update"]}])],
        ),
        (
            leaders.leaders_may_hold_their_lease,
            leaders.HEALTHY,
            [put("RoleBinding web", "roleRef.name", "edit"), put("RoleBinding web", "roleRef.kind", "ClusterRole")],
        ),
        (leaders.leaders_may_hold_their_lease, leaders.HEALTHY, [put("RoleBinding web", "subjects", [])]),
        (
            leaders.leaders_may_hold_their_lease,
            leaders.HEALTHY,
            [
                put("Role web", "rules", []),
                put("Deployment web", "spec.template.spec.containers[web].args", ["--leader-elect=false"]),
            ],
        ),
        (
            leaders.leaders_may_hold_their_lease,
            leaders.HEALTHY,
            [
                put(
                    "Deployment web",
                    "spec.template.spec.containers[web].args",
                    ["--leader-elect", "--leader-election-namespace", "default"],
                )
            ],
        ),
        # A part that is off, one that is listed beside what it is near to, another operator, and short ones.
        *(
            (selectors.listed_labels_are_spelt_right, release.HEALTHY, [_selects("tier", operator, values)])
            for operator, values in (
                ("In", ["front", "backend"]),
                ("In", ["front", "fronts"]),
                ("NotIn", ["fornt"]),
                ("In", []),
                ("In", {"front": "fornt"}),
            )
        ),
        (selectors.listed_labels_are_spelt_right, release.HEALTHY, [_selects("of-nodes", "In", ["fornt"])]),
        # As many pods as somebody wants, pods of another number to begin with, and what is no pod of it.
        (stateful_sets.called_pods_are_there, release.HEALTHY, [_CALLS_7, put(_DATA, "spec.replicas", 0)]),
        (stateful_sets.called_pods_are_there, release.HEALTHY, [_CALLS_7, added(_SCALED_DATA)]),
        (
            stateful_sets.called_pods_are_there,
            release.HEALTHY,
            [_CALLS_7, put(_DATA, "spec.ordinals", {"start": 7})],
        ),
        (
            stateful_sets.called_pods_are_there,
            release.HEALTHY,
            [
                put(
                    "Deployment web",
                    f"{release.WEB}.args",
                    ["--a=more-data-7.data", "--b=data-7.database"],
                )
            ],
        ),
    ],
)
def test_it_stays_green(policy: Policy, manifests: str, edits: list[Edit]) -> None:
    rendering = literal_rendering(manifests)
    for edit in edits:
        rendering = edit.apply(rendering)
    assert [check for check in checks_of(policy, [rendering]) if not check.passed] == []


def test_what_values_give_as_a_whole_is_not_the_charts_to_name() -> None:
    given = added("{apiVersion: v1, kind: Secret, metadata: {name: given}}", template="literal/templates/more.yaml")
    rendering = given.apply(literal_rendering(namespaces.NAMED))
    policy = namespaces.all_objects_name_the_namespace_or_none
    for text, passed in (("kind: Secret # {{ .Values.extra }}", False), ("{{ tpl .Values.a.extraObjects . }}", True)):
        chart = dataclasses.replace(rendering.chart, templates={"templates/more.yaml": text})
        [check] = checks_of(policy, [dataclasses.replace(rendering, chart=chart)])
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
    ],
)
def test_rights_that_somebody_else_gives(default: dict[str, Any], given: dict[str, Any], passed: bool) -> None:
    rendering = put("Deployment worker", "spec.template.spec.serviceAccountName", "idler").apply(
        literal_rendering(rbac.HEALTHY)
    )
    chart = dataclasses.replace(rendering.chart, defaults=default)
    scenario = dataclasses.replace(rendering.scenario, values=given)
    checks = checks_of(
        rbac.tokens_are_mounted_where_used, [dataclasses.replace(rendering, chart=chart, scenario=scenario)]
    )
    assert all(check.passed for check in checks) is passed


_MAKES_PODS = (
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a},"
    ' rules: [{apiGroups: [""], resources: [pods], verbs: [%s]}]}'
)


@pytest.mark.parametrize(
    ("labels", "verb", "passed"),
    [
        ({"runner.example.com/kind": "worker"}, "create", True),
        # It makes none; or a pod of the release has the key or the value, so that it is meant.
        ({"runner.example.com/kind": "worker"}, "list", False),
        ({"app": "worker"}, "create", False),
        ({"runner.example.com/kind": "web"}, "create", False),
    ],
)
def test_pods_that_a_program_makes_have_labels_of_their_own(labels: dict[str, str], verb: str, passed: bool) -> None:
    selects = put("Service web", "spec.selector", labels)
    rendering = added(_MAKES_PODS % verb).apply(selects.apply(literal_rendering(release.HEALTHY)))
    checks = checks_of(services.service_selectors_find_pods, [rendering])
    assert [check.passed for check in checks if check.subject.startswith("Service default/web ")] == [passed]


@pytest.mark.parametrize("policy", [services.service_selectors_find_pods, protection.pod_selectors_find_pods])
@pytest.mark.parametrize(("pods", "found"), [([_TEST_POD], 0), ([_TEST_POD, _WORKER], 1)], ids=["none", "another"])
def test_a_release_without_pods_leads_to_those_of_another(policy: Policy, pods: list[str], found: int) -> None:
    rendering = literal_rendering("{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selector: {app: a}}}")
    for manifest in (_BUDGET, *pods):
        rendering = added(manifest).apply(rendering)
    assert [check.passed for check in checks_of(policy, [rendering])] == [False] * found
