"""What resources refer to by name, with the keys of it."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.links.object_references import (
    certificates,
    measured_containers,
    own_namespace,
    references,
    sub_paths,
)
from chartgate.model import Resource
from tests.engine.toys import resource

POD = """
kind: StatefulSet
apiVersion: apps/v1
metadata: {{name: web, namespace: shop}}
spec: {{serviceName: web, template: {{metadata: {{labels: {{app: web}}}}, spec: {{{spec}}}}}}}
"""


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
        ("imagePullSecrets: [{name: s}]", ["imagePullSecrets[s].name: Secret shop/s"]),
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
    actual = [f"{r.place.address}: {r}{', optional' * r.optional}" for r in found]
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
    assert [f"{r.place.address}: {r}" for r in measured_containers(resource(text))] == [
        "spec.metrics[0].containerResource.container: web of Deployment shop/d"
    ]


def test_the_namespace_of_a_resource() -> None:
    found = resource("{apiVersion: v1, kind: Secret, metadata: {name: x, namespace: other}}")
    assert [str(reference) for reference in own_namespace(found)] == ["Namespace other"]
    assert list(own_namespace(Resource(found.manifest, "", ""))) == []


@pytest.mark.parametrize(
    "spec",
    ["null", "text", "[a]", "{template: null}", "{template: {spec: text}}", "{template: {spec: {containers: [null]}}}"],
)
def test_a_workload_without_a_pod_refers_to_nothing(spec: str) -> None:
    """What is odd about it is a finding where it is judged itself; all others are judged on."""
    odd = resource(f"{{apiVersion: v1, kind: Deployment, metadata: {{name: x}}, spec: {spec}}}")
    assert list(references(odd)) == []


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
