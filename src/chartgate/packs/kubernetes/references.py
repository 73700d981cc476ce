"""References: whatever a resource names is there, down to the key, before the hooks and after them."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.links.object_references import (
    certificates,
    claims,
    measured_containers,
    pull_secrets,
    scale_targets,
    variable_sources,
    volume_sources,
)
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, containers
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.policy import policy
from chartgate.policy.reference_checks import reference_checks

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      imagePullSecrets: [{name: registry}]
      resourceClaims: [{name: gpu, resourceClaimTemplateName: web}]
      containers:
        - name: web
          env:
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: token}}}
          envFrom: [{configMapRef: {name: web}}]
      volumes:
        - {name: config, configMap: {name: web}}
        - {name: some, configMap: {name: web, items: [{key: web.conf, path: etc/one.conf}]}}
        - {name: all, projected: {sources: [{secret: {name: web, items: [{key: token, path: token}]}}]}}
        - {name: data, persistentVolumeClaim: {claimName: web}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {web.conf: "listen 80"}
---
apiVersion: v1
kind: Secret
metadata: {name: web}
stringData: {token: t}
---
apiVersion: v1
kind: Secret
metadata: {name: registry}
type: kubernetes.io/dockerconfigjson
stringData: {.dockerconfigjson: "{}"}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: web}
---
apiVersion: resource.k8s.io/v1
kind: ResourceClaimTemplate
metadata: {name: web}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: v1
kind: Secret
metadata: {name: tls}
type: kubernetes.io/tls
stringData: {tls.crt: c, tls.key: k}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {tls: [{secretName: tls}]}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: web}
spec: {tls: {externalCertificate: {name: tls}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: ContainerResource, containerResource: {name: cpu, container: web}}]
"""
POD = "spec.template.spec"
RENDER = "Render the object or the key, correct the name, or declare under `external` in the matrix who makes it."


@policy(severity="error", remediation=RENDER)
def environment_sources_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every ConfigMap and Secret that a container's variables come from is there, with the key.

    A container whose `env` or `envFrom` names something that does not exist never starts
    (CreateContainerConfigError), unless the reference is optional.
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#restrictions
    """
    yield from reference_checks(rendering, variable_sources)


@environment_sources_are_there.counterexample(manifests=HEALTHY)
def the_variable_reads_another_key(rendering: Rendering) -> Rendering:
    _web(rendering).at(f"{POD}.containers[web].env[TOKEN].valueFrom.secretKeyRef")["key"] = "password"
    return rendering


@environment_sources_are_there.counterexample(manifests=HEALTHY)
def all_variables_come_from_nowhere(rendering: Rendering) -> Rendering:
    _web(rendering).at(f"{POD}.containers[web].envFrom")[0]["configMapRef"]["name"] = "web-config"
    return rendering


@environment_sources_are_there.counterexample(manifests=HEALTHY)
def the_secret_lies_in_another_namespace(rendering: Rendering) -> Rendering:
    _web(rendering).manifest["metadata"]["namespace"] = "other"
    return rendering


@policy(severity="error", remediation=RENDER)
def volume_sources_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every ConfigMap and Secret that a volume shows is there, with each key that its items name.

    The pod waits for it forever (FailedMount), unless the reference is optional.
    https://kubernetes.io/docs/concepts/storage/volumes/#configmap
    """
    yield from reference_checks(rendering, volume_sources)


@volume_sources_are_there.counterexample(manifests=HEALTHY)
def the_volume_shows_another_config_map(rendering: Rendering) -> Rendering:
    _web(rendering).at(f"{POD}.volumes[config].configMap")["name"] = "web-config"
    return rendering


@volume_sources_are_there.counterexample(manifests=HEALTHY)
def an_item_is_no_key_of_it(rendering: Rendering) -> Rendering:
    _web(rendering).at(f"{POD}.volumes[some].configMap.items")[0]["key"] = "nginx.conf"
    return rendering


