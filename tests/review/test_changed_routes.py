"""Who is led where, let in by what name, and admitted by whom; where a pod runs, and looks for its data."""

from __future__ import annotations

import json

import pytest

from tests.review.object_pairs import of, risks_told

CLAIM = "{name: v, persistentVolumeClaim: {claimName: files}}"
CONFIGURED = f", volumes: [{CLAIM}, {{name: c, configMap: {{name: web}}}}]"
DATA = "volumeMounts: [{name: v, mountPath: /data}]"
CACHED = "volumeMounts: [{name: v, mountPath: /data}, {name: t, mountPath: /data/cache}]"
NGINX = "nginx.ingress.kubernetes.io"
REWRITE = "filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /}}}]"
REDIRECT = "filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]"


def _service(spec: str) -> str:
    return of("Service", f"spec: {{{spec}}}")


def _ingress(annotations: str) -> str:
    return of("Ingress", "spec: {}", "networking.k8s.io/v1", f"name: web, annotations: {{{annotations}}}")


def _route(rules: str) -> str:
    return of("HTTPRoute", f"spec: {{rules: [{rules}]}}", "gateway.networking.k8s.io/v1")


def _pod(container: str = "", beside: str = "", kind: str = "Deployment", spec: str = "") -> str:
    pod = f"{{containers: [{{name: a{container and f', {container}'}}}]{beside}}}"
    return of(kind, f"spec: {{template: {{spec: {pod}}}{spec}}}", "apps/v1")


def _cron(spec: str) -> str:
    return of("CronJob", f"spec: {{{spec}}}", "batch/v1")


def _limits(limits: str) -> str:
    return _pod(f"resources: {{limits: {{{limits}}}}}")


def _webhook(inside: str, annotations: str = "") -> str:
    version = "admissionregistration.k8s.io/v1"
    meta = f"name: web, annotations: {{{annotations}}}"
    return of("ValidatingWebhookConfiguration", f"webhooks: [{{name: a.example.com{inside}}}]", version, meta)


def _definition(spec: str, more: str = "", served: str = "true") -> str:
    versions = f"[{{name: v1, served: true{more}}}, {{name: v2, served: {served}}}]"
    inside = f"spec: {{group: example.com, scope: Namespaced, versions: {versions}{spec}}}"
    return of("CustomResourceDefinition", inside, "apiextensions.k8s.io/v1")


def _fields(properties: str) -> str:
    return f"schema: {{openAPIV3Schema: {{type: object, properties: {{{properties}}}}}}}"


def _configured(data: str, container: str = DATA, volumes: str = CONFIGURED) -> str:
    workload = _pod(container, volumes).replace("name: web}", "name: store}", 1)
    return f"{of('ConfigMap', f'data: {{{data}}}')}\n---\n{workload}"


def _numbered(spec: str, claims: str = ", volumeClaimTemplates: [{metadata: {name: v}}]") -> str:
    return _pod(kind="StatefulSet", spec=f"{spec}{claims}")


