"""References: whatever a resource names is there, down to the key, before the hooks and after them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from chartgate.checks import states
from chartgate.kubernetes.references import (
    Reference,
    certificates,
    claims,
    pull_secrets,
    references,
    scale_targets,
    sub_paths,
    variable_sources,
    volume_sources,
)
from chartgate.kubernetes.resolution import reference_checks, resolves, stages
from chartgate.model import Check, Rendering, Resource
from chartgate.policy import WHOLE_MATRIX, policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      imagePullSecrets: [{name: registry}]
      containers:
        - name: web
          env:
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: token}}}
            - {name: EXTRA, valueFrom: {configMapKeyRef: {name: web, key: extra, optional: true}}}
          envFrom: [{configMapRef: {name: web}}]
          volumeMounts:
            - {name: config, mountPath: /etc/web.conf, subPath: web.conf}
            - {name: some, mountPath: /etc/one.conf, subPath: etc/one.conf}
      volumes:
        - {name: config, configMap: {name: web}}
        - {name: some, configMap: {name: web, items: [{key: web.conf, path: etc/one.conf}]}}
        - {name: all, projected: {sources: [{secret: {name: web, items: [{key: token, path: token}]}}]}}
        - {name: data, persistentVolumeClaim: {claimName: web}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {web.conf: "listen 80", extra: "1"}
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
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
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


@policy(severity="error", remediation="Mount by `subPath` a key that the ConfigMap or Secret has; write it alike.")
def sub_paths_are_keys(rendering: Rendering) -> Iterator[Check]:
    """What a container mounts by `subPath` out of a ConfigMap or Secret is one of its keys.

    For any other name, the kubelet makes an empty folder where the program expects its file.
    https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath
    """
    yield from reference_checks(rendering, sub_paths)


@sub_paths_are_keys.counterexample(manifests=HEALTHY)
def the_key_has_another_name(rendering: Rendering) -> Rendering:
    _web(rendering).at(f"{POD}.containers[web].volumeMounts[config]")["subPath"] = "nginx.conf"
    return rendering


@sub_paths_are_keys.counterexample(manifests=HEALTHY)
def the_items_path_is_another_one(rendering: Rendering) -> Rendering:
    _web(rendering).at(f"{POD}.containers[web].volumeMounts[some]")["subPath"] = "web.conf"
    return rendering


@policy(severity="error", remediation="Render the PersistentVolumeClaim in the pod's namespace, or correct its name.")
def claims_are_there(rendering: Rendering) -> Iterator[Check]:
    """Every PersistentVolumeClaim that a pod mounts is there.

    Until then the scheduler places the pod nowhere.
    https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes
    """
    yield from reference_checks(rendering, claims)


@claims_are_there.counterexample(manifests=HEALTHY)
def the_claim_has_the_name_of_its_volume(rendering: Rendering) -> Rendering:
    _web(rendering).at(f"{POD}.volumes[data].persistentVolumeClaim")["claimName"] = "data"
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


@policy(severity="error", remediation="Name the workload that is to be scaled, by its kind and its name.")
def scale_targets_are_there(rendering: Rendering) -> Iterator[Check]:
    """The workload that a HorizontalPodAutoscaler scales is there.

    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
    """
    yield from reference_checks(rendering, scale_targets)


@scale_targets_are_there.counterexample(manifests=HEALTHY)
def the_target_is_a_stateful_set(rendering: Rendering) -> Rendering:
    rendering.resources.one("HorizontalPodAutoscaler", "web").at("spec.scaleTargetRef")["kind"] = "StatefulSet"
    return rendering


@policy(over=WHOLE_MATRIX, severity="error", remediation=RENDER)
def optional_references_resolve_somewhere(renderings: list[Rendering]) -> Iterator[Check]:
    """What an optional reference names is there in some scenario.

    Optional means that the object may be missing while its feature is off. What is missing in every scenario is a
    wrong name that nothing else reports: the pod starts, without it.
    """
    found: dict[tuple[str, ...], bool] = {}
    optional: dict[tuple[str, ...], tuple[Reference, str]] = {}
    for rendering in renderings:
        for resources in stages(rendering):
            for resource in resources:
                for reference in references(resource):
                    # Names contain that of the release: one place in one template, whatever the name.
                    place: tuple[str, ...] = (
                        resource.template,
                        resource.kind,
                        reference.address,
                        reference.kind,
                        reference.key,
                    )
                    if not found.get(place):
                        found[place] = resolves(reference, resources, rendering.scenario)
                    if reference.optional:
                        optional.setdefault(place, (reference, rendering.scenario.name))
    for place, (reference, scenario) in optional.items():
        expected, actual = f"{reference} is there in some scenario", "there" if found[place] else "in none"
        check = states(reference.owner, reference.address, found[place], expected=expected, actual=actual)
        yield dataclasses.replace(check, scenario=scenario)


@optional_references_resolve_somewhere.counterexample(manifests=HEALTHY)
def nobody_makes_the_key(renderings: list[Rendering]) -> list[Rendering]:
    _web(renderings[0]).at(f"{POD}.containers[web].env[EXTRA].valueFrom.configMapKeyRef")["key"] = "more"
    return renderings


def _web(rendering: Rendering) -> Resource:
    return rendering.resources.one("Deployment", "web")
