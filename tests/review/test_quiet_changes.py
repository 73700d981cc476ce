"""Changes of one word that no API refuses: accounts, hooks, load balancers, bounds, protocols, entries of a store."""

from __future__ import annotations

import pytest

from tests.review.object_pairs import risks_told

NGINX, TYPE = "nginx.ingress.kubernetes.io", "service.beta.kubernetes.io/aws-load-balancer-type"
TARGET = "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type"
RBAC = "rbac.authorization.k8s.io/v1"
MADE = "\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {}}"
CLAIMED = "volumes: [{name: v, persistentVolumeClaim: {claimName: q}}]"
CLAIM = "spec: {accessModes: [ReadWriteOnce]}"
ROLES = f"""
---
{{apiVersion: {RBAC}, kind: Role, metadata: {{name: r}}, rules: [{{apiGroups: [""], resources: [pods], verbs: [get]}}]}}
---
{{apiVersion: {RBAC}, kind: RoleBinding, metadata: {{name: r}}, roleRef: {{kind: Role, name: r}},
  subjects: [{{kind: ServiceAccount, name: own}}]}}
"""


def _of(kind: str, inside: str, version: str = "v1", notes: str = "") -> str:
    return f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: web, annotations: {{{notes}}}}}, {inside}}}"


def _pod(beside: str = "", container: str = "") -> str:
    pod = f"{{containers: [{{name: a{container}}}]{beside}}}"
    return _of("Deployment", f"spec: {{template: {{spec: {pod}}}}}", "apps/v1")


def _run_as(account: str) -> str:
    return _pod(f", serviceAccountName: {account}") + ROLES


def _folder(inside: str) -> str:
    return _pod(f", volumes: [{{name: tmp, emptyDir: {{{inside}}}}}]")


def _mode(mode: str, pod: str = "") -> str:
    return _pod(f", volumes: [{{name: v, secret: {{secretName: c{mode}}}}}]{pod}")


def _reading(key: str, name: str = "old") -> str:
    source = f"valueFrom: {{secretKeyRef: {{name: {name}, key: {key}}}}}"
    return _pod(container=f", env: [{{name: A, {source}}}, {{name: B, {source}}}]")


def _parcel(version: str, served: str = "v1") -> str:
    names, versions = "names: {kind: Parcel}", f"versions: [{{name: {served}, served: true}}]"
    definition = _of(
        "CustomResourceDefinition", f"spec: {{group: a.example, {names}, {versions}}}", "apiextensions.k8s.io/v1"
    )
    return _of("Parcel", "spec: {}", f"a.example/{version}") + "\n---\n" + definition


def _taking(routes: str) -> str:
    listener = f"{{name: a, port: 80, protocol: HTTP, allowedRoutes: {{namespaces: {{from: {routes}}}}}}}"
    return _of("Gateway", f"spec: {{gatewayClassName: a, listeners: [{listener}]}}", "gateway.networking.k8s.io/v1")


def _own(inside: str) -> str:
    return _of("Store", f"spec: {{{inside}}}", "example.com/v1")


def _hooked(moment: str, data: str) -> str:
    return _of("Secret", f"stringData: {{{data}}}", notes=f"helm.sh/hook: '{moment}'")


def _job_of(tag: str) -> str:
    pod = f"{{containers: [{{name: a, image: 'a/b:{tag}', args: [echo, 'a/b:{tag}']}}]}}"
    return _of("Job", f"spec: {{template: {{spec: {pod}}}}}", "batch/v1", "helm.sh/hook: pre-upgrade")


def _claim(notes: str) -> str:
    return _of("PersistentVolumeClaim", CLAIM, notes=notes)


def _ingress(field: str, value: str = "") -> str:
    return _of("Ingress", "spec: {}", "networking.k8s.io/v1", value and f"a: b, {NGINX}/{field}: '{value}'")


def _balancer(notes: str, sort: str = "LoadBalancer") -> str:
    return _of("Service", f"spec: {{type: {sort}, ports: [{{port: 80}}]}}", notes=f"a: b{notes}")


def _port(protocol: str) -> str:
    return _of("Service", f"spec: {{ports: [{{port: 80, name: a{protocol}}}]}}")


def _entry(key: str, store: str = "vault") -> str:
    data = f"data: [{{secretKey: password, remoteRef: {{key: {key}}}}}]"
    return _of("ExternalSecret", f"spec: {{secretStoreRef: {{name: {store}}}, {data}}}", "external-secrets.io/v1")


