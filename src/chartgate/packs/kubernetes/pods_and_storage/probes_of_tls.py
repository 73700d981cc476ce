"""Probes of TLS: where a switch makes a server speak TLS, its probes do so too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from chartgate.documents.addresses import steps
from chartgate.documents.places import Place
from chartgate.kubernetes.pods.kubelet_requests import kubelet_requests
from chartgate.kubernetes.pods.workloads import Container, containers_if_any, containers_of_both
from chartgate.matrix.derivations.switch_turns import SWITCHES, turned, turned_last
from chartgate.model import Check, Rendering, Resource, in_both
from chartgate.policy.checks import states
from chartgate.policy.edits import of_scenario, put
from chartgate.policy.policy import policy

HEALTHY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: web
          args: [serve]
          ports: [{name: http, containerPort: 8080}]
          readinessProbe: {httpGet: {path: /ready, port: http}}
"""
_TLS = re.compile(r"\A(?:tls|ssl|https)|(?:tls|ssl|https)\Z", re.IGNORECASE)
_OF_THE_SERVER = frozenset(
    ["server", "web", "http", "https", "service", "api", "app", "listener", "config", "security"]
)
"""What the key may be below; elsewhere it is about the database, the cache or another whom the server calls."""
_CERTIFICATE = re.compile(r"cert|tls|ssl|https|pem\b", re.IGNORECASE)
_OF_PROBES = re.compile(r"health|probe|ready|live")
_GIVEN = ("command", "args", "env", "envFrom", "volumeMounts")
_WEB = "spec.template.spec.containers[web]"


@policy(
    over=turned,
    severity="warning",
    remediation="Give the probe `scheme: HTTPS` under the same condition.",
)
def probes_speak_tls_where_the_server_does(before: Rendering, after: Rendering) -> Iterator[Check]:
    """With TLS switched on for a server, the probes of its only port ask by HTTPS.

    A container that gets its certificate with the switch, and has one port, at which the probe asks: by HTTP, it is
    refused, and the pod never becomes ready. Source: https://github.com/zitadel/zitadel-charts/issues/143
    """
    key, value = turned_last(after.scenario)
    if before.error or after.error or value is not True or not _is_of_the_server(key):
        return
    for was, resource in in_both(before.resources, after.resources):
        for old, container in containers_of_both(was, resource):
            if _has_one_port(container) and _gets_a_certificate(old, container):
                for request in kubelet_requests(container):
                    if request.address.endswith("httpGet"):
                        scheme = request / "scheme"
                        expected = f"HTTPS, since {key} makes {container.name} speak TLS at its only port"
                        yield states(scheme, scheme.text == "HTTPS", expected=expected, actual=scheme.text or "HTTP")


def _is_of_the_server(key: str) -> bool:
    path = [step for step in steps(key) if step not in SWITCHES]
    return any(_TLS.search(step) for step in path) and all(
        _TLS.search(step) or step.lower() in _OF_THE_SERVER for step in path
    )


def _has_one_port(container: Container) -> bool:
    """Tell whether a container serves at one port, which is none for the probes alone."""
    ports = [*(container / "ports").maps()]
    return len(ports) == 1 and not _OF_PROBES.search((ports[0] / "name").text)


def _gets_a_certificate(old: Container, new: Container) -> bool:
    """Tell whether a container is given something of a certificate that it was not given before, and no other port."""
    given = _given(new) - _given(old)
    is_same_port = (old / "ports").value == (new / "ports").value
    return is_same_port and any(_CERTIFICATE.search(text) for text in given)


def _given(container: Container) -> set[str]:
    return {json.dumps(item.value, default=str) for field in _GIVEN for item in container / field}


probes_speak_tls_where_the_server_does.breaks(
    manifests=HEALTHY,
    the_probe_asks_by_http=(
        put("Deployment web", f"{_WEB}.args", ["serve", "--tls-cert=/etc/tls/tls.crt"]),
        of_scenario(changes={"tls.enabled": True}, is_trial=True),
    ),
)


@policy(
    severity="error",
    remediation="Give both probes the same `scheme`, under the same condition.",
)
def probes_of_a_port_agree_on_tls(rendering: Rendering) -> Iterator[Check]:
    """No probe asks a port by HTTP that another probe of the container asks by HTTPS.

    A port speaks one of the two: either the pod never becomes ready, or it is killed again and again. Source:
    https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#http-probes
    """
    for resource in rendering.resources:
        for container in containers_if_any(resource):
            asked = [r for r in kubelet_requests(container) if r.address.endswith("Probe.httpGet")]
            for request in asked:
                scheme, port = (request / "scheme").text or "HTTP", _number_of(container, request)
                others = {(o / "scheme").text or "HTTP" for o in asked if _number_of(container, o) == port}
                expected = f"HTTPS, by which another probe asks {container.name} at {(request / 'port').value}"
                passed = scheme == "HTTPS" or "HTTPS" not in others
                yield states(request / "scheme", passed, expected=expected, actual=scheme)


def _number_of(container: Container, request: Place[Resource]) -> object:
    """Give the number of the port that a probe asks, by its name if it has no other."""
    port = (request / "port").value
    declared = (one.map.get("containerPort") for one in (container / "ports").maps() if one.map.get("name") == port)
    return next(declared, port)


probes_of_a_port_agree_on_tls.breaks(
    manifests=HEALTHY,
    one_of_them_asks_by_http=put(
        "Deployment web", f"{_WEB}.livenessProbe", {"httpGet": {"path": "/", "port": 8080, "scheme": "HTTPS"}}
    ),
)
