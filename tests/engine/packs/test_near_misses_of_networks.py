"""What looks like a fault of Services, their callers and their selectors, and is none: the policy stays green."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.packs.kubernetes.healthy import pod, release
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
from chartgate.policy.edits import Edit, added, gone, of_scenario, put
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import findings_of

_DEPLOYMENT, _JOB = "Deployment web", "Job prepare"
_ALERTMANAGER = "{apiVersion: monitoring.coreos.com/v1, kind: Alertmanager, metadata: {name: release-name-alerts}}"
_TEST_POD = (
    "{apiVersion: v1, kind: Pod, metadata: {name: a,"
    " annotations: {helm.sh/hook: test}, labels: {app: shop, tier: web}},"
    " spec: {containers: [{name: wget}]}}"
)
_WORKER = (
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: worker},"
    " spec: {template: {metadata: {labels: {app: worker}}, spec: {containers: [{name: worker}]}}}}"
)
_CALLED = (
    "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: web},"
    " webhooks: [{name: a.example.com, clientConfig: {service: {name: web, namespace: default, port: 80}}}]}"
)
_BUDGET = (
    "{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: a}, spec: {selector: {matchLabels: {a: b}}}}"
)


def _selects(key: str, operator: str, values: object) -> Edit:
    rule = {"key": key, "operator": operator, "values": values}
    return put("PodDisruptionBudget web", "spec.selector", {"matchExpressions": [rule]})


_DATA = "StatefulSet data"
_CALLS_7 = put("Deployment web", f"{release.WEB}.args", ["--peer=data-7.data.database.svc:5432"])
_SCALED_DATA = (
    "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: data, namespace: database},"
    " spec: {scaleTargetRef: {apiVersion: apps/v1, kind: StatefulSet, name: data}}}"
)
_MAKES_PODS = (
    "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: a},"
    ' rules: [{apiGroups: [""], resources: [pods], verbs: [%s]}]}'
)


NEAR_MISSES: list[tuple[Any, ...]] = [
    (
        services.service_selectors_find_pods,
        release.HEALTHY,
        [put("Deployment web", "kind", "Rollout")],
    ),
    (
        paths.paths_have_one_slash_at_a_time,
        paths.HEALTHY,
        # Part of a regular expression of nginx, and a path that ends with a slash.
        [put("Ingress web", "spec.rules[0].http.paths[0].path", "/shop(/|$)(.*)/")],
    ),
    (
        monitors.monitors_find_their_ports,
        monitors.HEALTHY,
        [put("ServiceMonitor web", "spec.selector", {})],
        [put("ServiceMonitor nodes", "spec.namespaceSelector", {"any": True})],
        [put("ServiceMonitor web", "spec.endpoints", [{"path": "/metrics"}])],
    ),
    (
        certificates.served_hosts_have_a_certificate,
        certificates.HEALTHY,
        # An entry for all hosts, a name for all of a domain, and no certificate at all.
        *(
            [put("Ingress other", "spec.rules[2].host", "b.example.org"), put("Ingress other", "spec.tls", tls)]
            for tls in (
                [{"secretName": "all"}],
                [{"hosts": ["shop.example.com"]}, {"hosts": ["*.example.org"]}],
                [{"hosts": ["shop.example.com"]}, {"secretName": "others"}],
                None,
            )
        ),
    ),
    (
        certificates.certificates_name_the_hosts_they_are_for,
        certificates.HEALTHY,
        # A Certificate of another namespace, and one whose names are said elsewhere.
        [put("Certificate other", "metadata.namespace", "elsewhere"), gone("Certificate other", "spec.dnsNames")],
        [put("Certificate other", "spec", {"secretName": "other-tls", "uris": ["spiffe://shop"]})],
    ),
    (
        namespace_labels.namespaces_are_selected_by_labels_that_they_have,
        namespace_labels.HEALTHY,
        # A label that the release itself gives its namespace, and a label of another name.
        [
            put(
                "NetworkPolicy web",
                "spec.ingress[0].from[0].namespaceSelector",
                {"matchLabels": {"name": "shop", "team": "name"}},
            ),
            added("{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {name: shop}}}"),
        ],
    ),
    (
        services.host_names_lead_to_services,
        pod.HEALTHY,
        # A namespace that is a value, in which the release has nothing.
        [
            put("Deployment web", f"{pod.WEB}.env", [{"name": "CA", "value": "ca.mesh-system.svc:15012"}]),
            of_scenario(values={"meshNamespace": "mesh-system"}),
        ],
        # A host that the user wrote, of a namespace in which the release has nothing.
        [
            put("Deployment web", f"{pod.WEB}.args", ["--broker=kafka-0.kafka.queues.svc.cluster.local:9093"]),
            of_scenario(overrides={"brokers": ["kafka-0.kafka.queues.svc.cluster.local:9093"]}),
        ],
    ),
    (
        calls.called_hosts_of_the_release_are_services,
        calls.HEALTHY,
        # A host of somebody else, and one of another domain that begins like a Service.
        *(
            [put("Deployment release-name-web", f"{pod.WEB}.env[DB_HOST].value", host)]
            for host in ("postgres", "db.example.com")
        ),
        # What nginx calls a group of servers.
        [
            added("{apiVersion: v1, kind: Service, metadata: {name: release-name-literal-db}}"),
            put(
                "ConfigMap release-name-web",
                "data[web.yaml]",
                "upstream literal-db {server release-name-db:5432;} proxy_pass http://literal-db;",
            ),
        ],
        # The program, or the cluster, puts the name together.
        *(
            [put("Deployment release-name-web", "spec.template.spec.containers[web].args[0]", argument)]
            for argument in (
                "http://release-name-web-{0...15}.release-name-cache/export",
                "http://release-name-web-$(ORDINAL):9000",
                "--peers=http://release-name-web-%d",
            )
        ),
    ),
    (
        monitors.fields_of_monitors_hold_what_belongs_there,
        monitors.HEALTHY,
        # Monitors of another operator, and values that are left out.
        [
            put("ServiceMonitor nodes", "apiVersion", "operator.victoriametrics.com/v1beta1"),
            put("ServiceMonitor nodes", "spec.endpoints", {"port": "metrics"}),
            put("ServiceMonitor web", "spec.endpoints[0].interval", None),
            put("ServiceMonitor web", "spec.endpoints[0].params", {"collect": ["cpu"]}),
            put("ServiceMonitor web", "spec.newField", {"a": "b"}),
        ],
        [
            put("ServiceMonitor web", "spec.endpoints[0].scrapeTimeout", "60s"),
            put("ServiceMonitor nodes", "spec.endpoints[0].scrapeTimeout", "5m"),
            put("PodMonitor web", "spec.podMetricsEndpoints[0]", {"interval": "", "scrapeTimeout": "10 s"}),
        ],
        # Brackets in texts and in comments of an expression are none.
        [
            added(
                "{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: web}, spec: {groups: "
                "[{name: web, rules: [{record: a, expr: \"sum(up{job=~'web(', a='['}) # one (\"}, "
                "{record: b, expr: 1}]}]}}"
            ),
        ],
    ),
    (
        webhooks.certificates_are_for_their_webhooks,
        webhooks.HEALTHY,
        # A certificate for all Services of the namespace, and one that says nothing of hosts.
        *(
            [put("Certificate web-tls", "spec.dnsNames", names)]
            for names in (["*.default.svc"], ["shop.example.com", "web.default.svc"], [])
        ),
    ),
    (
        selectors.workloads_share_no_pods,
        release.HEALTHY,
        # No Deployment and no StatefulSet takes over the pod of a test.
        *(
            [put(_DEPLOYMENT, "kind", kind), added(_TEST_POD.replace("app: shop", "app: web"))]
            for kind in ("Deployment", "StatefulSet")
        ),
        # Nor that of a Job.
        [
            put(
                _DEPLOYMENT,
                "spec.selector",
                {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "migrate"]}]},
            )
        ],
    ),
    (
        protection.pod_selectors_find_pods,
        release.HEALTHY,
        # Pods that a program makes, and that nobody sees here.
        [
            put("NetworkPolicy web", "spec.podSelector.matchLabels.app", "notebook"),
            added(
                "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: hub},"
                " rules: [{apiGroups: [''], resources: [pods], verbs: [get, create]}]}"
            ),
        ],
    ),
    (
        services.service_selectors_find_pods,
        release.HEALTHY,
        # Pods that an operator makes of an object of this kind, or of this name, and those of another namespace.
        *(
            [put("Service web", "spec.selector.app", label), added(_ALERTMANAGER)]
            for label in ("alertmanager", "release-name-alerts")
        ),
        [put("Service web", "spec.selector", {"k8s-app": "kube-dns"}), put("Service web", "metadata.namespace", "dns")],
        # The one pod of several that leads labels itself.
        [
            put("Service web", "spec.selector.web", "leader"),
            added(
                "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: web},"
                " rules: [{apiGroups: [''], resources: [pods], verbs: [get, patch]}]}"
            ),
        ],
    ),
    (
        services.services_find_only_pods_that_listen,
        services.SHARED,
        [added(_TEST_POD)],
        # Nobody says which ports are open.
        [
            put("Service web", "spec.selector", {"app": "shop"}),
            gone(_DEPLOYMENT, "spec.template.spec.containers[web].ports"),
            gone("Deployment worker", "spec.template.spec.containers[worker].ports"),
        ],
    ),
    (
        services.target_numbers_are_declared,
        release.HEALTHY,
        # Istio's injector puts its own image, and ports, there.
        [
            put("Service web", "spec.ports[http].targetPort", 15021),
            put(_DEPLOYMENT, "spec.template.spec.containers[web].image", "auto"),
        ],
        [
            put("Service web", "spec.ports[http].targetPort", 30776),
            put(_DEPLOYMENT, "spec.template.spec.containers[web].args", ["--tunnel-port=30776"]),
        ],
        # What a program opens for webhooks by itself.
        [put("Service web", "spec.ports[http].targetPort", 9443), added(_CALLED)],
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
    (
        selectors.listed_labels_are_spelt_right,
        release.HEALTHY,
        # A part that is off, one that is listed beside what it is near to, another operator, and short ones.
        *(
            [_selects("tier", operator, values)]
            for operator, values in (
                ("In", ["front", "backend"]),
                ("In", ["front", "fronts"]),
                ("NotIn", ["fornt"]),
                ("In", []),
                ("In", {"front": "fornt"}),
            )
        ),
        [_selects("of-nodes", "In", ["fornt"])],
    ),
    (
        stateful_sets.called_pods_are_there,
        release.HEALTHY,
        # As many pods as somebody wants, pods of another number to begin with, and what is no pod of it.
        [_CALLS_7, put(_DATA, "spec.replicas", 0)],
        [_CALLS_7, added(_SCALED_DATA)],
        [_CALLS_7, put(_DATA, "spec.ordinals", {"start": 7})],
        [
            put(
                "Deployment web",
                f"{release.WEB}.args",
                ["--a=more-data-7.data", "--b=data-7.database"],
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
