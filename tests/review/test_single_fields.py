"""Fields and annotations whose change says by itself what it does, and changes of them that do nothing."""

from __future__ import annotations

import pytest

from tests.review.object_pairs import of, risks_told

NGINX, ALB = "nginx.ingress.kubernetes.io", "alb.ingress.kubernetes.io"
LABELLED = "{template: {metadata: {labels: {a: b}}}}"
BESIDE = f"\n---\n{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: b}}, spec: {LABELLED}}}"
CLASS = "\n---\n{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}}"
ELSEWHERE, CONTROLLER = "requests are led in another way", "its controller is told something else"
SIGNED = "certificates are signed in another way: who trusts the old ones may refuse them"
ASKED = "requests are changed in another way before they get there, or asked for more, or for less"
DEFAULT = "storageclass.kubernetes.io/is-default-class"


def _pod(container: str = "", beside: str = "", notes: str = "") -> str:
    pod = f"{{containers: [{{name: a, image: 'x:1'{container}}}]{beside}}}"
    return of("Deployment", f"spec: {{template: {{metadata: {{annotations: {{{notes}}}}}, spec: {pod}}}}}", "apps/v1")


def _resources(inside: str) -> str:
    return _pod(f", resources: {{{inside}}}")


def _noted(kind: str, notes: str, inside: str = "spec: {}", version: str = "networking.k8s.io/v1") -> str:
    return of(kind, inside, version, f"name: web, annotations: {{{notes}}}")


def _balancer(ports: str) -> str:
    return of("Service", f"spec: {{type: LoadBalancer, ports: [{ports}]}}")


def _istio(kind: str, spec: str) -> str:
    return of(kind, f"spec: {{{spec}}}", "networking.istio.io/v1")


def _route(rule: str) -> str:
    return of("HTTPRoute", f"spec: {{rules: [{{{rule}}}]}}", "gateway.networking.k8s.io/v1")


def _certificate(spec: str) -> str:
    return of("Certificate", f"spec: {{secretName: t, {spec}}}", "cert-manager.io/v1")


def _hook(rules: str, name: str = "a.b.c") -> str:
    inside = (
        f"webhooks: [{{name: {name}, failurePolicy: Ignore, rules: [{{apiGroups: [a], apiVersions: [v1], {rules}}}]}}]"
    )
    return of("ValidatingWebhookConfiguration", inside, "admissionregistration.k8s.io/v1")


def _held(labels: str) -> str:
    return of(
        "NetworkPolicy", f"spec: {{podSelector: {{matchLabels: {{{labels}}}}}, ingress: []}}", "networking.k8s.io/v1"
    )


def _stored(first: str, second: str) -> str:
    versions = f"[{{name: v1, served: true, storage: {first}}}, {{name: v2, served: true, storage: {second}}}]"
    return of("CustomResourceDefinition", f"spec: {{group: a, versions: {versions}}}", "apiextensions.k8s.io/v1")