TOLD = [
        # Who answers, and in which form a request comes.
        (_service("sessionAffinity: ClientIP"), _service("sessionAffinity: None"),
         "routing_changed caution a client no longer stays with one pod: what only that pod knows of it is lost"),
        (_service("type: LoadBalancer, externalTrafficPolicy: Local"), _service("type: LoadBalancer"),
         "routing_changed caution the program no longer sees the addresses of its clients"),
        (_service("type: NodePort"), _service("type: NodePort, externalTrafficPolicy: Local"),
         "routing_changed caution from outside, only nodes with such a pod answer"),
        (_service("ports: []"), _service("internalTrafficPolicy: Local"),
         "routing_changed caution on a node without such a pod, nobody answers"),
        (_ingress(f"{NGINX}/rewrite-target: /$2"), _ingress("a: b"),
         "routing_changed caution paths reach the program in another form"),
        (_ingress("a: b"), _ingress(f"a: b, {NGINX}/rewrite-target: /"),
         "routing_changed caution paths reach the program in another form"),
        (_ingress(f"{NGINX}/backend-protocol: HTTP"), _ingress(f"{NGINX}/backend-protocol: HTTPS"),
         "routing_changed caution the program is spoken to by another protocol"),
        (_ingress(f"{NGINX}/affinity: cookie"), _ingress(""),
         "routing_changed caution clients stay with one pod in another way"),
        (_ingress(f"{NGINX}/use-regex: 'true'"), _ingress(f"{NGINX}/use-regex: 'false'"),
         "routing_changed caution paths are read in another way"),
        (_ingress(f"{NGINX}/ssl-passthrough: 'true'"), _ingress(""),
         "routing_changed caution another one ends the encryption"),
        (_ingress("ingress.kubernetes.io/rewrite-target: /"), _ingress(""),
         "routing_changed caution paths reach the program in another form"),
        (_service("ports: [{port: 80, name: http-a}]"), _service("ports: [{port: 80, name: http-a, appProtocol: TCP}]"),
         "routing_changed caution a mesh takes it for tcp now, and took it for http"),
        (_service("ports: [{port: 80, appProtocol: kubernetes.io/h2c}]"), _service("ports: [{port: 80}]"),
         "routing_changed caution a mesh takes it for what it looks like now, and took it for http2"),
        (_route(f"{{{REWRITE}}}"), _route("{backendRefs: [{name: a}]}"),
         "routing_changed caution paths reach the program in another form"),
        (_service("type: NodePort, ports: [{port: 80}]"),
         _service("type: NodePort, ports: [{port: 80, nodePort: 30080}]"),
         "unexposed caution at every node, it was port any that was free and is 30080 now"),
        (_route(f"{{{REDIRECT}}}"), _route("{backendRefs: [{name: a}]}"),
         "exposed danger plain HTTP is no longer sent to HTTPS"),
        # By what name and word somebody is let in.
        (of("Secret", "stringData: {username: a}"), of("Secret", "stringData: {username: b}"),
         "login_changed caution what was set up with the old one still has it"),
        (of("Secret", "stringData: {dbPassword: a}"), of("Secret", "data: {dbPassword: Yg==}"),
         "login_changed caution what was set up with the old one still has it"),
        (of("Secret", "stringData: {postgres-user: a}"), of("Secret", "stringData: {postgres-user: b}"),
         "login_changed caution what was set up with the old one still has it"),
        (_pod("env: [{name: POSTGRES_USER, value: a}]"), _pod("env: [{name: POSTGRES_USER, value: b}]"),
         "login_changed caution what was set up with the old one still has it"),
        # On which nodes.
        (_pod(), _pod(beside=", tolerations: [{operator: Exists}]"),
         "scheduling_widened caution it tolerates every taint now"),
        (_pod(beside=", tolerations: [{key: a, operator: Exists, effect: NoSchedule}]"),
         _pod(beside=", tolerations: [{operator: Exists, effect: NoSchedule}]"),
         "scheduling_widened caution it tolerates every taint of the effect NoSchedule now"),
        (_pod(beside=", nodeSelector: {kubernetes.io/os: linux}"), _pod(),
         "scheduling_widened caution nodes of any kubernetes.io/os take it, not only linux"),
        # What it may use, how it is rolled out, when it runs.
        (_limits("memory: 256Mi"), _limits("memory: 96Mi"), "limits_changed caution 256Mi before, 96Mi now"),
        (_limits("cpu: 1"), _limits("cpu: 1, memory: 1Gi"), "limits_changed caution none before, 1Gi now"),
        (_pod(), _limits("memory: 1Gi"), "limits_changed caution none before, limits memory 1Gi now"),
        (_pod(kind="DaemonSet", spec=", updateStrategy: {rollingUpdate: {maxUnavailable: 1}}"),
         _pod(kind="DaemonSet", spec=", updateStrategy: {rollingUpdate: {maxUnavailable: '100%'}}"),
         "downtime caution all pods may be missing at a time"),
        (_pod(kind="StatefulSet"), _pod(kind="StatefulSet", spec=", updateStrategy: {rollingUpdate: {partition: 2}}"),
         "downtime caution the pods below number 2 stay as they are: the update does not reach them"),
        (_cron("concurrencyPolicy: Forbid"), _cron("schedule: '* * * * *', concurrencyPolicy: Allow"),
         "start_changed caution a run may begin while the one before it is under way"),
        (_pod("args: ['--queues=mail,default']"), _pod("args: ['--queues=default']"),
         "start_changed caution --queues no longer names mail"),
        (_pod("args: [--queues, 'mail,default', -v]"), _pod("args: [-v, --queues, default]"),
         "start_changed caution --queues no longer names mail"),
        (_pod("env: [{name: FEATURES, value: 'a=1,b=1'}]"), _pod("env: [{name: FEATURES, value: 'b=2,c=1'}]"),
         "start_changed caution FEATURES no longer names a"),
        (_pod("env: [{name: WATCH_NAMESPACE, value: ''}]"), _pod("env: [{name: WATCH_NAMESPACE, value: shop}]"),
         "start_changed caution WATCH_NAMESPACE keeps it to the namespace shop"),
        (_pod("args: [-v]"), _pod("args: [-v, --watch-namespaces=shop]"),
         "start_changed caution --watch-namespaces keeps it to the namespace shop"),
        # Where the data is.
        (_numbered(", replicas: 2"), _numbered(", replicas: 2, ordinals: {start: 1}"),
         "data_loss danger no pod has the number 0 any longer: their volumes are left behind"),
        *((_configured(f"a.conf: {json.dumps(before)}"), _configured(f"a.conf: {json.dumps(after)}"),
           f"data_loss danger {name} was /data/a on the claim files, and is /data/b now: it begins empty")
          for name, before, after in (
              ("data_dir", "x = 1\ndata_dir = /data/a\n", "x = 1\ndata_dir = /data/b\n"),
              ("dir", "dir /data/a", "dir /data/b"),
              ("dataDir", "dataDir=/data/a", "dataDir=/data/b"),
              ("store_dir", 'store_dir: "/data/a"', 'store_dir: "/data/b"'),
              ("path", "<path>/data/a</path>", "<path>/data/b</path>"),
              ("dataPath", '{"dataPath": "/data/a"}', '{"dataPath": "/data/b"}'),
              ("path.data", "x: {path.data: /data/a}", "x: {path.data: /data/b}"),
          )),
        # Who admits.
        (_webhook(", matchConditions: [{name: a, expression: 'x'}]"), _webhook(""),
         "webhook_hardened danger it is asked about every object now"),
        (_webhook(", clientConfig: {service: {path: /a}}"), _webhook(", clientConfig: {service: {path: /b}}"),
         "webhook_hardened caution it is called at /b now, and not at /a: what is not answered there is refused"),
        (_webhook("", "cert-manager.io/inject-ca-from: a/b"), _webhook(""),
         "webhook_hardened caution nobody fills in its caBundle any longer, unless its program does: without one, no"
         " call is answered"),
        (_definition(", conversion: {strategy: Webhook}"), _definition(""),
         "crd_narrowed danger its versions are no longer converted: the fields of one are lost in another"),
        (_definition("", ", subresources: {status: {}, scale: {}}"), _definition("", ", subresources: {scale: {}}"),
         "crd_narrowed danger v1 no longer has status as a part of its own: whoever writes only that gets no answer"),
        (_definition("", f", {_fields('status: {type: object}')}"),
         _definition("", f", {_fields('status: {type: object, required: [phase]}')}"),
         "crd_narrowed caution v1 is narrower: status.phase: it is required now"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "told"), TOLD)