@volume_sources_are_there.counterexample(manifests=HEALTHY)
def a_projected_item_is_no_key_of_it(rendering: Rendering) -> Rendering:
    _web(rendering).at(f"{POD}.volumes[all].projected.sources")[0]["secret"]["items"][0]["key"] = "password"
    return rendering


@policy(severity="error", remediation="Render the claim in the pod's namespace, or correct its name.")
def claims_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every claim that a pod names, of storage or of devices, is there.

    Until then the scheduler places the pod nowhere.
    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes
    https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
    """
    yield from reference_checks(rendering, claims)


@claims_are_there.counterexample(manifests=HEALTHY)
def the_claim_has_the_name_of_its_volume(rendering: Rendering) -> Rendering:
    _web(rendering).at(f"{POD}.volumes[data].persistentVolumeClaim")["claimName"] = "data"
    return rendering


@claims_are_there.counterexample(manifests=HEALTHY)
def the_device_is_claimed_by_nobody(rendering: Rendering) -> Rendering:
    _web(rendering).at(POD)["resourceClaims"][0]["resourceClaimTemplateName"] = "gpu"
    return rendering


@policy(severity="error", remediation=RENDER)
def pull_secrets_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every Secret that images are pulled with is there.

    The kubelet ignores a missing one, and the registry refuses the image.
    https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod
    """
    yield from reference_checks(rendering, pull_secrets)


@pull_secrets_are_there.counterexample(manifests=HEALTHY)
def the_pod_pulls_with_another_secret(rendering: Rendering) -> Rendering:
    _web(rendering).at(f"{POD}.imagePullSecrets")[0]["name"] = "quay"
    return rendering


@pull_secrets_are_there.counterexample(manifests=HEALTHY)
def the_account_pulls_with_another_secret(rendering: Rendering) -> Rendering:
    rendering.resources.one("ServiceAccount", "web").manifest["imagePullSecrets"] = [{"name": "quay"}]
    return rendering


@policy(severity="error", remediation=RENDER)
def certificates_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every Secret with the certificate of an Ingress or a Route is there.

    Without it, the router answers with a certificate of its own, which browsers refuse.
    https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
    """
    yield from reference_checks(rendering, certificates)


@certificates_are_there.counterexample(manifests=HEALTHY)
def the_ingress_names_another_certificate(rendering: Rendering) -> Rendering:
    rendering.resources.one("Ingress", "web").at("spec.tls")[0]["secretName"] = "web-tls"
    return rendering


@certificates_are_there.counterexample(manifests=HEALTHY)
def the_route_names_another_certificate(rendering: Rendering) -> Rendering:
    rendering.resources.one("Route", "web").at("spec.tls.externalCertificate")["name"] = "web-tls"
    return rendering


@policy(severity="error", remediation="Name the workload that is to be scaled, and the containers that it has.")
def scale_targets_are_there(rendering: Rendering) -> Iterator[Check]:
    """The workload that a HorizontalPodAutoscaler scales is there, and so are the containers that it measures.

    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
    """
    yield from reference_checks(rendering, scale_targets)
    yield from reference_checks(rendering, measured_containers, _container_names)


@scale_targets_are_there.counterexample(manifests=HEALTHY)
def the_target_is_a_stateful_set(rendering: Rendering) -> Rendering:
    _autoscaler(rendering).at("spec.scaleTargetRef")["kind"] = "StatefulSet"
    return rendering


@scale_targets_are_there.counterexample(manifests=HEALTHY)
def it_measures_a_container_that_is_gone(rendering: Rendering) -> Rendering:
    _autoscaler(rendering).at("spec.metrics[0].containerResource")["container"] = "proxy"
    return rendering


def _container_names(target: Resource, _: Resources) -> list[str]:
    return [found.name for found in containers(target)] if target.kind in WORKLOAD_KINDS else []


def _autoscaler(rendering: Rendering) -> Resource:
    return rendering.resources.one("HorizontalPodAutoscaler", "web")


def _web(rendering: Rendering) -> Resource:
    return rendering.resources.one("Deployment", "web")
