"""Paths: who asks a server asks below the path that it is told to serve at."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.places import Place
from chartgate.documents.walking import strings
from chartgate.kubernetes.links.object_references import references
from chartgate.kubernetes.pods.kubelet_requests import kubelet_requests
from chartgate.kubernetes.pods.workloads import Container, containers_if_any
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.matrix.derivations.other_paths import CHOSEN_PATH, with_other_paths
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          args: [--port=8080]
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
"""
_WEB = "spec.template.spec.containers[web]"
_NAME = CHOSEN_PATH.strip("/")
_GIVEN = ("command", "args", "env")
_ASKED_BY_CONFIG = ("ConfigMap", "Secret")


@policy(
    over=with_other_paths,
    severity="warning",
    remediation="Write the same value in front of the path of the probe.",
)
def probes_follow_the_path_of_the_server(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With another base path, the probes of a server's only port ask below it.

    The program is told to serve at `/shop`, by an argument, a variable or its configuration; the probe still asks
    `/health`, gets 404, and the pod is killed. Source: https://github.com/paulbouwer/hello-kubernetes/issues/44
    """
    if before.error or after.error:
        return
    for resource in after.resources:
        for container in containers_if_any(resource):
            requests = [request for request in kubelet_requests(container) if request.address.endswith("httpGet")]
            if not requests or len(list((container / "ports").maps())) != 1 or not _is_told(container, after.resources):
                continue
            # One that asks below it shows that the others mean something else.
            passed = any(_NAME in (request / "path").text for request in requests)
            for request in requests[: None if passed else 1]:
                expected = f"a path below {CHOSEN_PATH}, where {container.name} is told to serve"
                yield states(request / "path", passed, expected=expected)


def _is_told(container: Container, resources: Resources) -> bool:
    given = (text for field in _GIVEN for _, text in strings((container / field).value))
    if any(_NAME in text for text in given):
        return True
    read = [
        found
        for reference in references(container.owner)
        if reference.kind in _ASKED_BY_CONFIG
        for found in resources.named(reference.kind, reference.name, reference.namespace)
    ]
    return any(_NAME in text for one in read for _, text in strings([one.at("data"), one.at("stringData")]))


@probes_follow_the_path_of_the_server.counterexample(manifests=HEALTHY)
def the_probe_asks_above_it(before: Rendering, after: Rendering) -> list[Rendering]:
    return [before, put("Deployment web", f"{_WEB}.args", ["--port=8080", f"--base={CHOSEN_PATH}"]).apply(after)]


@policy(
    judges=each(),
    severity="warning",
    remediation="Join the parts of the path with one slash, also where one of them is empty.",
)
def paths_have_one_slash_at_a_time(resource: Resource) -> Iterator[Check]:
    """No path of a probe or of an Ingress has two slashes behind each other.

    It is that of an empty value between two slashes; most servers know no such path. Source:
    https://github.com/banzaicloud/banzai-charts/issues/467
    """
    for path in _paths(resource) if is_built_in(resource.identity.api_version) else ():
        yield states(path, "//" not in path.text, expected="one slash at a time")


def _paths(resource: Resource) -> Iterator[Place[Resource]]:
    for container in containers_if_any(resource):
        yield from (request / "path" for request in kubelet_requests(container) if request.address.endswith("httpGet"))
    if resource.kind == "Ingress":
        for rule in (resource / "spec" / "rules").maps():
            yield from (path / "path" for path in (rule / "http" / "paths").maps())


paths_have_one_slash_at_a_time.breaks(
    manifests=HEALTHY,
    a_value_in_the_probe_is_empty=put("Deployment web", f"{_WEB}.readinessProbe.httpGet.path", "//ready"),
    a_value_in_the_route_is_empty=put("Ingress web", "spec.rules[0].http.paths[0].path", "/shop//(.*)"),
)