def test_what_istold(before: str, after: str, told: str) -> None:
    assert risks_told(before, after) == [told]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_service("sessionAffinity: None"), _service("sessionAffinity: ClientIP")),
        (_service("sessionAffinity: ClientIP"),
         _service("sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 10800}}")),
        (_service("externalTrafficPolicy: Local"), _service("ports: []")),
        (_service("ports: []"), _service("externalTrafficPolicy: Local")),
        (_ingress(f"{NGINX}/use-regex: 'false'"), _ingress("")),
        (_ingress(f"{NGINX}/proxy-body-size: 8m"), _ingress(f"{NGINX}/proxy-body-size: 16m")),
        (_ingress("example.com/affinity: a"), _ingress("example.com/affinity: b")),
        (_route(f"{{{REWRITE}}}"), _route(f"{{{REWRITE}, backendRefs: [{{name: a}}]}}")),
        (_service("type: NodePort, ports: [{port: 80, nodePort: 30080}]"),
         _service("type: NodePort, ports: [{port: 80}]")),
        (_service("ports: [{port: 80}]"), _service("ports: [{port: 80}, {port: 81, name: a}]")),
        (_service("ports: [{port: 80, name: web}]"), _service("ports: [{port: 80, name: web, appProtocol: http}]")),
        (_service("ports: [{port: 80, name: http2-a}]"),
         _service("ports: [{port: 80, name: http2-a, appProtocol: kubernetes.io/h2c}]")),
        (_route(f"{{{REDIRECT}}}"), _route(f"{{{REDIRECT}, matches: [{{path: {{value: /}}}}]}}")),
        (of("Secret", "stringData: {username: a}"), of("Secret", "data: {username: YQ==}")),
        (of("Secret", "stringData: {config.yaml: a}"), of("Secret", "stringData: {config.yaml: b}")),
        (of("Secret", "stringData: {userAgent: a}"), of("Secret", "stringData: {userAgent: b}")),
        (_pod("env: [{name: RUN_AS_USERS, value: a}]"), _pod("env: [{name: RUN_AS_USERS, value: b}]")),
        (_pod(beside=", tolerations: [{operator: Exists}]"),
         _pod(beside=", tolerations: [{operator: Exists, effect: NoSchedule}, {operator: Exists}]")),
        (_pod(), _pod(beside=", tolerations: [{key: a, operator: Exists}]")),
        (_pod(beside=", nodeSelector: {disk: ssd}"), _pod()),
        (_limits("memory: 1Gi"), _limits("memory: 1024Mi")),
        (_pod(kind="DaemonSet", spec=", updateStrategy: {rollingUpdate: {maxUnavailable: '100%'}}"),
         _pod(kind="DaemonSet", spec=", updateStrategy: {rollingUpdate: {maxUnavailable: 1}}")),
        (_pod(kind="StatefulSet"), _pod(kind="StatefulSet", spec=", updateStrategy: {rollingUpdate: {partition: 0}}")),
        (_cron("concurrencyPolicy: Allow"), _cron("schedule: '1 * * * *', concurrencyPolicy: Forbid")),
        (_pod("args: ['--images=a:1,b:1']"), _pod("args: ['--images=a:2,b:2']")),
        (_pod("args: ['--queues=a,b']"), _pod("args: ['--queues=b,a,c']")),
        (_pod("args: ['--greeting=a']"), _pod("args: ['--greeting=b']")),
        (_pod("env: [{name: WATCH_NAMESPACE, value: shop}]"), _pod("env: [{name: WATCH_NAMESPACE, value: ''}]")),
        (_numbered(", replicas: 2"), _numbered(", replicas: 2, ordinals: {start: 0}")),
        (_numbered(", replicas: 2", ""), _numbered(", replicas: 2, ordinals: {start: 1}", "")),
        (_configured("a.conf: log_dir = /data/a"), _configured("a.conf: log_dir = /data/b")),
        (_configured("a.conf: dir = /srv/a"), _configured("a.conf: dir = /srv/b")),
        (_configured("a.conf: dir = /data/a/"), _configured("a.conf: dir = /data/a")),
        (_configured("a.conf: dir = /data/a", volumes=f", volumes: [{CLAIM}]"),
         _configured("a.conf: dir = /data/b", volumes=f", volumes: [{CLAIM}]")),
        (_configured("a.conf: dir = /data/cache/a", CACHED, f"{CONFIGURED[:-1]}, {{name: t, emptyDir: {{}}}}]"),
         _configured("a.conf: dir = /data/cache/b", CACHED, f"{CONFIGURED[:-1]}, {{name: t, emptyDir: {{}}}}]")),
        (_webhook(", matchConditions: [{name: a, expression: 'x'}]"),
         _webhook(", matchConditions: [{name: b, expression: ' x '}, {name: c, expression: 'y'}]")),
        (_webhook(", failurePolicy: Ignore, matchConditions: [{name: a, expression: 'x'}]"),
         _webhook(", failurePolicy: Ignore, clientConfig: {service: {path: /b}}")),
        (_webhook("", "cert-manager.io/inject-ca-from: a/b"),
         _webhook("", "cert-manager.io/inject-ca-from-secret: a/b")),
        (_webhook("", "cert-manager.io/inject-ca-from: a/b"), _webhook(", clientConfig: {caBundle: YQ==}")),
        (_definition(", conversion: {strategy: Webhook}", served="false"), _definition("", served="false")),
        (_definition(""), _definition("", ", subresources: {status: {}}")),
    ],
)  # fmt: skip
def test_what_is_near_is_not(before: str, after: str) -> None:
    assert [told for told in risks_told(before, after) if " note " not in told] == []