def _route(section: str) -> str:
    return _of(
        "HTTPRoute", f"spec: {{parentRefs: [{{name: a, sectionName: {section}}}]}}", "gateway.networking.k8s.io/v1"
    )


def _followed(inside: str) -> str:
    return _of("ExternalSecret", f"spec: {{secretStoreRef: {{name: a}}, {inside}}}", "external-secrets.io/v1")


def _topic(partitions: int) -> str:
    return _of("KafkaTopic", f"spec: {{partitions: {partitions}}}", "kafka.strimzi.io/v1beta2")


def _pulled(policy: str, tag: str) -> str:
    return _pod(container=f", image: 'a/b:{tag}'{policy}")


def _cron(policy: str) -> str:
    return _of("CronJob", f"spec: {{schedule: '* * * * *', concurrencyPolicy: {policy}}}", "batch/v1")


def _scaled(counts: str) -> str:
    return _of("ScaledObject", f"spec: {{scaleTargetRef: {{name: a}}{counts}}}", "keda.sh/v1alpha1")


def _monitor(endpoint: str) -> str:
    return _of("PodMonitor", f"spec: {{podMetricsEndpoints: [{{{endpoint}}}]}}", "monitoring.coreos.com/v1")


def _dashboard(uid: str) -> str:
    return _of("ConfigMap", f'data: {{a.json: \'{{"uid": "{uid}", "panels": []}}\'}}')


def _shown(path: str, items: str = "", more: str = "") -> str:
    volume = f", volumes: [{{name: v, configMap: {{name: c{items}}}}}]"
    return _pod(volume, f", volumeMounts: [{{name: v, mountPath: {path}}}]{more}")


def _default(kind: str, value: str) -> str:
    group = {"StorageClass": "storageclass.kubernetes.io", "IngressClass": "ingressclass.kubernetes.io"}[kind]
    return _of(kind, "spec: {}", notes=f"a: b, {group}/is-default-class: '{value}'")


def _gateway(sort: str, secret: str) -> str:
    listener = f"{{name: a, port: 443, protocol: HTTPS, tls: {{certificateRefs: [{{name: {secret}}}]}}}}"
    return _of(
        "Gateway", f"spec: {{gatewayClassName: {sort}, listeners: [{listener}]}}", "gateway.networking.k8s.io/v1"
    )


def _virtual(prefix: str) -> str:
    http = f"http: [{{match: [{{uri: {{prefix: {prefix}}}}}]}}]"
    return _of("VirtualService", f"spec: {{hosts: [a.example], gateways: [public], {http}}}", "networking.istio.io/v1")


def _zoned(zone: str) -> str:
    return _of("CronJob", f"spec: {{schedule: '* * * * *', timeZone: {zone}}}", "batch/v1")


def _job(more: str) -> str:
    return _of("Job", f"spec: {{backoffLimit: 3{more}}}", "batch/v1", "helm.sh/hook: pre-upgrade")


def _served(selector: str, labels: str) -> str:
    pod = f"{{metadata: {{labels: {{{labels}}}}}, spec: {{containers: [{{name: a}}]}}}}"
    workload = _of("Deployment", f"spec: {{template: {pod}}}", "apps/v1")
    return f"{_of('Service', f'spec: {{selector: {{{selector}}}, ports: [{{port: 80}}]}}')}\n---\n{workload}"


def _summed(notes: str) -> str:
    reads = "envFrom: [{configMapRef: {name: c}}]"
    pod = f"{{metadata: {{annotations: {{{notes}}}}}, spec: {{containers: [{{name: a, {reads}}}]}}}}"
    return _of("Deployment", f"spec: {{template: {pod}}}", "apps/v1")


def _storing(kind: str, volumes: str, more: str = "") -> str:
    pod = f"{{containers: [{{name: a, volumeMounts: [{{name: v, mountPath: /q}}]{more}}}], {volumes}}}"
    return _of(kind, f"spec: {{template: {{spec: {pod}}}}}", "apps/v1")


