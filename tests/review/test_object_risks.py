"""Changes of single objects and the classes of risk that they show; what is near shows none."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.review.risks.restarted_pods import restart_of
from tests.review.object_pairs import of, paired, risks_of, shown

CLAIM = "{name: data, persistentVolumeClaim: {claimName: files}}"
MOUNTED = "volumeMounts: [{name: data, mountPath: /data}]"
CONTENT = "persistentVolumeClaim: {claimName: files}"
HTTP = "spec: {parentRefs: [{name: a}], hostnames: [a.example.com], rules: [{matches: [{path: {value: /}}]}]}"


def _pod(pod: str, kind: str = "Deployment", beside: str = "") -> str:
    return (
        f"{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: web}}, spec: {{template: {{spec: {pod}}}{beside}}}}}"
    )


def _container(inside: str, beside: str = "") -> str:
    return _pod(f"{{containers: [{{name: a, image: 'x:1', {inside}}}]{beside}}}")


def _mounting(volume: str, mount: str = "{name: data, mountPath: /data}", beside: str = "") -> str:
    return _container(f"volumeMounts: [{mount}]{beside}", f", volumes: [{{name: data, {volume}}}]")


def _rollout(deployment: str) -> str:
    return deployment.replace("apps/v1", "argoproj.io/v1alpha1").replace("Deployment", "Rollout")


def _claiming(template: str, policy: str = "") -> str:
    claims = f", volumeClaimTemplates: [{{metadata: {{name: {template}}}, spec: {{}}}}]{policy}"
    pod = f"{{containers: [{{name: a, volumeMounts: [{{name: {template}, mountPath: /data}}]}}]}}"
    return _pod(pod, "StatefulSet", claims)


def _service(inside: str, annotations: str = "{}") -> str:
    return of("Service", f"spec: {{{inside}}}", meta=f"name: web, annotations: {annotations}")


def _ingress(hosts: str, annotations: str = "{}", tls: str = "[{hosts: [a]}]") -> str:
    rules = ", ".join(f"{{host: {host}, http: {{paths: [{{path: /}}]}}}}" for host in hosts.split())
    meta = f"name: web, annotations: {annotations}"
    return of("Ingress", f"spec: {{tls: {tls}, rules: [{rules}]}}", "networking.k8s.io/v1", meta)


def _policy(inside: str) -> str:
    return of("NetworkPolicy", f"spec: {{podSelector: {{}}, {inside}}}", "networking.k8s.io/v1")


def _webhook(inside: str) -> str:
    kind, version = "ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1"
    return of(kind, f"webhooks: [{{name: a.example.com, {inside}}}]", version)


def _definition(*versions: str, meta: str = "name: orders.example.com") -> str:
    inside = f"spec: {{group: example.com, scope: Namespaced, versions: [{', '.join(versions)}]}}"
    return of("CustomResourceDefinition", inside, "apiextensions.k8s.io/v1", meta)


def _version(name: str, fields: str = "rows: {type: integer}", more: str = "", served: str = "true") -> str:
    schema = f"{{type: object, properties: {{spec: {{type: object{more}, properties: {{{fields}}}}}}}}}"
    return f"{{name: {name}, served: {served}, storage: true, schema: {{openAPIV3Schema: {schema}}}}}"


def _namespace(level: str) -> str:
    return of("Namespace", "spec: {}", meta=f"name: a, labels: {{pod-security.kubernetes.io/enforce: {level}}}")


def _hook(pod: str) -> str:
    return _pod(pod).replace("{name: web}", "{name: web, annotations: {helm.sh/hook: pre-upgrade}}")


def _kept(kind: str, policy: str = "helm.sh/resource-policy: keep") -> str:
    return of(kind, "spec: {}", meta=f"name: web, annotations: {{{policy}}}")


MOUNTS = "spec.template.spec.containers[a].volumeMounts"
RBAC = "rbac.authorization.k8s.io/v1"
DATA = f"{MOUNTS}[/data]"
USER = "spec.template.spec.securityContext"
PROBE = "spec.template.spec.containers[a].livenessProbe"
SHOWN: list[tuple[str, str, str, dict[str, tuple[str, str]]]] = [
    ("a claim becomes an emptyDir", _mounting(CONTENT), _mounting("emptyDir: {}"), {"data_loss": ("danger", DATA)}),
    ("a claim is no longer mounted", _mounting(CONTENT), _container(""), {"data_loss": ("danger", MOUNTS)}),
    ("a claim is mounted elsewhere", _mounting(CONTENT), _mounting(CONTENT, "{name: data, mountPath: /srv}"),
     {"data_loss": ("danger", DATA)}),
    ("another part of a claim", _mounting(CONTENT), _mounting(CONTENT, "{name: data, mountPath: /data, subPath: a}"),
     {"data_loss": ("danger", f"{DATA}.subPath")}),
    ("a share becomes another one", _mounting("nfs: {server: a, path: /a}"), _mounting("nfs: {server: a, path: /b}"),
     {"data_loss": ("danger", DATA)}),
    ("the claims of a set have another name", _claiming("data"), _claiming("store"),
     {"immutable": ("danger", "spec.volumeClaimTemplates[store]"), "data_loss": ("danger", f"{DATA}.name")}),
    ("the claims of a set are deleted with it", _claiming("data"),
     _claiming("data", ", persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}"),
     {"data_loss": ("danger", "spec.persistentVolumeClaimRetentionPolicy")}),
    ("the data directory of a database moves", _mounting(CONTENT, beside=", env: [{name: PGDATA, value: /data/a}]"),
     _mounting(CONTENT, beside=", env: [{name: PGDATA, value: /data/b}]"),
     {"data_loss": ("danger", "spec.template.spec.containers[a].env[PGDATA].value")}),
    ("the data directory of an argument moves", _mounting(CONTENT, beside=", args: ['--data-dir=/data/a']"),
     _mounting(CONTENT, beside=", args: ['--data-dir=/data']"),
     {"data_loss": ("danger", "spec.template.spec.containers[a].args[0]")}),
    ("a claim is no longer kept", _kept("PersistentVolumeClaim"), _kept("PersistentVolumeClaim", "a: b"),
     {"data_loss": ("danger", "metadata.annotations[helm.sh/resource-policy]")}),
    ("Argo CD no longer keeps a Secret", _kept("Secret", "argocd.argoproj.io/sync-options: Prune=false"),
     _kept("Secret", "argocd.argoproj.io/sync-options: Prune=true"),
     {"data_loss": ("danger", "metadata.annotations[argocd.argoproj.io/sync-options]")}),
    ("a claim becomes a hook", _kept("PersistentVolumeClaim", "a: b"),
     _kept("PersistentVolumeClaim", "helm.sh/hook: pre-install"),
     {"data_loss": ("danger", "metadata.annotations[helm.sh/hook]"),
      "hook_changed": ("caution", "metadata.annotations[helm.sh/hook]")}),
    ("a data directory is no longer named", _mounting(CONTENT, beside=", env: [{name: PGDATA, value: /data/a}]"),
     _mounting(CONTENT), {"data_loss": ("danger", "spec.template.spec.containers[a].env"),
                          "start_changed": ("caution", "spec.template.spec.containers[a].env")}),
    ("another ConfigMap that nobody makes", _mounting("configMap: {name: a}"), _mounting("configMap: {name: b}"),
     {"source_changed": ("caution", "spec.template.spec.volumes[data].configMap.name")}),
    ("an autoscaler of fewer pods", of("HorizontalPodAutoscaler", "spec: {maxReplicas: 9}", "autoscaling/v2"),
     of("HorizontalPodAutoscaler", "spec: {maxReplicas: 3}", "autoscaling/v2"),
     {"downtime": ("caution", "spec.maxReplicas")}),
    ("a role less", of("Role", "rules: [{apiGroups: [a], resources: [b], verbs: [c]}]", RBAC),
     "", {"rbac_narrowed": ("caution", ""), "resource_removed": ("caution", "")}),
    ("another controller of an Ingress", of("Ingress", "spec: {ingressClassName: a}", "networking.k8s.io/v1"),
     of("Ingress", "spec: {ingressClassName: b}", "networking.k8s.io/v1"),
     {"unexposed": ("caution", "spec.ingressClassName")}),
    ("a volume is no longer retained", of("PersistentVolume", "spec: {persistentVolumeReclaimPolicy: Retain}"),
     of("PersistentVolume", "spec: {persistentVolumeReclaimPolicy: Delete}"),
     {"data_loss": ("danger", "spec.persistentVolumeReclaimPolicy")}),
    ("snapshots are deleted now", of("VolumeSnapshotClass", "deletionPolicy: Retain"),
     of("VolumeSnapshotClass", "deletionPolicy: Delete"), {"data_loss": ("danger", "deletionPolicy")}),
    ("a bucket goes with its claim", of("Bucket", "spec: {deletionPolicy: Orphan}"),
     of("Bucket", "spec: {deletionPolicy: Delete}"), {"data_loss": ("danger", "spec.deletionPolicy")}),
    ("files get no group", of("CSIDriver", "spec: {podInfoOnMount: true}", "storage.k8s.io/v1"),
     of("CSIDriver", "spec: {podInfoOnMount: true, fsGroupPolicy: None}", "storage.k8s.io/v1"),
     {"user_changed": ("caution", "spec.fsGroupPolicy")}),
    ("a webhook converts", _definition(_version("v1"), _version("v2")),
     _definition(_version("v1"), _version("v2")).replace("scope:", "conversion: {strategy: Webhook}, scope:"),
     {"webhook_hardened": ("danger", "spec.conversion")}),
    ("a version is no longer served", _definition(_version("v1"), _version("v2")),
     _definition(_version("v1", served="false"), _version("v2")),
     {"data_loss": ("danger", "spec.versions[v1].served")}),
    ("a field of another type", _definition(_version("v1")), _definition(_version("v1", "rows: {type: string}")),
     {"crd_narrowed": ("danger", "spec.versions[v1].schema.openAPIV3Schema.properties.spec.properties.rows.type")}),
    ("a field that is gone", _definition(_version("v1", "rows: {type: integer}, a: {type: string}")),
     _definition(_version("v1")),
     {"crd_narrowed": ("danger", "spec.versions[v1].schema.openAPIV3Schema.properties.spec.properties.a")}),
    ("a field that is required", _definition(_version("v1")), _definition(_version("v1", more=", required: [rows]")),
     {"crd_narrowed": ("danger", "spec.versions[v1].schema.openAPIV3Schema.properties.spec.required")}),
    ("a load balancer", _service("type: ClusterIP"), _service("type: LoadBalancer"),
     {"exposed": ("danger", "spec.type")}),
    ("a port of the nodes", _service("ports: []"), _service("type: NodePort"), {"exposed": ("danger", "spec.type")}),
    ("no load balancer", _service("type: LoadBalancer"), _service("ports: []"),
     {"unexposed": ("caution", "spec.type")}),
    ("a new load balancer", "", _service("type: LoadBalancer"),
     {"exposed": ("danger", ""), "resource_added": ("note", "")}),
    ("a load balancer for everybody", _service("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]"),
     _service("type: LoadBalancer"), {"exposed": ("danger", "spec.loadBalancerSourceRanges")}),
    ("a load balancer that was internal",
     _service("type: LoadBalancer", "{service.beta.kubernetes.io/aws-load-balancer-scheme: internal}"),
     _service("type: LoadBalancer", "{service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing}"),
     {"exposed": ("danger", "metadata.annotations[service.beta.kubernetes.io/aws-load-balancer-scheme]")}),
    ("an Ingress without TLS", _ingress("a"), _ingress("a", tls="[]"), {"exposed": ("danger", "spec.tls")}),
    ("plain HTTP at an Ingress", _ingress("a"),
     _ingress("a", "{nginx.ingress.kubernetes.io/ssl-redirect: 'false'}"),
     {"exposed": ("danger", "metadata.annotations")}),
    ("plain HTTP at a Route", of("Route", "spec: {tls: {insecureEdgeTerminationPolicy: Redirect}}"),
     of("Route", "spec: {tls: {insecureEdgeTerminationPolicy: Allow}}"),
     {"exposed": ("danger", "spec.tls.insecureEdgeTerminationPolicy")}),
    ("a host less", _ingress("a b"), _ingress("a"), {"unexposed": ("caution", "spec.rules[b]")}),
    ("another path", of("HTTPRoute", HTTP), of("HTTPRoute", HTTP.replace("value: /", "value: /a")),
     {"unexposed": ("caution", "spec.rules[0].matches[0].path.value")}),
    ("an Ingress that leads nowhere yet", "", of("Ingress", "spec: {rules: [{host: a}]}", "networking.k8s.io/v1"),
     {"resource_added": ("note", "")}),
    ("a network policy", "", _policy("ingress: [{}]"),
     {"network_narrowed": ("caution", ""), "resource_added": ("note", "")}),
    ("a peer less", _policy("ingress: [{from: [{podSelector: {}}, {namespaceSelector: {}}]}]"),
     _policy("ingress: [{from: [{podSelector: {}}]}]"), {"network_narrowed": ("caution", "spec.ingress[0].from[0]")}),
    ("rules for a direction that was free", _policy("ingress: []"), _policy("egress: [{ports: [{port: 53}]}]"),
     {"network_narrowed": ("caution", "spec.egress")}),
    ("a direction is free", _policy("egress: [{ports: [{port: 53}]}]"), _policy("egress: [{ports: [{port: 53}]}, {}]"),
     {"security_loosened": ("danger", "spec.egress[1]")}),
    ("a kind of Kubernetes' working groups", of("HTTPRoute", "spec: {}", "gateway.networking.k8s.io/v1beta1"),
     of("HTTPRoute", "spec: {}", "gateway.networking.k8s.io/v1"), {"api_version_changed": ("caution", "apiVersion")}),
    ("a direction more", _policy("policyTypes: [Ingress]"), _policy("policyTypes: [Ingress, Egress]"),
     {"network_narrowed": ("caution", "spec.policyTypes")}),
    ("a webhook that refuses", _webhook("failurePolicy: Ignore"), _webhook("failurePolicy: Fail"),
     {"webhook_hardened": ("danger", "webhooks[a.example.com].failurePolicy")}),
    ("a webhook that is asked about all", _webhook("objectSelector: {matchLabels: {a: b}}"),
     _webhook("sideEffects: None"),
     {"webhook_hardened": ("danger", "webhooks[a.example.com].objectSelector")}),
    ("a stricter namespace", _namespace("privileged"), _namespace("restricted"),
     {"webhook_hardened": ("danger", "metadata.labels[pod-security.kubernetes.io/enforce]")}),
    ("a laxer namespace", _namespace("restricted"), _namespace("baseline"),
     {"security_loosened": ("danger", "metadata.labels[pod-security.kubernetes.io/enforce]")}),
    ("another user", _pod("{securityContext: {runAsUser: 1}, containers: [{name: a}]}"),
     _pod("{securityContext: {runAsUser: 2}, containers: [{name: a}]}"),
      {"user_changed": ("caution", f"{USER}.runAsUser")}),
    ("another group over a volume",
     _container(MOUNTED, f", securityContext: {{fsGroup: 1}}, volumes: [{CLAIM}]"),
     _container(MOUNTED, f", securityContext: {{fsGroup: 2}}, volumes: [{CLAIM}]"),
     {"user_changed": ("danger", f"{USER}.fsGroup")}),
    ("another path of a probe", _container("livenessProbe: {httpGet: {path: /a, port: 1}}"),
     _container("livenessProbe: {httpGet: {path: /b, port: 1}}"),
      {"probe_changed": ("caution", f"{PROBE}.httpGet.path")}),
    ("other times of a probe", _container("livenessProbe: {periodSeconds: 5, httpGet: {port: 1}}"),
     _container("livenessProbe: {periodSeconds: 9, httpGet: {port: 1}}"),
     {"probe_changed": ("note", f"{PROBE}.periodSeconds")}),
    ("no init container any longer", _pod("{initContainers: [{name: b}], containers: [{name: a}]}"),
     _pod("{containers: [{name: a}]}"), {"container_removed": ("caution", "spec.template.spec.initContainers")}),
    ("a key of a ConfigMap less", of("ConfigMap", "data: {a: x, b: y}"), of("ConfigMap", "data: {a: x}"),
     {"config_key_removed": ("caution", "data.b")}),
    ("another major version of a database", _container("env: []").replace("x:1", "docker.io/library/postgres:16.2"),
     _container("env: []").replace("x:1", "docker.io/library/postgres:17.0"),
     {"image": ("danger", "spec.template.spec.containers[a].image")}),
    ("another major version of something else", _container("env: []").replace("x:1", "shop/web:1.2"),
     _container("env: []").replace("x:1", "shop/web:2.0"),
     {"image": ("caution", "spec.template.spec.containers[a].image")}),
    ("a kind of somebody else in another version", of("Parcel", "spec: {}", "a.example/v1"),
     of("Parcel", "spec: {}", "a.example/v2"), {"api_version_changed": ("caution", "apiVersion")}),
    ("a claim of a Rollout becomes an emptyDir", _rollout(_mounting(CONTENT)), _rollout(_mounting("emptyDir: {}")),
     {"data_loss": ("danger", DATA)}),
    ("the selector of a Rollout", _rollout(_pod("{}", beside=", selector: {a: b}")),
     _rollout(_pod("{}", beside=", selector: {a: c}")), {"immutable": ("danger", "spec.selector.a")}),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), [row[1:] for row in SHOWN], ids=[row[0] for row in SHOWN])
def test_what_a_change_shows(before: str, after: str, expected: dict[str, tuple[str, str]]) -> None:
    assert shown(paired(before, after)) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_mounting("emptyDir: {}"), _mounting(CONTENT)),
        (_rollout(_container("tty: false", beside=", dnsPolicy: ClusterFirst")), _rollout(_container(""))),
        (_mounting(CONTENT), _mounting(CONTENT, "{name: data, mountPath: /data/}")),
        (_mounting(CONTENT), _mounting(CONTENT.replace("files", "others"))),
        (_mounting(CONTENT, "{name: data, mountPath: /data, readOnly: true}"), _mounting("emptyDir: {}")),
        (_mounting("hostPath: {path: /var/run/docker.sock}"), _mounting("hostPath: {path: /run/docker.sock}")),
        (_mounting("configMap: {name: a}"), _mounting("configMap: {name: b, optional: true}")),
        (_mounting(CONTENT, beside=", env: [{name: LOG, value: /tmp/a}]"),
         _mounting(CONTENT, beside=", env: [{name: LOG, value: /tmp/b}]")),
        (_kept("ConfigMap"), _kept("ConfigMap", "a: b")),
        (of("VolumeSnapshotClass", "deletionPolicy: Delete"), of("VolumeSnapshotClass", "deletionPolicy: Retain")),
        (of("Bucket", "spec: {policy: Retain}"), of("Bucket", "spec: {policy: Delete}")),
        (of("CSIDriver", "spec: {}", "storage.k8s.io/v1"),
         of("CSIDriver", "spec: {fsGroupPolicy: ReadWriteOnceWithFSType}", "storage.k8s.io/v1")),
        (_definition(_version("v1")),
         _definition(_version("v1")).replace("scope:", "conversion: {strategy: Webhook}, scope:")),
        (_kept("PersistentVolumeClaim", "a: b"), _kept("PersistentVolumeClaim")),
        (_definition(_version("v1")), _definition(_version("v1"), _version("v2"))),
        (_definition(_version("v1")), _definition(_version("v1", "rows: {type: integer, description: how many}"))),
        (_definition(_version("v1")), _definition(_version("v1", "rows: {type: integer}, a: {type: string}"))),
        (_service("ports: []"), _service("type: ClusterIP")),
        (_service("type: LoadBalancer"), _service("type: LoadBalancer, loadBalancerSourceRanges: [10.0.0.0/8]")),
        (_ingress("a"), _ingress("a", "{nginx.ingress.kubernetes.io/ssl-redirect: 'true'}")),
        (_ingress("a"), _ingress("a b")),
        (_webhook("failurePolicy: Fail"), _webhook("timeoutSeconds: 10")),
        (_pod("{securityContext: {runAsUser: 1}, containers: [{name: a}]}"),
         _pod("{containers: [{name: a, securityContext: {runAsUser: 1}}]}")),
        (_container("livenessProbe: {httpGet: {port: 1}}"),
         _container("livenessProbe: {httpGet: {port: 1, path: /, scheme: HTTP}, periodSeconds: 10}")),
        (of("ConfigMap", "data: {a: x}"), of("ConfigMap", "data: {a: y, b: x}")),
        (_policy("policyTypes: [Ingress]"), _policy("policyTypes: [Ingress, Egress], egress: [{}]")),
        (_mounting(CONTENT, "{name: data, mountPath: /data, subPath: a}"),
         _mounting(CONTENT, "{name: data, mountPath: /data, subPath: a/}")),
        (_policy("ingress: [{from: [{podSelector: {}}, {namespaceSelector: {}}]}, {ports: [{port: 1}]}]"),
         _policy("ingress: [{ports: [{port: 1}]}, {from: [{namespaceSelector: {}}, {podSelector: {}}]}]")),
    ],
)  # fmt: skip
def test_what_is_near_shows_nothing(before: str, after: str) -> None:
    assert shown(paired(before, after)) == {}


def test_a_definition_that_moves_to_crds_is_deleted() -> None:
    text = _definition(_version("v1"))
    [(risk, _)] = risks_of(paired(text, text, "web/templates/crd.yaml", "web/crds/crd.yaml"))
    assert f"{risk.name} {risk.reason}".startswith("data_loss it moved to crds/, which is no part of a release:")


@pytest.mark.parametrize(
    ("schema", "file", "classes"),
    [
        ("properties: {a: {type: object}}", "web/crds/crd.yaml", {"resource_added": ("caution", "")}),
        ("properties: {a: {type: object}}", "web/templates/crd.yaml", {}),
        ("description: b", "web/crds/crd.yaml", {}),
    ],
    ids=["a field", "a field of the release's own", "words"],
)
def test_what_is_new_in_crds(schema: str, file: str, classes: dict[str, tuple[str, str]]) -> None:
    text = _definition(f"{{name: v1, served: true, schema: {{openAPIV3Schema: {{type: object, {schema}}}}}}}")
    assert shown(paired(text.replace(f", {schema}", ""), text, file, file)) == classes


def test_a_definition_that_leaves_crds_is_refused() -> None:
    text = _definition(_version("v1"))
    assert shown(paired(text, text, "web/crds/crd.yaml", "web/templates/crd.yaml")) == {"immutable": ("danger", "")}


@pytest.mark.parametrize(
    ("before", "files"),
    [
        (_definition(_version("v1")), ("web/crds/a.yaml", "web/crds/b.yaml")),
        (_definition(_version("v1")), ("web/templates/a.yaml", "web/templates/b.yaml")),
    ],
)
def test_a_definition_in_another_file_is_the_same(before: str, files: tuple[str, str]) -> None:
    assert paired(before, before, *files) == []


def test_a_kept_definition_may_move_to_crds() -> None:
    kept = _definition(_version("v1"), meta="name: a, annotations: {helm.sh/resource-policy: keep}")
    bare = _definition(_version("v1"), meta="name: a")
    assert "it moved" not in str(risks_of(paired(kept, bare, "w/templates/a.yaml", "w/crds/a.yaml")))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("migrate-1.4.2", "migrate-1.4.3", {}),
        ("migrate-1-4-2", "migrate-1-4-3", {}),
        ("migrate-5f3a9c1b", "migrate-9c0d1e2f", {}),
        ("migrate-old", "migrate-new", {"resource_renamed": ("caution", "")}),
    ],
)
def test_a_name_that_carries_a_version_is_replaced(old: str, new: str, expected: dict[str, Any]) -> None:
    sides = (of("Job", "spec: {backoffLimit: 2, parallelism: 3}", "batch/v1", f"name: {name}") for name in (old, new))
    assert shown(paired(*sides)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (_pod("{containers: [{name: a}]}"), _pod("{containers: [{name: b}]}"), ("Deployment shop/web", False)),
        (_pod("{containers: [{name: a}]}"), _pod("{containers: [{name: a, tty: false}]}"), None),
        (_pod("{containers: [{name: a}]}", beside=", replicas: 2"), _pod("{containers: [{name: a}]}"), None),
        (_pod("{hostname: a}", beside=", strategy: {type: Recreate}"),
         _pod("{}", beside=", strategy: {type: Recreate}"),
         ("Deployment shop/web", True)),
        (_pod("{hostname: a}", "StatefulSet"), _pod("{}", "StatefulSet"), ("StatefulSet shop/web", True)),
        (_pod("{hostname: a}", "StatefulSet", ", replicas: 2"), _pod("{}", "StatefulSet", ", replicas: 2"),
         ("StatefulSet shop/web", False)),
        (_pod("{hostname: a}", "DaemonSet", ", updateStrategy: {type: OnDelete}"),
         _pod("{}", "DaemonSet", ", updateStrategy: {type: OnDelete}"), None),
        (_hook("{hostname: a}"), _hook("{}"), None),
    ],
)  # fmt: skip
def test_which_pods_are_replaced(before: str, after: str, expected: tuple[str, bool] | None) -> None:
    found = [restart for pair in paired(before, after) if (restart := restart_of(pair))]
    assert [tuple(restart) for restart in found] == ([expected] if expected else [])
