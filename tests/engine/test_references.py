"""What resources refer to, and whether it will be there."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.kubernetes.links.existence import resolves, stages
from chartgate.kubernetes.links.label_selectors import PodSelection, finds, peers, pods_found
from chartgate.kubernetes.links.object_references import certificates, measured_containers, references, sub_paths
from chartgate.model import Chart, External, Missing, Resources
from chartgate.policy.reference_checks import reference_checks
from chartgate.rendering.manifests import parse
from tests.engine.toys import rendering_of, resource, scenario

POD = """
kind: StatefulSet
apiVersion: apps/v1
metadata: {{name: web, namespace: shop}}
spec: {{serviceName: web, template: {{metadata: {{labels: {{app: web}}}}, spec: {{{spec}}}}}}}
"""


def _resources(*manifests: str) -> Resources:
    return parse("---\n# Source: toy/templates/all.yaml\n" + "\n---\n".join(manifests), "shop")


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            "containers: [{name: a, env: [{name: X, valueFrom: {secretKeyRef: {name: s, key: k}}}]}]",
            ["containers[a].env[X].valueFrom.secretKeyRef: k of Secret shop/s"],
        ),
        (
            "initContainers: [{name: a, envFrom: [{configMapRef: {name: c, optional: true}}]}]",
            ["initContainers[a].envFrom[0].configMapRef: ConfigMap shop/c, optional"],
        ),
        (
            "volumes: [{name: v, secret: {secretName: s, items: [{key: a, path: x}, {key: b, path: y}]}}]",
            ["volumes[v].secret: a of Secret shop/s", "volumes[v].secret: b of Secret shop/s"],
        ),
        (
            "volumes: [{name: v, projected: {sources: [{serviceAccountToken: {}}, {configMap: {name: c}}]}}]",
            ["volumes[v].projected.sources[1].configMap: ConfigMap shop/c"],
        ),
        (
            "volumes: [{name: v, persistentVolumeClaim: {claimName: p}}]",
            ["volumes[v].persistentVolumeClaim.claimName: PersistentVolumeClaim shop/p"],
        ),
        ("imagePullSecrets: [{name: s}]", ["imagePullSecrets[0].name: Secret shop/s"]),
        ("serviceAccountName: a", ["serviceAccountName: ServiceAccount shop/a"]),
        (
            "resourceClaims: [{name: a, resourceClaimName: r}, {name: b, resourceClaimTemplateName: t}, {name: c}, 1]",
            [
                "resourceClaims[0].resourceClaimName: ResourceClaim shop/r",
                "resourceClaims[1].resourceClaimTemplateName: ResourceClaimTemplate shop/t",
            ],
        ),
        ("volumes: [null, {name: v, configMap: null}], containers: [], imagePullSecrets: x", []),
        ("containers: [{name: a, env: null, envFrom: [{}, 1], volumeMounts: {}}]", []),
    ],
)
def test_references_of_a_pod(spec: str, expected: list[str]) -> None:
    found = references(resource(POD.format(spec=spec)))
    actual = [f"{r.address}: {r}{', optional' * r.optional}" for r in found]
    assert actual == [f"spec.template.spec.{line}" for line in expected]


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            "{kind: RoleBinding, roleRef: {kind: Role, name: r}, subjects: [{kind: ServiceAccount, name: a}]}",
            ["Role shop/r", "ServiceAccount shop/a"],
        ),
        (
            "{kind: RoleBinding, roleRef: {kind: ClusterRole, name: r}, subjects: [{kind: Group, name: g}]}",
            ["ClusterRole r"],
        ),
        ("{kind: RoleBinding, roleRef: null, subjects: x}", ["ClusterRole (absent)"]),
        ("{kind: ServiceAccount, imagePullSecrets: [{name: s}]}", ["Secret shop/s"]),
        (
            "{kind: HorizontalPodAutoscaler, spec: {scaleTargetRef: {kind: Deployment, name: d}}}",
            ["Deployment shop/d"],
        ),
        ("{kind: Secret, type: Opaque}", []),
    ],
)
def test_references_of_other_kinds(manifest: str, expected: list[str]) -> None:
    text = manifest.replace("{kind", "{apiVersion: v1, metadata: {name: x, namespace: shop}, kind", 1)
    assert [str(reference) for reference in references(resource(text))] == expected


@pytest.mark.parametrize(
    ("source", "part", "key"),
    [
        ("configMap: {name: c}", "app.conf", "app.conf"),
        ("configMap: {name: c, items: [{key: k, path: etc/app.conf}]}", "etc/app.conf", "k"),
        ("configMap: {name: c, items: [{key: k, path: etc/app.conf}]}", "etc", "k"),
        ("configMap: {name: c, items: [{key: k, path: etc/app.conf}]}", "k", "(no item with the path k)"),
        ("secret: {secretName: c}", "token", "token"),
    ],
)
def test_sub_paths(source: str, part: str, key: str) -> None:
    mounts = f"[{{name: v, mountPath: /x, subPath: {part}}}, {{name: v, mountPath: /y}}, {{name: w, subPath: z}}]"
    spec = f"volumes: [{{name: v, {source}}}, {{name: w, emptyDir: {{}}}}], containers: [{{volumeMounts: {mounts}}}]"
    assert [(found.name, found.key) for found in sub_paths(resource(POD.format(spec=spec)))] == [("c", key)]


@pytest.mark.parametrize(
    ("sources", "mount", "expected"),
    [
        ("[{configMap: {name: c}}]", "subPath: app.conf", ["app.conf of ConfigMap shop/c"]),
        ("[{configMap: {name: c}}]", "subPathExpr: app.conf", ["app.conf of ConfigMap shop/c"]),
        ("[{configMap: {name: c}}]", "subPathExpr: $(NAME).conf", []),
        # Which of the two has the key is for the cluster to say.
        ("[{configMap: {name: c}}, {secret: {name: s}}]", "subPath: app.conf", []),
        (
            "[{configMap: {name: c}}, {secret: {name: s, items: [{key: k, path: a/b}]}}]",
            "subPath: a/b",
            ["k of Secret shop/s"],
        ),
        (
            "[{secret: {name: s, items: [{key: k, path: a/b}]}}]",
            "subPath: c",
            ["(no item with the path c) of Secret shop/s"],
        ),
        ("[{serviceAccountToken: {path: token}}]", "subPath: token", []),
        ("[{serviceAccountToken: {path: token}}, {configMap: {name: c}}]", "subPath: token", []),
        ("null", "subPath: token", []),
    ],
)
def test_sub_paths_of_projected_volumes(sources: str, mount: str, expected: list[str]) -> None:
    spec = f"volumes: [{{name: v, projected: {{sources: {sources}}}}}]"
    found = sub_paths(resource(POD.format(spec=f"{spec}, containers: [{{volumeMounts: [{{name: v, {mount}}}]}}]")))
    assert [str(reference) for reference in found] == expected


def test_containers_that_an_autoscaler_measures() -> None:
    metrics = "[{containerResource: {container: web}}, {resource: {name: cpu}}, {containerResource: null}, null]"
    spec = f"{{scaleTargetRef: {{kind: Deployment, name: d}}, metrics: {metrics}}}"
    text = f"{{kind: HorizontalPodAutoscaler, apiVersion: v2, metadata: {{name: x, namespace: shop}}, spec: {spec}}}"
    assert [f"{r.address}: {r}" for r in measured_containers(resource(text))] == [
        "spec.metrics[0].containerResource.container: web of Deployment shop/d"
    ]


def test_a_workload_without_a_pod_is_said_so() -> None:
    with pytest.raises(Missing, match="a pod template"):
        list(references(resource("{apiVersion: v1, kind: Deployment, metadata: {name: x}, spec: {template: null}}")))


@pytest.mark.parametrize(
    ("kind", "namespace", "name", "key", "expected"),
    [
        ("Secret", "shop", "s", "a", True),
        ("Secret", "shop", "s", "b", False),
        ("Secret", "other", "s", "a", False),
        ("Secret", "shop", "gone", "", False),
        ("Secret", "shop", "tls", "tls.crt", True),
        ("Secret", "shop", "certificate", "", False),
        ("Secret", "shop", "synced", "any", True),
        ("Secret", "shop", "serving", "tls.key", True),
        ("Secret", "shop", "given", "one", True),
        ("Secret", "shop", "given", "two", False),
        ("Secret", "other", "given", "one", False),
        ("ConfigMap", "shop", "bundle", "service-ca.crt", True),
        ("ConfigMap", "shop", "bundle", "ca-bundle.crt", False),
        ("ConfigMap", "shop", "bundle", "added", True),
        ("Namespace", "", "elsewhere", "", True),
        ("Namespace", "", "nowhere", "", False),
        ("ServiceAccount", "shop", "default", "", True),
        ("ClusterRole", "", "system:auth-delegator", "", True),
        ("ClusterRole", "", "view", "", True),
        ("ClusterRole", "", "cluster-reader", "", False),
        ("ConfigMap", "shop", "kube-root-ca.crt", "ca.crt", True),
        ("Service", "default", "kubernetes", "443", True),
        ("Service", "shop", "kubernetes", "", False),
    ],
)
def test_what_resolves(kind: str, namespace: str, name: str, key: str, expected: bool) -> None:
    there = _resources(
        "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: x}}",
        "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: certificate}, spec: {secretName: tls}}",
        "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: synced}}",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bundle,"
        " annotations: {service.beta.openshift.io/inject-cabundle: 'true'}}",
        "apiVersion: v1\nkind: Service\nmetadata: {name: x,"
        " annotations: {service.beta.openshift.io/serving-cert-secret-name: serving}}",
    )
    external = (
        External("Secret", "given", "by hand", keys=("one",)),
        External("Namespace", "elsewhere", "another team's"),
        External("ConfigMap", "bundle", "whoever deploys adds a key", keys=("added",)),
    )
    [reference] = references(resource(POD.format(spec="serviceAccountName: a")))
    asked = dataclasses.replace(reference, kind=kind, namespace=namespace, name=name, key=key)
    assert resolves(asked, there, dataclasses.replace(scenario(), external=external)) is expected


def test_hooks_are_examined_too(toy: Chart) -> None:
    before = rendering_of(toy, POD.format(spec="serviceAccountName: default"))
    assert list(stages(before)) == [before.resources]
    after = dataclasses.replace(before, after_hooks=_resources(POD.format(spec="serviceAccountName: gone")))
    checks = list(reference_checks(after, references))
    assert [(check.passed, check.expected) for check in checks] == [
        (True, "ServiceAccount shop/default is rendered, or declared external"),
        (False, "ServiceAccount shop/gone is rendered, or declared external"),
    ]


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ("{kind: Ingress, spec: {tls: [{secretName: s}, {hosts: [a]}, null]}}", ["Secret shop/s"]),
        ("{kind: Route, spec: {tls: {externalCertificate: {name: s}}}}", ["Secret shop/s"]),
        ("{kind: Route, spec: {tls: null}}", []),
    ],
)
def test_certificates(manifest: str, expected: list[str]) -> None:
    text = manifest.replace("{kind", "{apiVersion: v1, metadata: {name: x, namespace: shop}, kind", 1)
    found = resource(text)
    assert [str(reference) for reference in certificates(found)] == expected
    found.manifest["metadata"]["annotations"] = {"cert-manager.io/issuer": "letsencrypt"}
    assert [str(reference) for reference in certificates(found)] == expected * (found.kind == "Route")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"matchLabels": {"app": "web"}}, True),
        ({"matchLabels": {"app": "db"}}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "db"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": ["app"], "operator": "Unknown"}]}, False),
        ({"matchLabels": None, "matchExpressions": None}, True),
    ],
)
def test_label_selectors(selector: object, expected: bool) -> None:
    assert finds(selector, {"app": "web"}) is expected
    declared = External("Pod", "web", "an operator's", labels={"app": "web"})
    given = dataclasses.replace(scenario(), external=(declared,))
    for namespace, there in (("shop", expected), ("other", False)):
        selection = PodSelection(resource("{kind: PodDisruptionBudget}"), "spec.selector", selector, (namespace,))
        assert pods_found(selection, Resources(), given) == ["Pod shop/web, external"] * there


NETWORK_POLICY = """
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: {{name: web, namespace: shop}}
spec: {{{spec}}}
"""
NAMED = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("ingress: [{from: [{podSelector: {matchLabels: {a: b}}}]}]", [("shop",)]),
        ("egress: [{}, {to: [{ipBlock: {}}, {podSelector: {matchLabels: {a: b}}}]}]", [("shop",)]),
        (f"egress: [{{to: [{{podSelector: {{matchLabels: {{a: b}}}}, {NAMED}shop}}}}}}]}}]", [("shop",)]),
        (f"egress: [{{to: [{{podSelector: {{matchLabels: {{a: b}}}}, {NAMED}data}}}}}}]}}]", [("data",)]),
        (f"egress: [{{to: [{{podSelector: {{matchLabels: {{a: b}}}}, {NAMED}dns}}}}}}]}}]", [("dns",)]),
        # Namespaces that nobody here knows of.
        (f"egress: [{{to: [{{podSelector: {{matchLabels: {{a: b}}}}, {NAMED}kube-system}}}}}}]}}]", []),
        ("egress: [{to: [{podSelector: {matchLabels: {a: b}}, namespaceSelector: {matchLabels: {c: d}}}]}]", []),
        ("egress: [{to: [{podSelector: {matchLabels: {a: b}}, namespaceSelector: {}}]}]", []),
        # All pods.
        ("ingress: [{from: [{podSelector: {}}, {podSelector: null}]}]", []),
        ("ingress: null, egress: [null, {to: x}]", []),
    ],
)
def test_peers_of_network_policies(spec: str, expected: list[tuple[str, ...]]) -> None:
    there = _resources("{kind: Namespace, apiVersion: v1, metadata: {name: data}}")
    given = dataclasses.replace(scenario(), external=(External("Namespace", "dns", "the platform's"),))
    found = peers(resource(NETWORK_POLICY.format(spec=spec)), there, given)
    assert [selection.namespaces for selection in found] == expected
