"""Paths: who asks a server asks below the path that it is told to serve at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from chartgate.documents.addresses import lookup
from chartgate.documents.places import Place
from chartgate.kubernetes.pods.environment import variable_places
from chartgate.kubernetes.pods.kubelet_requests import kubelet_requests
from chartgate.kubernetes.pods.mounted_files import files_in_mounts
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, words_of
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.matrix.derivations.other_folders import CHOSEN_PATH, with_other_paths
from chartgate.model import Check, Rendering, Resource, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import added, put
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
_URL = re.compile(r"://(?:[^\s/@]*+@)?+(?P<host>[^\s/:@\"']++)[^\s\"',;]*+")
_MOST = 2
"""Probes of a port that ask below the path, beside which another one is forgotten."""
_LOOPBACK = ("localhost", "127")


@policy(
    over=with_other_paths,
    severity="warning",
    remediation="Write the same value in front of the path of the probe.",
)
def probes_follow_the_path_of_the_server(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With another base path, the probes of a server's only port ask below it.

    The program is told to serve at `/shop`, by an argument, a variable or its configuration; the probe still asks
    `/health`, gets 404, and the pod is killed. A URL of a Service of the release, or of the pod itself, says whom the
    program calls, not where it serves. Where two probes of a port follow the path, so does the third, and so does one
    that asks for the same as another one. Source: https://github.com/paulbouwer/hello-kubernetes/issues/44
    """
    if before.error or after.error or _is_elsewhere(before, after):
        return
    for resource in after.resources:
        for container in containers_if_any(resource):
            requests = [request for request in kubelet_requests(container) if request.address.endswith("httpGet")]
            follow = [request for request in requests if _NAME in (request / "path").text]
            expected = f"a path below {CHOSEN_PATH}, where {container.name} is told to serve"
            for request in requests if follow else ():
                others = [other for other in follow if other.at("port") == request.at("port")]
                asked = f"{CHOSEN_PATH}{(request / 'path').text}"
                is_one = len(others) >= _MOST or any((other / "path").text == asked for other in others)
                passed = request in others or not is_one
                yield states(request / "path", passed, expected=expected)
            if not requests or len(list((container / "ports").maps())) != 1 or not _is_told(container, after.resources):
                continue
            # One that asks below it shows that the others mean something else.
            for request in requests[:1] if not follow else requests if len(follow) < _MOST else ():
                yield states(request / "path", bool(follow), expected=expected)


def _is_elsewhere(before: Rendering, after: Rendering) -> bool:
    """Tell whether the chart's own path is one that no probe asks below: the server answers beside it as well."""
    own = [str(lookup(before.scenario.values, key)).strip("/") for key in after.scenario.changes]
    asked = {
        (request / "path").text
        for resource in before.resources
        for container in containers_if_any(resource)
        for request in kubelet_requests(container)
    }
    return bool(own) and all(path and not any(path in other for other in asked) for path in own)


def _is_told(container: Container, resources: Resources) -> bool:
    services = {service.name for service in resources.of_kind("Service")}
    given = [
        *words_of(container),
        *(place for _, place in variable_places(container, resources)),
        *(file.place for file in files_in_mounts(container, resources)),
    ]
    return any(_NAME in _without_calls(place.text, services) for place in given if _NAME in place.text)


def _without_calls(text: str, services: Set[str]) -> str:
    """Take out the URLs of what a program of the release calls: a Service of the release, or a neighbour in its pod."""

    def kept(url: re.Match[str]) -> str:
        first = url["host"].partition(".")[0]
        return "" if first in services or first in _LOOPBACK else url[0]

    return _URL.sub(kept, text)


probes_follow_the_path_of_the_server.breaks(
    manifests=HEALTHY,
    the_probe_asks_above_it=put("Deployment web", f"{_WEB}.args", ["--port=8080", f"--base={CHOSEN_PATH}"]),
    a_mounted_file_tells_the_server=(
        added(
            f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: web}}, data: {{web.ini: 'base = {CHOSEN_PATH}'}}}}"
        ),
        put("Deployment web", "spec.template.spec.volumes", [{"name": "config", "configMap": {"name": "web"}}]),
        put("Deployment web", f"{_WEB}.volumeMounts", [{"name": "config", "mountPath": "/etc/web"}]),
    ),
)


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
