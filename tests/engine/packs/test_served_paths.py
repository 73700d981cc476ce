"""Who is told to serve below another path, and who only calls a server that is."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.matrix.derivations.other_folders import CHOSEN_PATH
from chartgate.packs.kubernetes.networking.paths import HEALTHY, probes_follow_the_path_of_the_server
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of
from tests.engine.packs.literal_charts import failed

BESIDE = f"""
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: web}}
data: {{web.ini: "base = {CHOSEN_PATH}", other.ini: "a = b"}}
---
apiVersion: v1
kind: Service
metadata: {{name: shop}}
spec: {{ports: [{{port: 80}}]}}
"""
_MOUNTED = "volumeMounts: [{name: config, mountPath: /etc/web%s}]"


def found(told: str) -> list[str]:
    manifests = HEALTHY.replace("args: [--port=8080]", told) + BESIDE
    volumes = "spec:\n      volumes: [{name: config, configMap: {name: web}}]\n      containers:"
    rendering = literal_rendering(manifests.replace("spec:\n      containers:", volumes))
    checks = checks_of(probes_follow_the_path_of_the_server, [rendering, rendering])
    return [str(check.actual) for check in checks if not check.passed]


@pytest.mark.parametrize(
    "told",
    [
        f"args: [--base={CHOSEN_PATH}]",
        f"args: ['--url=https://example.com{CHOSEN_PATH}']",
        f"args: ['--shop=http://shop/a --base={CHOSEN_PATH}']",
        f"env: [{{name: BASE, value: {CHOSEN_PATH}}}]",
        "env: [{name: BASE, valueFrom: {configMapKeyRef: {name: web, key: web.ini}}}]",
        "envFrom: [{configMapRef: {name: web}}]",
        _MOUNTED % "",
        _MOUNTED % ", subPath: web.ini",
    ],
)
def test_a_server_that_is_told_is_to_be_asked_there(told: str) -> None:
    assert found(told) == ["/ready"]


@pytest.mark.parametrize(
    "told",
    [
        f"args: ['--target=http://127.0.0.1:8080{CHOSEN_PATH}/stats']",
        f"args: ['--target=http://localhost{CHOSEN_PATH}']",
        f"args: ['--shop=http://shop{CHOSEN_PATH}']",
        f"env: [{{name: SHOP, value: 'http://me@shop.default.svc:80{CHOSEN_PATH}/a'}}]",
        _MOUNTED % ", subPath: other.ini",
        "args: [--port=8080]",
    ],
)
def test_who_calls_a_server_serves_where_it_likes(told: str) -> None:
    assert found(told) == []


@pytest.mark.parametrize(("own", "served"), [("", ["/ready"]), ("/shop", []), ("/ready", ["/ready"])])
def test_a_server_whose_own_path_no_probe_asks_below_answers_beside_it(own: str, served: list[str]) -> None:
    rendering = literal_rendering(HEALTHY.replace("--port=8080", f"--base={CHOSEN_PATH}"))
    scenarios = [
        dataclasses.replace(rendering.scenario, values={"base": path}, changes={"base": path})
        for path in (own, CHOSEN_PATH)
    ]
    pair = [dataclasses.replace(rendering, scenario=scenario) for scenario in scenarios]
    assert [str(check.actual) for check in failed(checks_of(probes_follow_the_path_of_the_server, pair))] == served


@pytest.mark.parametrize(
    ("path", "port", "is_forgotten"),
    [("/ready", "http", True), ("/live", "http", False), ("/ready", "metrics", False), ("/", "http", False)],
)
def test_of_two_probes_that_ask_for_the_same_both_follow(path: str, port: str, is_forgotten: bool) -> None:
    followed = HEALTHY.replace("path: /ready", f"path: {CHOSEN_PATH}/ready")
    probe = f"livenessProbe: {{httpGet: {{path: {path}, port: {port}}}}}"
    rendering = literal_rendering(followed.replace("args: [--port=8080]", probe))
    checks = checks_of(probes_follow_the_path_of_the_server, [rendering, rendering])
    assert [str(check.actual) for check in checks if not check.passed] == ([path] if is_forgotten else [])