def _led(backend: str, port: str = "name: http", targets: str = "http") -> str:
    ports = f"{{name: http, port: 80, targetPort: {targets}}}, {{name: admin, port: 81, targetPort: 9001}}"
    service = _service(f"selector: {{app: a}}, ports: [{ports}]").replace("name: web", f"name: {backend}")
    path = f"{{path: /, backend: {{service: {{name: {backend}, port: {{{port}}}}}}}}}"
    return "---".join(
        [
            of("Ingress", f"spec: {{rules: [{{host: a.example, http: {{paths: [{path}]}}}}]}}", "networking.k8s.io/v1"),
            service,
            of(
                "Deployment",
                "spec: {template: {metadata: {labels: {app: a}}, spec: {containers: [{name: a,"
                " ports: [{name: http, containerPort: 8080}, {containerPort: 9001}]}]}}}",
                "apps/v1",
            ),
        ]
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (_led("web"), _led("web", "name: admin"), ["it leads to port 9001 now, and not to port 8080 (http)"]),
        (_led("web"), _led("web", "number: 81"), ["it leads to port 9001 now, and not to port 8080 (http)"]),
        (_led("web"), _led("web", "number: 80"), []),
        (_led("web"), _led("other"), []),
        (_led("web"), _led("web", targets="8080"), []),
        (_led("web"), _led("web", "name: gone"), []),
    ],
)
def test_to_which_port_a_path_leads(before: str, after: str, told: list[str]) -> None:
    found = [one for one in risks_told(before, after) if one.startswith("routing_changed")]
    assert found == [f"routing_changed caution {one}" for one in told]


def _reading(data: str, optional: str) -> str:
    variable = f"{{name: A, valueFrom: {{configMapKeyRef: {{name: web, key: a, optional: {optional}}}}}}}"
    return f"{of('ConfigMap', f'data: {{{data}}}')}---{_pod(f'env: [{variable}]')}"


@pytest.mark.parametrize(
    ("optional", "told"), [("true", "what reads it goes on without it"), ("false", "what reads it fails")]
)
def test_a_key_that_a_variable_may_do_without(optional: str, told: str) -> None:
    found = risks_told(_reading("a: x, b: y", optional), _reading("b: y", optional))
    assert f"config_key_removed caution {told}" in found
