"""What an upgrade takes away without breaking an object: nodes, labels, rights, ways in, time to end."""

from __future__ import annotations

import pytest

from tests.review.object_pairs import of, paired, shown

POD = "spec.template.spec"
CONTAINER = f"{POD}.containers[0]"
RBAC, NETWORKING = "rbac.authorization.k8s.io/v1", "networking.k8s.io/v1"
VIEW = "rbac.authorization.k8s.io/aggregate-to-view"
HOST = "spec: {rules: [{host: a, http: {paths: [PATH]}}]}"
EXTERNAL = "spec: {target: {name: login}, data: [{secretKey: user}, {secretKey: pass}]}"
ALL = "defaultBackend: {service: {name: b}}"
Expected = dict[str, tuple[str, str]]


def _pod(inside: str = "", container: str = "name: a", kind: str = "Deployment", beside: str = "") -> str:
    spec = f"spec: {{template: {{spec: {{containers: [{{{container}}}]{inside}}}}}{beside}}}"
    return of(kind, spec, "apps/v1")


def _service(inside: str, notes: str = "{}") -> str:
    return of("Service", f"spec: {{{inside}}}", meta=f"name: web, annotations: {notes}")


def _ingress(inside: str, notes: str = "{}") -> str:
    return of("Ingress", f"spec: {{{inside}}}", NETWORKING, f"name: web, annotations: {notes}")


def _path(path: str, sort: str) -> str:
    return of("Ingress", HOST.replace("PATH", f"{{path: {path}, pathType: {sort}}}"), NETWORKING)


def _labelled(labels: str, kind: str = "ServiceMonitor", version: str = "monitoring.coreos.com/v1") -> str:
    return of(kind, "spec: {}", version, f"name: web, labels: {labels}")


def _route(parents: str) -> str:
    return of("HTTPRoute", f"spec: {{parentRefs: [{parents}]}}", "gateway.networking.k8s.io/v1")


def _security(context: str) -> str:
    return _pod(container=f"name: a, securityContext: {context}")


def _affinity(rules: str, when: str = "requiredDuringSchedulingIgnoredDuringExecution") -> str:
    return _pod(f", affinity: {{podAntiAffinity: {{{when}: [{rules}]}}}}")


def _policy(rule: str) -> str:
    return of("NetworkPolicy", f"spec: {{podSelector: {{}}, ingress: [{{{rule}}}]}}", NETWORKING)


def _asked(rules: str) -> str:
    group = "admissionregistration.k8s.io/v1"
    return of("ValidatingWebhookConfiguration", f"webhooks: [{{name: a, rules: [{rules}]}}]", group)


