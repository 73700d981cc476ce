"""Programs that listen elsewhere than their Service leads, and monitors that speak otherwise than probes."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.packs.kubernetes.networking import listening
from chartgate.policy.edits import Edit, gone, put
from chartgate.policy.policy import Policy
from tests.engine.packs.literal_charts import findings_of

_WEB = "spec.template.spec.containers[web]"
_ELSEWHERE = "443, and Service web leads from there to 8443"


def found(policy: Policy, *edits: Edit) -> list[str]:
    return [str(check.actual) for check in findings_of(policy, listening.HEALTHY, *edits)]


@pytest.mark.parametrize(
    ("edits", "is_fine"),
    [
        ([put("Deployment web", f"{_WEB}.args", ["--listen=:443"])], False),
        ([put("Deployment web", f"{_WEB}.env", [{"name": "HTTPS_PORT", "value": "443"}])], False),
        ([put("ConfigMap web", "data[web.yaml]", "server:\n  - listen_address: '[::]:443'\n")], False),
        ([put("ConfigMap web", "data[web.yaml]", '{\n"listen": ":443",\n"a": 1}')], False),
        # It declares that one as well, or none; the port is that of another program; it is no line of its own.
        ([put("Deployment web", f"{_WEB}.args", ["--secure-port=443"]), gone("Deployment web", f"{_WEB}.ports")], True),
        (
            [
                put("Deployment web", f"{_WEB}.args", ["--secure-port=443"]),
                put(
                    "Deployment web",
                    f"{_WEB}.ports",
                    [{"name": "https", "containerPort": 8443}, {"containerPort": 443}],
                ),
            ],
            True,
        ),
        ([put("Deployment web", f"{_WEB}.args", ["--redis-port=443"])], True),
        ([put("Deployment web", f"{_WEB}.readinessProbe", {"tcpSocket": {"port": 443}})], False),
        ([put("Deployment web", f"{_WEB}.readinessProbe", {"tcpSocket": {"port": 9443}})], True),
        ([put("Deployment web", f"{_WEB}.args", ["--secure-port=9443"])], True),
        ([put("ConfigMap web", "data[web.yaml]", "# listens at: 0.0.0.0:443\nupstream: shop:443")], True),
        ([put("ConfigMap web", "data[web.yaml]", "listen: 10.0.0.1:443")], True),
        (
            [put("Deployment web", f"{_WEB}.volumeMounts", []), put("ConfigMap web", "data[web.yaml]", "listen: :443")],
            True,
        ),
    ],
)
def test_where_programs_listen(edits: list[Edit], is_fine: bool) -> None:
    assert found(listening.programs_listen_where_they_are_asked, *edits) == ([] if is_fine else [_ELSEWHERE])


def _asked(word: str, number: int, *more: dict[str, Any]) -> Edit:
    ports = [{"name": word, "containerPort": number}, *more]
    return put("Deployment web", _WEB, {"name": "web", "ports": ports, "args": ["ARGUMENT"]})


@pytest.mark.parametrize(
    ("edit", "argument", "told"),
    [
        (_asked("metrics", 8080), "--metrics-bind-address=:8081", 8081),
        (_asked("http-metrics", 8080), "--metrics-port=8081", 8081),
        (_asked("healthz", 8080), "--health-probe-bind-address=0.0.0.0:8081", 8081),
        (_asked("webhook", 9443), "--webhook-port 9444", 9444),
        (_asked("metrics", 8080), "--metrics=:8081", 8081),
        # It is that one, declares both, or is told of both; the port is one of another purpose, or several are of it.
        (_asked("metrics", 8080), "--metrics-bind-address=:8080", None),
        (_asked("metrics", 8080, {"containerPort": 8081}), "--metrics-bind-address=:8081", None),
        (_asked("metrics", 8080), "--metrics-port=8081 --http-port=8080", None),
        (_asked("web", 8080), "--metrics-bind-address=:8081", None),
        (_asked("metrics", 8080, {"name": "sql-metrics", "containerPort": 80}), "--metrics-port=8081", None),
        (_asked("metrics", 8080), "--metrics-bind-address=127.0.0.1:0", None),
        (_asked("metrics", 8080), "--metrics-bind-address=0", None),
        (_asked("metrics", 8080, {"name": "http", "containerPort": 80}), "--listen=:8080 --metrics=:8080", None),
    ],
)
def test_flags_and_ports_of_one_name(edit: Edit, argument: str, told: int | None) -> None:
    actual = found(
        listening.programs_listen_where_they_are_asked, edit, put("Deployment web", f"{_WEB}.args", [argument])
    )
    assert actual == ([f"{told}, which web does not declare"] if told else [])


@pytest.mark.parametrize(
    ("address", "value", "actual"),
    [
        ("spec.endpoints[0].scheme", "http", ["http"]),
        ("spec.endpoints", [{"port": "https"}], ["http"]),
        ("spec.endpoints", [{"port": "other"}], []),
        ("spec.selector.matchLabels.app", "shop", []),
    ],
)
def test_what_monitors_speak(address: str, value: Any, actual: list[str]) -> None:
    assert found(listening.monitors_speak_tls_where_probes_do, put("ServiceMonitor web", address, value)) == actual


@pytest.mark.parametrize(
    "probe",
    [
        {"httpGet": {"path": "/", "port": "https"}},
        {"tcpSocket": {"port": "https"}},
        {"httpGet": {"port": 9, "scheme": "HTTPS"}},
    ],
)
def test_a_port_of_which_probes_say_nothing(probe: dict[str, Any]) -> None:
    edits = (
        put("Deployment web", f"{_WEB}.readinessProbe", probe),
        gone("ServiceMonitor web", "spec.endpoints[0].scheme"),
    )
    assert found(listening.monitors_speak_tls_where_probes_do, *edits) == []
