"""References: whatever a resource names is there, down to the key, before the hooks and after them."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.links.object_references import (
    certificates,
    claims,
    measured_containers,
    mounted_sources,
    pull_secrets,
    scale_targets,
    variable_sources,
)
from chartgate.kubernetes.pods.workloads import containers_if_any
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.edits import put
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
            - {name: EXTRA, valueFrom: {configMapKeyRef: {name: web, key: web.conf, optional: true}}}
          envFrom: [{configMapRef: {name: web}}]
          volumeMounts:
            - {name: config, mountPath: /config}
            - {name: some, mountPath: /some}
            - {name: all, mountPath: /all}
      volumes:
        - {name: config, configMap: {name: web}}
        - {name: some, configMap: {name: web, items: [{key: web.conf, path: etc/one.conf}]}}
        - {name: all, projected: {sources: [{secret: {name: web, items: [{key: token, path: token}]}}]}}
        - {name: data, persistentVolumeClaim: {claimName: web}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {web.conf: "listen 80"}}
---
{apiVersion: v1, kind: Secret, metadata: {name: web}, stringData: {token: t}}
---
apiVersion: v1
kind: Secret
metadata: {name: registry}
type: kubernetes.io/dockerconfigjson
stringData: {.dockerconfigjson: "{}"}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: web}}
---
{apiVersion: resource.k8s.io/v1, kind: ResourceClaimTemplate, metadata: {name: web}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: web}}
---
{apiVersion: v1, kind: Secret, metadata: {name: tls}, type: kubernetes.io/tls, stringData: {tls.crt: c, tls.key: k}}
---
{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: web}, spec: {tls: [{secretName: tls}]}}
---
{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: web}, spec: {tls: {externalCertificate: {name: tls}}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: ContainerResource, containerResource: {name: cpu, container: web}}]
"""
POD = "spec.template.spec"
WEB = f"{POD}.containers[web]"
RENDER = "Render the object or the key, correct the name, or declare under `external` in the matrix who makes it."


@policy(severity="error", remediation=RENDER)
def environment_sources_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every ConfigMap and Secret that a container's variables come from is there, with the key.

    A container whose `env` or `envFrom` names something that does not exist never starts
    (CreateContainerConfigError), unless the reference is optional.
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#restrictions
    """
    yield from reference_checks(rendering, variable_sources)


environment_sources_are_there.breaks(
    manifests=HEALTHY,
    the_variable_reads_another_key=put("Deployment web", f"{WEB}.env[TOKEN].valueFrom.secretKeyRef.key", "password"),
    all_variables_come_from_nowhere=put("Deployment web", f"{WEB}.envFrom[0].configMapRef.name", "web-config"),
    the_secret_lies_in_another_namespace=put("Deployment web", "metadata.namespace", "other"),
)


@policy(severity="error", remediation=RENDER)
def volume_sources_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every ConfigMap and Secret that a volume shows is there, with each key that its items name.

    The pod waits for it forever (FailedMount), unless the reference is optional. A volume that no container mounts is
    no matter of the kubelet's.
    https://kubernetes.io/docs/concepts/storage/volumes/#configmap
    """
    yield from reference_checks(rendering, mounted_sources)


volume_sources_are_there.breaks(
    manifests=HEALTHY,
    the_volume_shows_another_config_map=put("Deployment web", f"{POD}.volumes[config].configMap.name", "web-config"),
    an_item_is_no_key_of_it=put("Deployment web", f"{POD}.volumes[some].configMap.items[0].key", "nginx.conf"),
    a_projected_item_is_no_key_of_it=put(
        "Deployment web", f"{POD}.volumes[all].projected.sources[0].secret.items[0].key", "password"
    ),
)


@policy(severity="error", remediation="Render the claim in the pod's namespace, or correct its name.")
def claims_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every claim that a pod names, of storage or of devices, is there.

    Until then the scheduler places the pod nowhere.
    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes
    https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
    """
    yield from reference_checks(rendering, claims)


claims_are_there.breaks(
    manifests=HEALTHY,
    the_claim_has_the_name_of_its_volume=put(
        "Deployment web", f"{POD}.volumes[data].persistentVolumeClaim.claimName", "data"
    ),
    the_device_is_claimed_by_nobody=put(
        "Deployment web", f"{POD}.resourceClaims[gpu].resourceClaimTemplateName", "gpu"
    ),
)


@policy(severity="warning", remediation=RENDER)
def pull_secrets_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every Secret that images are pulled with is there.

    The kubelet ignores a missing one, and the registry refuses the image.
    https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod
    """
    yield from reference_checks(rendering, pull_secrets)


pull_secrets_are_there.breaks(
    manifests=HEALTHY,
    the_pod_pulls_with_another_secret=put("Deployment web", f"{POD}.imagePullSecrets[registry].name", "quay"),
    the_account_pulls_with_another_secret=put("ServiceAccount web", "imagePullSecrets", [{"name": "quay"}]),
)


@policy(severity="warning", remediation=RENDER)
def certificates_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every Secret with the certificate of an Ingress or a Route is there.

    Without it, the router answers with its own certificate, which browsers refuse.
    https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
    """
    yield from reference_checks(rendering, certificates)


certificates_are_there.breaks(
    manifests=HEALTHY,
    the_ingress_names_another_certificate=put("Ingress web", "spec.tls[0].secretName", "web-tls"),
    the_route_names_another_certificate=put("Route web", "spec.tls.externalCertificate.name", "web-tls"),
)


@policy(severity="error", remediation="Name the workload that is to be scaled, and the containers that it has.")
def scale_targets_are_there(rendering: Rendering) -> Iterator[Check]:
    """The workload that an autoscaler, of number or of size, names is there, and so are the containers it measures.

    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
    """
    yield from reference_checks(rendering, scale_targets)
    yield from reference_checks(rendering, measured_containers, _container_names)


scale_targets_are_there.breaks(
    manifests=HEALTHY,
    the_target_is_a_stateful_set=put("HorizontalPodAutoscaler web", "spec.scaleTargetRef.kind", "StatefulSet"),
    it_measures_a_container_that_is_gone=put(
        "HorizontalPodAutoscaler web", "spec.metrics[0].containerResource.container", "proxy"
    ),
)


def _container_names(target: Resource, _: Resources) -> list[str]:
    return [found.name for found in containers_if_any(target)]