RULE = "{apiGroups: [a], apiVersions: [v1], resources: [b], operations: [CREATE]}"
JOB = "apiVersion: batch/v1, kind: Job, metadata: {name: m, annotations: {helm.sh/hook: post-upgrade}}"
SHOWN: list[tuple[str, str, str, Expected]] = [
    (
        "a taint is no longer tolerated",
        _pod(", tolerations: [{operator: Exists}]"),
        _pod(", tolerations: [{key: a, operator: Exists}]"),
        {"scheduling_narrowed": ("caution", f"{POD}.tolerations[0].key")},
    ),
    (
        "a label that nodes must have",
        _pod(),
        _pod(", nodeSelector: {disk: ssd}"),
        {"scheduling_narrowed": ("caution", f"{POD}.nodeSelector")},
    ),
    (
        "a rule about pods beside it",
        _affinity("{weight: 1}", "preferredDuringSchedulingIgnoredDuringExecution"),
        _affinity("{topologyKey: host}"),
        {
            "scheduling_narrowed": (
                "caution",
                f"{POD}.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution",
            )
        },
    ),
    (
        "pods that must be spread",
        _pod(),
        _pod(", topologySpreadConstraints: [{topologyKey: zone, maxSkew: 1, whenUnsatisfiable: DoNotSchedule}]"),
        {"scheduling_narrowed": ("caution", f"{POD}.topologySpreadConstraints")},
    ),
    (
        "no priority",
        _pod(", priorityClassName: high"),
        _pod(),
        {"scheduling_narrowed": ("caution", f"{POD}.priorityClassName")},
    ),
    (
        "a label of a monitor",
        _labelled("{app: a, release: prometheus}"),
        _labelled("{app: a}"),
        {"label_removed": ("caution", "metadata.labels.release")},
    ),
    (
        "a label of a dashboard",
        _labelled("{grafana_dashboard: '1'}", "ConfigMap", "v1"),
        _labelled("{}", "ConfigMap", "v1"),
        {"label_removed": ("caution", "metadata.labels")},
    ),
    (
        "a role that nobody takes in",
        of("ClusterRole", "rules: []", RBAC, f"name: a, labels: {{{VIEW}: 'true'}}"),
        of("ClusterRole", "rules: []", RBAC, "name: a"),
        {"rbac_narrowed": ("caution", "metadata.labels")},
    ),
    (
        "a role that others take in",
        of("ClusterRole", "rules: []", RBAC, "name: a"),
        of("ClusterRole", "rules: []", RBAC, f"name: a, labels: {{{VIEW}: 'true'}}"),
        {"rbac_widened": ("danger", "metadata.labels")},
    ),
    (
        "an image that nobody may change",
        _pod(),
        _security("{readOnlyRootFilesystem: true}"),
        {"security_tightened": ("caution", f"{POD}.containers[a].securityContext")},
    ),
    (
        "no capabilities",
        _pod(),
        _security("{capabilities: {drop: [ALL]}}"),
        {"security_tightened": ("caution", f"{POD}.containers[a].securityContext")},
    ),
    (
        "no network of the node",
        _pod(", hostNetwork: true"),
        _pod(),
        {"security_tightened": ("caution", f"{POD}.hostNetwork")},
    ),
    (
        "no token",
        of("ServiceAccount", "secrets: []"),
        of("ServiceAccount", "automountServiceAccountToken: false"),
        {"security_tightened": ("caution", "automountServiceAccountToken")},
    ),
    (
        "another address",
        _service("type: LoadBalancer, loadBalancerIP: 192.0.2.1"),
        _service("type: LoadBalancer"),
        {"unexposed": ("caution", "spec.loadBalancerIP")},
    ),
    (
        "another pool of addresses",
        _service("type: LoadBalancer", "{metallb.io/address-pool: a}"),
        _service("type: LoadBalancer", "{metallb.io/address-pool: b}"),
        {"unexposed": ("caution", "metadata.annotations[metallb.io/address-pool]")},
    ),
    (
        "a load balancer that is internal",
        _service("type: LoadBalancer"),
        _service("type: LoadBalancer", "{cloud.google.com/load-balancer-type: Internal}"),
        {"unexposed": ("caution", "metadata.annotations")},
    ),
    (
        "another port of the nodes",
        _service("type: NodePort, ports: [{port: 80, nodePort: 30080}]"),
        _service("type: NodePort, ports: [{port: 80, nodePort: 30090}]"),
        {"unexposed": ("caution", "spec.ports[80].nodePort")},
    ),
    (
        "a Service without an address for everybody",
        _service("clusterIP: None"),
        _service("type: LoadBalancer"),
        {"immutable": ("danger", "spec.clusterIP"), "exposed": ("danger", "spec.type")},
    ),
    (
        "another class of an annotation",
        _ingress("rules: []", "{kubernetes.io/ingress.class: a}"),
        _ingress("rules: []", "{kubernetes.io/ingress.class: b}"),
        {"unexposed": ("caution", "metadata.annotations[kubernetes.io/ingress.class]")},
    ),
    (
        "the class moves from an annotation to the spec",
        _ingress("rules: []", "{kubernetes.io/ingress.class: a}"),
        _ingress("ingressClassName: a", "{}"),
        {"unexposed": ("note", "spec.ingressClassName")},
    ),
    (
        "the certificate of another Secret",
        _ingress("tls: [{hosts: [a], secretName: b}]"),
        _ingress("tls: [{hosts: [a], secretName: c}]"),
        {"unexposed": ("caution", "spec.tls[0].secretName")},
    ),
    (
        "a certificate that is made anew",
        _ingress("tls: [{hosts: [a], secretName: b}]", "{cert-manager.io/issuer: a}"),
        _ingress("tls: [{hosts: [a], secretName: c}]", "{cert-manager.io/issuer: a}"),
        {"unexposed": ("note", "spec.tls[0].secretName")},
    ),
    (
        "who is not on a list",
        _ingress("rules: []"),
        _ingress("rules: []", "{nginx.ingress.kubernetes.io/whitelist-source-range: 10.0.0.0/8}"),
        {"unexposed": ("caution", "metadata.annotations")},
    ),
    (
        "only the path itself",
        _path("/a", "Prefix"),
        _path("/a", "Exact"),
        {"unexposed": ("caution", "spec.rules[a].http.paths[/a].pathType")},
    ),
    (
        "what the controller likes",
        _path("/a", "Prefix"),
        _path("/a", "ImplementationSpecific"),
        {"routing_changed": ("caution", "spec.rules[a].http.paths[/a].pathType")},
    ),
    ("no class", _ingress("rules: []"), _ingress("rules: [], ingressClassName: null"), {}),
    (
        "a path that falls to what all others lead to",
        _ingress(f"{ALL}, rules: [{{host: a, http: {{paths: [{{path: /c, backend: {{service: {{name: d}}}}}}]}}}}]"),
        _ingress(ALL),
        {"unexposed": ("caution", "spec.rules")},
    ),
    ("all of a host", _path("/", "Prefix"), _path("/", "ImplementationSpecific"), {}),
    (
        "no pattern",
        _path('"/a(/|$)(.*)"', "ImplementationSpecific"),
        _path('"/a(/|$)(.*)"', "Prefix"),
        {"unexposed": ("caution", "spec.rules[a].http.paths[/a(/|$)(.*)].pathType")},
    ),
    (
        "another Gateway",
        _route("{name: public}"),
        _route("{name: internal}"),
        {"unexposed": ("caution", "spec.parentRefs[internal]")},
    ),
    (
        "another rule of Traefik",
        of("IngressRoute", "spec: {routes: [{match: Host(`a`)}]}", "traefik.io/v1alpha1"),
        of("IngressRoute", "spec: {routes: [{match: Host(`b`)}]}", "traefik.io/v1alpha1"),
        {"unexposed": ("caution", "spec.routes[0].match")},
    ),
    (
        "a new Ingress",
        "",
        _ingress("tls: [{hosts: [a]}], rules: [{host: a, http: {paths: [{path: /}]}}]"),
        {"exposed": ("caution", ""), "resource_added": ("note", "")},
    ),
    (
        "a new Ingress without TLS",
        "",
        _ingress("rules: [{host: a, http: {paths: [{path: /}]}}]"),
        {"exposed": ("danger", ""), "resource_added": ("note", "")},
    ),
    (
        "a key that no longer comes from a vault",
        of("ExternalSecret", EXTERNAL, "external-secrets.io/v1"),
        of("ExternalSecret", EXTERNAL.replace("user", "name"), "external-secrets.io/v1"),
        {"secret_key_removed": ("danger", "spec.data[name]")},
    ),
    (
        "a Secret of another name",
        of("Certificate", "spec: {secretName: a}", "cert-manager.io/v1"),
        of("Certificate", "spec: {secretName: b}", "cert-manager.io/v1"),
        {"secret_key_removed": ("danger", "spec.secretName")},
    ),
    (
        "no login at the registry",
        _pod(", imagePullSecrets: [{name: a}]"),
        _pod(),
        {"image": ("caution", f"{POD}.imagePullSecrets")},
    ),
    (
        "no login of an account",
        of("ServiceAccount", "imagePullSecrets: [{name: a}]"),
        of("ServiceAccount", "secrets: []"),
        {"image": ("caution", "imagePullSecrets")},
    ),
    (
        "less time to end",
        _pod(", terminationGracePeriodSeconds: 90"),
        _pod(),
        {"downtime": ("caution", f"{POD}.terminationGracePeriodSeconds")},
    ),
    (
        "nothing before the end",
        _pod(container="name: a, lifecycle: {preStop: {sleep: {seconds: 9}}}"),
        _pod(),
        {"downtime": ("caution", f"{POD}.containers[a].lifecycle")},
    ),
    (
        "no schedule",
        of("CronJob", "spec: {schedule: a}", "batch/v1"),
        of("CronJob", "spec: {schedule: a, suspend: true}", "batch/v1"),
        {"downtime": ("caution", "spec.suspend")},
    ),
    (
        "Traefik without TLS",
        of("IngressRoute", "spec: {routes: [{match: Host(`a`)}], tls: {}}", "traefik.io/v1alpha1"),
        of("IngressRoute", "spec: {routes: [{match: Host(`a`)}]}", "traefik.io/v1alpha1"),
        {"exposed": ("danger", "spec.tls")},
    ),
    (
        "one of two hosts without TLS",
        _ingress("tls: [{hosts: [a, b]}], rules: [{host: a}, {host: b, http: {paths: [{path: /}]}}]"),
        _ingress("tls: [{hosts: [a]}], rules: [{host: a}, {host: b, http: {paths: [{path: /}]}}]"),
        {"exposed": ("danger", "spec.tls[0].hosts[1]")},
    ),
    (
        "a webhook of more resources",
        _asked(RULE.replace("[b]", "['*']")),
        _asked(RULE.replace("[b]", "['*/*']")),
        {"webhook_hardened": ("danger", "webhooks[a].rules[0].resources[0]")},
    ),
    (
        "all but some addresses",
        _policy("from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]"),
        _policy("ports: []"),
        {"security_loosened": ("danger", "spec.ingress[0].from")},
    ),
    (
        "a webhook of more operations",
        _asked(RULE),
        _asked(RULE.replace("[CREATE]", "[CREATE, UPDATE]")),
        {"webhook_hardened": ("danger", "webhooks[a].rules[0].operations[1]")},
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), [row[1:] for row in SHOWN], ids=[row[0] for row in SHOWN])
def test_what_is_taken_away(before: str, after: str, expected: Expected) -> None:
    assert shown(paired(before, after)) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_pod(", tolerations: [{key: a, value: b}]"), _pod(", tolerations: [{key: a, operator: Exists}]")),
        (
            _pod(", tolerations: [{key: a, value: b}, {key: c}]"),
            _pod(", tolerations: [{key: c}, {key: a, operator: Exists}]"),
        ),
        (_pod(", nodeSelector: {disk: ssd}"), _pod()),
        (_affinity("{topologyKey: a}"), _pod()),
        (
            _pod(),
            _pod(", topologySpreadConstraints: [{topologyKey: a, maxSkew: 1, whenUnsatisfiable: ScheduleAnyway}]"),
        ),
        (
            _pod(", tolerations: {a: b}, nodeSelector: [c], affinity: [d]"),
            _pod(", tolerations: e, imagePullSecrets: {}"),
        ),
        (_labelled("{app: a, helm.sh/chart: web-1.4.2}"), _labelled("{app: a, helm.sh/chart: web-1.4.3, team: b}")),
        (_labelled("{team: a}", "Service", "v1"), _labelled("{team: b}", "Service", "v1")),
        (_security("{readOnlyRootFilesystem: true}"), _security("{readOnlyRootFilesystem: true, runAsNonRoot: false}")),
        (_pod(", securityContext: {runAsNonRoot: true}"), _security("{runAsNonRoot: true}")),
        (_service("type: LoadBalancer"), _service("type: LoadBalancer, loadBalancerIP: 192.0.2.1")),
        (
            _service("type: NodePort, ports: [{port: 80, nodePort: 30080}]"),
            _service("type: NodePort, ports: [{port: 80}]"),
        ),
        (_ingress("ingressClassName: a", "{kubernetes.io/ingress.class: a}"), _ingress("ingressClassName: a")),
        (_path("/a", "Exact"), _path("/a", "Prefix")),
        (_ingress("tls: [{hosts: [a, b]}]"), _ingress("tls: [{hosts: [a]}, {hosts: [b]}]")),
        (
            _ingress("tls: [{secretName: b}], rules: [{host: a.b.c, http: {paths: [{path: /}]}}]"),
            _ingress("tls: [{hosts: ['*.b.c'], secretName: b}], rules: [{host: a.b.c, http: {paths: [{path: /}]}}]"),
        ),
        (
            of("Route", "spec: {tls: {termination: edge, insecureEdgeTerminationPolicy: Redirect}}"),
            of("Route", "spec: {tls: {termination: edge}}"),
        ),
        (_path("/a/b", "Prefix"), _path("/a", "Prefix")),
        (
            _ingress(
                f"{ALL}, rules: [{{host: a, http: {{paths: [{{path: /c, backend: {{service: {{name: b}}}}}}]}}}}]"
            ),
            _ingress(ALL),
        ),
        (_route("{name: a}"), _route("{group: gateway.networking.k8s.io, kind: Gateway, namespace: shop, name: a}")),
        (
            of("ExternalSecret", EXTERNAL, "a/v1"),
            of("ExternalSecret", EXTERNAL.replace("[", "[{secretKey: b}, "), "a/v1"),
        ),
        (
            _pod(", imagePullSecrets: [{name: a}, {name: b}]"),
            _pod(", imagePullSecrets: [{name: b}, {name: a}, {name: c}]"),
        ),
        (_pod(", terminationGracePeriodSeconds: 30"), _pod()),
        (_asked(RULE.replace("[CREATE]", "['*']")), _asked(f"{RULE}, {RULE.replace('CREATE', 'UPDATE')}")),
        (_asked(RULE.replace("[b]", "['*/*']")), _asked(RULE.replace("[b]", "[pods, pods/eviction]"))),
        (_asked(RULE.replace("[b]", "['pods/*']")), _asked(RULE.replace("[b]", "[pods/eviction]"))),
        (_path("/a", "Exact"), _path("/a", "ImplementationSpecific")),
        (
            _policy("from: [{ipBlock: {cidr: 0.0.0.0/0}}]"),
            _policy("from: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}]"),
        ),
        (_policy("from: [{ipBlock: {cidr: 0.0.0.0/0}}]"), _policy("ports: []")),
        (_asked(f"{RULE}, {RULE.replace('CREATE', 'UPDATE')}"), _asked(RULE.replace("[CREATE]", "[UPDATE, CREATE]"))),
        (
            f"{{{JOB}, spec: {{template: {{metadata: {{labels: {{helm.sh/chart: web-1.4.2}}}}}}}}}}",
            f"{{{JOB}, spec: {{template: {{metadata: {{labels: {{helm.sh/chart: web-1.4.3}}}}}}}}}}",
        ),
    ],
)
def test_what_takes_nothing_away(before: str, after: str) -> None:
    assert shown(paired(before, after)) == {}