STAYS = "it was a hook, which is still there: Helm refuses to take over what it did not make with the release"
MOMENT = "hook_changed caution it runs at another moment, or is deleted at another"
OTHER = "unexposed caution another load balancer is made, with another address"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (_run_as("own"), _run_as("default"),
         ["rbac_narrowed caution its pods are default now, and not own: they may no longer get pods"]),
        (_run_as("other"), _run_as("own"),
         ["rbac_widened danger its pods are own now, and not other: they may get pods"]),
        (_claim("helm.sh/hook: pre-install"), _claim("a: b"), [f"immutable danger {STAYS}", MOMENT]),
        (_claim("helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-succeeded"), _claim("a: b"), [MOMENT]),
        (_ingress("proxy-body-size", "8m"), _ingress("proxy-body-size"),
         ["routing_changed caution what is larger than 1m is refused, and was beyond 8m"]),
        (_ingress("proxy-body-size", "0"), _ingress("proxy-body-size", "1g"),
         ["routing_changed caution what is larger than 1g is refused, and was beyond 0"]),
        (_ingress("proxy-read-timeout", "600"), _ingress("proxy-read-timeout", "90"),
         ["routing_changed caution an answer that takes longer than 90 s is cut off, and was beyond 600"]),
        (_balancer(f", {TYPE}: nlb"), _balancer(f", {TYPE}: external"), [OTHER]),
        (_balancer(""), _balancer(f", {TYPE}: external"), [OTHER]),
        (_port(""), _port(", protocol: UDP"), ["port_removed caution it takes UDP now, and no longer TCP"]),
        (_folder(""), _folder("sizeLimit: 16Mi"),
         ["limits_changed caution with more than 16Mi in tmp, its pods are evicted"]),
        (_folder(""), _folder("medium: Memory"), ["limits_changed note what is in tmp counts as memory now"]),
        (_entry("a"), _entry("b"),
         ["source_changed caution password comes from vault b, which has to be there, and no longer from vault a"]),
        (_entry("a"), _entry("a", "other"),
         ["source_changed caution password comes from other a, which has to be there, and no longer from vault a"]),
        (_route("https"), _route("http"),
         ["exposed danger it is reached through http: traffic is no longer encrypted",
          ]),
        (_cron("Forbid"), _cron("Replace"),
         ["start_changed caution a run ends the one before it that is still under way"]),
        (_scaled(", maxReplicaCount: 20"), _scaled(", maxReplicaCount: 9"),
         ["downtime caution at most 9 instead of 20 pods"]),
        (_scaled(", minReplicaCount: 2"), _scaled(""), ["downtime caution at least 0 instead of 2 pods"]),
        (_monitor("port: a"), _monitor("port: a, path: /m"),
         ["label_removed caution its metrics are asked for at /m, and were at /metrics"]),
        (_pod(), _pod(container=", imagePullPolicy: Never"),
         ["image caution it is never pulled: its node has to have it"]),
        (_pod(container=", image: 'a/b:477'"), _pod(container=", image: 'a/b:479'"), ["image caution from 477 to 479"]),
        (_dashboard("one"), _dashboard("two"),
         ["label_removed caution who links to the dashboard one no longer finds it"]),
        (_port(""), _port("}], ipFamilyPolicy: RequireDualStack, externalIPs: [{"),
         ["routing_changed caution a cluster of one family of addresses refuses it"]),
        (_pod(container=", args: ['--max-conns=200']"), _pod(container=", args: ['--max-conns=20']"),
         ["limits_changed note --max-conns is 20, and was 200"]),
        (_pod(container=", env: [{name: UPLOAD_LIMIT, value: 100MB}]"),
         _pod(container=", env: [{name: UPLOAD_LIMIT, value: 1MB}]"),
         ["limits_changed note UPLOAD_LIMIT is 1MB, and was 100MB"]),
        (_shown("/etc/a"), _shown("/b"),
         ["start_changed caution the files of the ConfigMap c are at /b, and were at /etc/a"]),
        (_shown("/a") + MADE, _shown("/a", ", items: [{key: x, path: one}]") + MADE,
         ["start_changed caution of its files there is only one"]),
        (_shown("/a", ", items: [{key: x, path: one}, {key: z, path: two}]"),
         _shown("/a", ", items: [{key: x, path: one}]"), ["start_changed caution there is no longer two"]),
        (_default("StorageClass", "false"), _default("StorageClass", "true"),
         ["storage caution claims that name no class are of this one now"]),
        (_default("IngressClass", "false"), _default("IngressClass", "true"),
         ["exposed caution it serves Ingresses that name no class now"]),
        (_of("Service", "spec: {type: ExternalName, externalName: a}"),
         _of("Service", "spec: {type: ExternalName, externalName: b}"),
         ["routing_changed caution it leads to b now, and not to a"]),
        (_gateway("nginx", "c"), _gateway("istio", "c"),
         ["unexposed caution another controller serves it, at another address"]),
        (_gateway("nginx", "c"), _gateway("nginx", "d"),
         ["unexposed caution its certificate comes from d now, which has to be there"]),
        (_virtual("/"), _virtual("/app"), ["unexposed caution it no longer has a.example at public"]),
        (_of("LimitRange", "spec: {limits: [{default: {memory: 1Gi}}]}"),
         _of("LimitRange", "spec: {limits: [{default: {memory: 64Mi}}]}"),
         ["limits_changed note 1Gi before, 64Mi now"]),
        (_of("Secret", "stringData: {session: a}"), _of("Secret", "stringData: {session: b}"),
         ["login_changed caution what was set up with the old one still has it"]),
        (_zoned("Etc/UTC"), _zoned("Asia/Tokyo"),
         ["start_changed caution it runs by the time of Asia/Tokyo, and ran by that of Etc/UTC"]),
        (_job(""), _job(", activeDeadlineSeconds: 30"), ["hook_changed caution it ends in another way at pre-upgrade"]),
        (_pod(container=", args: ['--feature-gates=A=true,B=false']"),
         _pod(container=", args: ['--feature-gates=A=false,B=false']"), ["start_changed caution A is false now"]),
        (_served("a: b", "a: b"), _served("a: b, c: d", "a: b, c: d"),
         ["routing_changed caution it finds only pods that this upgrade makes: those that are there get nothing more"]),
        (_summed("checksum/config: x"), _summed(""),
         ["start_changed caution nothing restarts its pods any longer where that changes: checksum/config"]),
        (_storing("Deployment", "volumes: [{name: v, persistentVolumeClaim: {claimName: queue}}]"),
         _storing("DaemonSet", "volumes: [{name: v, emptyDir: {}}]"),
         ["resource_removed caution an upgrade deletes it",
          "data_loss danger what is on the claim queue is no longer at /q: the pod now writes to an emptyDir",
          "resource_added note it is new"]),
        (_pod(), _pod(", dnsPolicy: Default"), ["start_changed caution it no longer finds Services by their names"]),
        (_pod(), _pod(", enableServiceLinks: false"),
         ["start_changed caution no variable says any longer where Services are"]),
        (_mode(", defaultMode: 0755"), _mode(""),
         ["start_changed caution the files of the Secret c have the mode 0644, and had 0755: nobody may run them"]),
        (_mode(""), _mode(", defaultMode: 0400"),
         ["start_changed caution the files of the Secret c have the mode 0400, and had 0644: only root reads them"]),
        (_shown("/etc/a"), _shown("/b/x", more="").replace("mountPath: /b/x", "mountPath: /b/x, subPath: x"),
         ["start_changed caution the files of the ConfigMap c are at /b/x, and were at /etc/a"]),
        (_shown("/etc/a/x").replace("mountPath: /etc/a/x", "mountPath: /etc/a/x, subPath: x"), _shown("/b"),
         ["start_changed caution the files of the ConfigMap c are at /b/x, and were at /etc/a/x"]),
        (_reading("a"), _reading("b"),
         ["source_changed caution it reads the key b of the Secret old, which has to be there,"
          " and no longer the key a of the Secret old"]),
        (_reading("a"), _reading("a", "new"),
         ["source_changed caution it reads the Secret new, which has to be there, and no longer the Secret old"]),
        (_reading("a"), _reading("a", "null"),
         ["source_changed danger it names no Secret any longer, which the API server refuses; it was the Secret old"]),
        (_pod(", subdomain: old"), _pod(", subdomain: new"),
         ["routing_changed caution its pod is no longer found as old, the subdomain that it had"]),
        (_balancer(f", {TARGET}: instance"), _balancer(f", {TARGET}: ip"),
         ["routing_changed caution the load balancer sends to pods instead of nodes, or the reverse"]),
        (_of("PriorityClass", "value: 9", "scheduling.k8s.io/v1"),
         _of("PriorityClass", "value: 9, globalDefault: true", "scheduling.k8s.io/v1"),
         ["scheduling_widened caution every pod of the cluster that names no class has this priority from now on"]),
        (_pod(), _pod().replace("spec: {template", "spec: {revisionHistoryLimit: 0, template"),
         ["downtime caution none of the earlier pods is kept: a rollout that fails cannot be undone"]),
        (_pod(", securityContext: {runAsNonRoot: true}", "}, {name: b"), _pod(container="}, {name: b"),
         ["security_loosened danger it may run as root"]),
        (_pod(container="}, {name: b"), _pod(", securityContext: {runAsNonRoot: true}", "}, {name: b"),
         ["security_tightened caution it may no longer run as root"]),
        (_own("pool: {replicas: 3}"), _own("pool: {replicas: 1}"), ["downtime caution 1 instead of 3 replicas"]),
        (_job_of("1"), _job_of("1").replace("spec: {containers", "spec: {serviceAccountName: b, containers"),
         ["hook_changed caution it runs as another account at pre-upgrade"]),
        (_job_of("1.0.0"), _job_of("1.0.1"), ["image caution from 1.0.0 to 1.0.1"]),
        (_own("instances: 3"), _own("instances: 2"), ["downtime caution 2 instead of 3 instances"]),
        (_own("clusters: [{name: a}], storage: {size: 1Gi}"), _own("clusters: [{name: b}], storage: {size: 1Gi}"),
         ["data_loss danger whatever runs it may delete its volumes with it"]),
        (_hooked("pre-install", "a: b"), _hooked("pre-install", "a: b, c: d"),
         ["hook_changed caution it is made at pre-install, which whoever upgrades never comes to"]),
        (_taking("All"), _taking("Same"), ["unexposed caution routes of all namespaces are no longer taken"]),
        (_taking("Same"), _taking("All"), ["exposed caution routes of all namespaces are taken now"]),
        (_pod(container=", args: ['--tls-min-version=VersionTLS12']"),
         _pod(container=", args: ['--tls-min-version=VersionTLS10']"),
         ["exposed caution --tls-min-version is VersionTLS10, and was VersionTLS12: older clients are taken"]),
        (_own("ssl: {minVersion: TLSv1.2}"), _own("ssl: {minVersion: TLSv1.3}"),
         ["network_narrowed caution minVersion is TLSv1.3, and was TLSv1.2: older clients are refused"]),
        (_pod(container=", args: ['--proxy-image=a/proxy:1.19.0']"),
         _pod(container=", args: ['--proxy-image=a/proxy:1.20.0']"),
         ["image caution --proxy-image: from 1.19.0 to 1.20.0"]),
        (_own("image: a/b:1.2.0"), _own("image: a/b:1.3.0"), ["image caution from 1.2.0 to 1.3.0"]),
        (_own("storage: {size: 1Gi}, imageName: a/postgresql:16.4"),
         _own("storage: {size: 1Gi}, imageName: a/postgresql:17.0"), ["image danger from 16.4 to 17.0"]),
        (_own("storage: {size: 1Gi}, version: 7.17.2"), _own("storage: {size: 1Gi}, version: 8.1.0"),
         ["image danger from 7.17.2 to 8.1.0"]),
        (_followed("refreshInterval: 1h"), _followed("refreshInterval: '0'"),
         ["source_changed caution the store is read once: what changes there later no longer gets into the Secret"]),
        (_followed("target: {}"), _followed("target: {creationPolicy: Merge}"),
         ["source_changed caution it makes no Secret any longer: one has to be there"]),
        (_topic(6), _topic(3),
         ["immutable danger Kafka takes no partitions away from a topic: the operator refuses it"]),
        (_pulled("", "latest"), _pulled(", imagePullPolicy: IfNotPresent", "latest"),
         ["image caution a node that has some latest keeps it, whatever that is by now"]),
        (_cron("Allow"), _cron("Forbid"),
         ["start_changed note a run is left out while the one before it is under way"]),
        (_shown("/etc/a/x").replace("mountPath: /etc/a/x", "mountPath: /etc/a/x, subPath: x"), _shown("/etc/a"),
         ["start_changed caution the ConfigMap c hides what else the image has in /etc/a"]),
        (_storing("Deployment", CLAIMED, ", args: [--dir, /q]"),
         _storing("Deployment", CLAIMED, ", args: [--dir, /q/v2]"),
         ["data_loss danger --dir was /q on the claim q, and is /q/v2 now: it begins empty"]),
        (_pod(container=", args: ['--host=0.0.0.0']"), _pod(container=", args: ['--host=::']"),
         ["start_changed caution --host is :: now: on a node that has none of IPv6, it does not start"]),
    ],
)  # fmt: skip
def test_what_istold(before: str, after: str, told: list[str]) -> None:
    assert risks_told(before, after) == told


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_run_as("one"), _run_as("other")),
        (_mode(""), _mode(", defaultMode: 0444")),
        (_followed("refreshInterval: 1h"), _followed("refreshInterval: 60m")),
        (_followed("refreshInterval: 0s"), _followed("refreshPolicy: CreatedOnce")),
        (_topic(3), _topic(6)),
        (_pulled(", imagePullPolicy: Always", "1.4.2"), _pulled("", "1.4.2")),
        (_pulled(", imagePullPolicy: IfNotPresent", "latest"), _pulled("", "latest")),
        (_cron("Forbid"), _cron("Forbid") + "\n"),
        (_mode("", ", securityContext: {fsGroup: 1}"), _mode(", defaultMode: 0400", ", securityContext: {fsGroup: 1}")),
        (_shown("/etc/a"), _shown("/etc/a/x").replace("mountPath: /etc/a/x", "mountPath: /etc/a/x, subPath: x")),
        (_pod(), _pod(", subdomain: new")),
        (_own("image: a/b:1.2.0"), _own("image: docker.io/a/b:1.2.0")),
        (_pod(container=", args: ['--engine-path=/a']"),
         _pod(container=", env: [{name: INFLUXD_ENGINE_PATH, value: /a}]")),
        (_pod(container=", args: ['--retention=2h']"), _pod(container=", args: ['--retention.time=2h']")),
        (_own("version: 7.17.2"), _own("version: 8.1.0")),
        (_own("replicas: 1"), _own("replicas: 3")),
        (_own("clusters: [{name: a}]"), _own("clusters: [{name: b}]")),
        (_hooked("pre-install,pre-upgrade", "a: b"), _hooked("pre-install,pre-upgrade", "a: b, c: d")),
        (_own("minVersion: 1.2"), _own("minVersion: 1.3")),
        (_pod(container=", args: ['--image=a']"), _pod(container=", args: ['--image=b']")),
        (_balancer(""), _balancer(f", {TARGET}: instance")),
        (_parcel("v2", "v2"), _parcel("v2", "v2")),
        (_parcel("v1", "v2"), _parcel("v2", "v2")),
        (_pod(), _pod(", securityContext: {runAsNonRoot: false}")),
        (_served("a: b", "a: b, c: d"), _served("c: d", "a: b, c: d")),
        (_summed("checksum/config: x"), _summed("checksum/all: y")),
        (_shown("/etc/a"), _shown("/b", more=", args: ['--config=/b/x']")),
        (_default("StorageClass", "false"), _default("StorageClass", "")),
        (_gateway("nginx", "c"), _gateway("'nginx'", "c")),
        (_of("LimitRange", "spec: {limits: [{default: {memory: 1Gi}}]}"),
         _of("LimitRange", "spec: {limits: [{default: {memory: 1024Mi}}]}")),
        (_scaled(", minReplicaCount: 0"), _scaled("")),
        (_monitor("port: a"), _monitor("port: a, path: /metrics")),
        (_monitor("port: a"), _monitor("port: b, path: /m")),
        (_pod(container=", args: ['--max-conns=20']"), _pod(container=", args: ['--max-conns=200']")),
        (_pod(container=", args: ['--max-retries=2']"), _pod(container=", args: ['--max-retries=0']")),
        (_claim("helm.sh/hook: test"), _claim("helm.sh/hook: test, a: b")),
        (_ingress("proxy-body-size", "1024k"), _ingress("proxy-body-size", "1m")),
        (_ingress("proxy-body-size", "8m"), _ingress("proxy-body-size", "0")),
        (_balancer("", "ClusterIP"), _balancer(f", {TYPE}: external", "ClusterIP")),
        (_port(", protocol: TCP"), _port("")),
        (_folder("sizeLimit: 1Gi"), _folder("sizeLimit: 1024Mi")),
        (_folder("sizeLimit: 1Gi"), _folder("")),
        (_route("http"), _route("http")),
        (_pod(), _pod(", dnsPolicy: ClusterFirst, enableServiceLinks: true")),
        (_pod(", dnsPolicy: ClusterFirst"), _pod(", dnsPolicy: ClusterFirstWithHostNet")),
    ],
)  # fmt: skip
def test_what_is_near_is_not(before: str, after: str) -> None:
    assert risks_told(before, after) == []