def _scraped(endpoint: str) -> str:
    return of("ServiceMonitor", f"spec: {{endpoints: [{{port: a{endpoint}}}]}}", "monitoring.coreos.com/v1")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        # How a pod is started, and where.
        (_pod(", workingDir: /a"), _pod(", workingDir: /b"), "start_changed caution it starts in another folder"),
        (_pod(", lifecycle: {postStart: {exec: {}}}"), _pod(),
         "start_changed caution something else is done at its start"),
        (_pod("", ", initContainers: [{name: i, restartPolicy: Always}]"), _pod("", ", initContainers: [{name: i}]"),
         "start_changed caution it has to end before the others start"),
        (_pod("", ", hostAliases: [{ip: 10.0.0.1}]"), _pod(),
         "start_changed caution names that it knew by its hosts file are gone"),
        (_pod(", args: [server]"), _pod(", args: [start]"),
         "start_changed caution it is started with start instead of server"),
        (_pod(", args: [--a=1]"), _pod(", args: [--a=1, --b=2]"),
         "start_changed caution the same image has --b now, which it may not know"),
        (_pod(), _pod("}, {name: b, image: 'docker.io/library/busybox:1'"),
         "image caution b is new, of the image docker.io/library/busybox"),
        (_pod(), _pod("", ", priorityClassName: high"),
         "scheduling_narrowed caution there has to be a PriorityClass high: without it, no pod starts"),
        (_pod("", "", "vault.hashicorp.com/role: a"), _pod("", "", "vault.hashicorp.com/role: b"),
         "label_removed caution who goes by vault.hashicorp.com/role is told b now, and was told a"),
        (_resources("requests: {memory: 1Gi}"), _resources("requests: {memory: 4Gi}"),
         "limits_changed caution 1Gi before, 4Gi now"),
        (_resources("limits: {cpu: 2}"), _resources("limits: {cpu: 500m}"),
         "limits_changed caution 2 before, 500m now"),
        (_resources("limits: {cpu: 1, a/gpu: 1}"), _resources("limits: {cpu: 1}"),
         "limits_changed caution 1 before, none now"),
        # Who gets to it, and how.
        (_balancer("{port: 80}"), _balancer("{port: 80}, {port: 9000}"),
         "exposed caution its load balancer takes 9000 too"),
        (_noted("Ingress", f"{NGINX}/enable-cors: 'true'"), _noted("Ingress", ""),
         f"routing_changed caution {CONTROLLER}"),
        (_noted("Ingress", "cert-manager.io/issuer: a"), _noted("Ingress", "cert-manager.io/issuer: b"),
         f"routing_changed caution {CONTROLLER}"),
        (_noted("Service", "konghq.com/plugins: a", version="v1"), _noted("Service", "", version="v1"),
         f"routing_changed caution {CONTROLLER}"),
        (_noted("Ingress", f"{ALB}/auth-type: oidc"), _noted("Ingress", ""),
         "exposed danger it no longer keeps anybody out"),
        (_noted("Ingress", ""), _noted("Ingress", f"{NGINX}/auth-tls-secret: a/b"),
         "unexposed caution it keeps out who does not fit a/b"),
        (_istio("VirtualService", "http: [{timeout: 9s}]"), _istio("VirtualService", "http: []"),
         f"routing_changed caution {ELSEWHERE}"),
        (_istio("Gateway", "selector: {istio: a}"), _istio("Gateway", "selector: {istio: b}"),
         "routing_changed caution other pods serve it"),
        (_route("backendRefs: [{name: a}]"), _route("backendRefs: [{name: b}]"),
         "routing_changed caution requests go elsewhere, or others of them"),
        (_route("filters: [{type: ExtensionRef, extensionRef: {name: a}}]"), _route(""),
         f"routing_changed caution {ASKED}"),
        (_certificate("dnsNames: [a, b]"), _certificate("dnsNames: [a]"), "unexposed caution it no longer names b"),
        (_certificate("issuerRef: {name: a}"), _certificate("issuerRef: {name: b}"), f"unexposed caution {SIGNED}"),
        (_held("a: b") + BESIDE, _held("a: c") + BESIDE,
         "security_loosened danger it no longer holds back Deployment shop/b"),
        (_held("a: c") + BESIDE, _held("a: b") + BESIDE,
         "network_narrowed caution it holds back Deployment shop/b now"),
        # What others count on.
        (_hook("resources: [pods, jobs], operations: [CREATE]"), _hook("resources: [pods], operations: [CREATE]"),
         "security_loosened caution it is no longer asked about jobs: they pass as they are"),
        (_stored("true", "false"), _stored("false", "true"),
         "crd_narrowed caution objects are stored as v2 from now on, and were as v1: there is no simple way back"),
        (_scraped(""), _scraped(", scheme: https"),
         "label_removed caution its metrics are asked for in another way: scheme"),
        (_noted("StorageClass", f"{DEFAULT}: 'true'", "x: y", "storage.k8s.io/v1"), _noted("StorageClass", "", "x: y",
         "storage.k8s.io/v1"),
         "storage caution claims that name no class are no longer of this one"),
        (of("ConfigMap", "data: {a.yaml: 'datasources: [{name: P, uid: p}]'}"),
         of("ConfigMap", "data: {a.yaml: 'datasources: [{name: P, uid: q}]'}"),
         "label_removed caution who links to the data source p no longer finds it"),
    ],
)  # fmt: skip
def test_what_is_told(before: str, after: str, told: str) -> None:
    assert risks_told(before, after) == [told]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_pod("", ", hostAliases: []"), _pod()),
        (_pod(), _pod(", lifecycle: {}", ", shareProcessNamespace: false")),
        (_pod(", args: [--a=1]"), _pod(", args: [--a=2]")),
        (_pod(", args: [--a=1]"), _pod(", args: [--a=1, --b=2]").replace("x:1", "x@sha256:1")),
        (_pod(), _pod("}, {name: b, image: 'x:1'")),
        (_pod() + CLASS, _pod("", ", priorityClassName: high") + CLASS),
        (_pod(), _pod("", ", priorityClassName: system-node-critical, schedulerName: default-scheduler")),
        (_pod("", "", "vault.hashicorp.com/role: a"), _pod("", "", "vault.hashicorp.com/role: 'a'")),
        (_noted("Ingress", "a: b"), _noted("Ingress", "a: c")),
        (_noted("Service", "service.beta.kubernetes.io/a: b", version="v1"), _noted("Service", "", version="v1")),
        (_route("backendRefs: [{name: a}], timeouts: {}"), _route("backendRefs: [{name: a}]")),
        (_certificate("dnsNames: [a, b]"), _certificate("dnsNames: [b, a, c]")),
        (_held("a: b"), _held("a: c")),
        (_scraped(""), _scraped(", scheme: http")),
        (_stored("true", "false"), _stored("true", "null")),
    ],
)
def test_what_is_near_is_not(before: str, after: str) -> None:
    assert [told for told in risks_told(before, after) if not told.startswith("image")] == []
