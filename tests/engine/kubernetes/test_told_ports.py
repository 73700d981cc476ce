"""What a program is told of the ports at which it listens, and what is said of the ports of others."""

from __future__ import annotations

import json

import pytest

from chartgate.kubernetes.pods.workloads import container
from chartgate.kubernetes.programs.told_ports import told_ports
from chartgate.rendering.manifests import parse


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--listen=:8080"], ["listen 8080"]),
        (["--http.listen-address=0.0.0.0:9090"], ["http.listen-address 9090"]),
        (["--bind", "[::]:9090"], ["bind 9090"]),
        (["redis-server", "--port", "6379"], ["port 6379"]),
        (["--http-port=80", "--metrics_port=90"], ["http-port 80", "metrics_port 90"]),
        (["--web-port", "80"], ["web-port 80"]),
        (["exec serve --port 8080 --verbose"], ["port 8080"]),
        (["exec serve --port='8080'"], ["port 8080"]),
        (["-port=8080"], ["port 8080"]),
        # Of other programs, of nothing that is known, and no port.
        (["--redis-port=6379", "--db.port", "5432", "--server-port=8080"], []),
        (["--upstream=:8080", "--target=web:8080", "8080"], []),
        (["--listen=http://web:8080/", "--listen=on", "--bind=*"], []),
        (["--port", "--verbose"], []),
        (["--port"], []),
        (["--port=http"], []),
    ],
)
def test_what_arguments_say(args: list[str], told: list[str]) -> None:
    assert _told(f"args: {json.dumps(args)}") == told


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "8080", ["PORT 8080"]),
        ("HTTP_PORT", "8080", ["HTTP_PORT 8080"]),
        ("LISTEN_ADDR", ":8080", ["LISTEN_ADDR 8080"]),
        ("DB_PORT", "5432", []),
        ("SHOP_PORT", "8080", ["SHOP_PORT 8080"]),
        ("QUAY_PORT", "8080", []),
        ("WEB_SERVICE_PORT", "80", []),
    ],
)
def test_what_variables_say(name: str, value: str, told: list[str]) -> None:
    env = f"env: [{{name: {name}, value: '{value}'}}, {{name: OTHER}}]"
    assert _told(f"image: 'quay.io/shop/api:1.0', {env}") == told


@pytest.mark.parametrize("odd", ["args: {a: 1}", "command: --port", "args: [1, null, [--port]]", "env: {a: 1}"])
def test_what_is_no_list_of_words_says_nothing(odd: str) -> None:
    assert _told(odd) == []


def _told(fields: str) -> list[str]:
    pod = f"{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{containers: [{{name: web, {fields}}}]}}}}"
    main = container(parse(f"---\n# Source: a/templates/a.yaml\n{pod}\n", "shop").one("Pod", "a"), "web")
    return [f"{told.name} {told.number}" for told in told_ports(main)]
