"""How programs are started: other commands, variables and flags that are gone, and objects that others have to make."""

from __future__ import annotations

import pytest

from chartgate.review.risks.risk_classes import OF_RESOURCES
from chartgate.review.scenario_changes import of_pair
from tests.review.object_pairs import paired, shown

CONTAINER = "spec.template.spec.containers[a]"
MADE = "\n---\n{apiVersion: v1, kind: Secret, metadata: {name: own}, stringData: {word: a}}"


def _started(inside: str, beside: str = "", kind: str = "Deployment", meta: str = "") -> str:
    pod = f"{{containers: [{{name: a, image: 'x:1', {inside}}}]{beside}}}"
    spec = f"{{template: {{spec: {pod}}}}}"
    return f"{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: web{meta}}}, spec: {spec}}}"


def _reading(key: str, name: str = "login", more: str = "") -> str:
    return _started(f"env: [{{name: WORD, valueFrom: {{secretKeyRef: {{name: {name}, key: {key}{more}}}}}}}]")


def _showing(volume: str) -> str:
    return _started("tty: false", f", volumes: [{{name: v, {volume}}}]")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (_started("args: [serve]"), _started("command: [serve]"), ("start_changed", f"{CONTAINER}.command")),
        (_started("command: [serve]"), _started("args: [serve]"), ("start_changed", f"{CONTAINER}.command")),
        (_started("command: [/uid_entrypoint.sh]"), _started("command: [/entrypoint.sh]"),
         ("start_changed", f"{CONTAINER}.command[0]")),
        (_started("args: [--watch-all, --level=1]"), _started("args: [--level=2]"),
         ("start_changed", f"{CONTAINER}.args[0]")),
        (_started("command: [a, --once]"), _started("command: [a]"), ("start_changed", f"{CONTAINER}.command[1]")),
        (_started("env: [{name: HOST, value: a}, {name: B, value: b}]"), _started("env: [{name: B, value: b}]"),
         ("start_changed", f"{CONTAINER}.env[HOST]")),
        (_started("env: [{name: HOST, value: a}]"), _started("tty: false"),
         ("start_changed", f"{CONTAINER}.env")),
        (_started("envFrom: [{secretRef: {name: a}}]"), _started("tty: false"),
         ("start_changed", f"{CONTAINER}.envFrom")),
        (_started("args: [--a]", kind="CronJob").replace("{template", "{jobTemplate: {spec: {template") + "}}",
         _started("args: []", kind="CronJob").replace("{template", "{jobTemplate: {spec: {template") + "}}",
         ("start_changed", "spec.jobTemplate.spec.template.spec.containers[a].args[0]")),
        (_reading("word"), _reading("password"),
         ("source_changed", f"{CONTAINER}.env[WORD].valueFrom.secretKeyRef.key")),
        (_reading("word"), _reading("word", "credentials"),
         ("source_changed", f"{CONTAINER}.env[WORD].valueFrom.secretKeyRef.name")),
        (_started("envFrom: [{configMapRef: {name: a}}]"), _started("envFrom: [{configMapRef: {name: b}}]"),
         ("source_changed", f"{CONTAINER}.envFrom[0].configMapRef.name")),
        (_showing("secret: {secretName: a}"), _showing("secret: {secretName: b}"),
         ("source_changed", "spec.template.spec.volumes[v].secret.secretName")),
        (_showing("configMap: {name: a}"), _showing("secret: {secretName: a}"),
         ("source_changed", "spec.template.spec.volumes[v].secret")),
        (_showing("projected: {sources: [{secret: {name: a}}]}"),
         _showing("projected: {sources: [{secret: {name: b}}]}"),
         ("source_changed", "spec.template.spec.volumes[v].projected.sources[0].secret.name")),
    ],
)  # fmt: skip
def test_what_no_longer_starts_as_it_did(before: str, after: str, expected: tuple[str, str]) -> None:
    assert shown(paired(before, after)) == {expected[0]: ("caution", expected[1])}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_started("command: [a, b]"), _started("command: [a], args: [b]")),
        (_started("command: [sh, -c, 'echo a']"), _started("command: [sh, -c, 'echo b']")),
        (_started("args: [--level, '1']"), _started("args: [--level=1]")),
        (_started("args: [--level=1]"), _started("args: [--level=2]")),
        (_started("args: [--level=1]"), _started("command: [a, --level=1]").replace("command: [a, ", "args: [")),
        (_started("env: [{name: A, value: a}]"), _started("env: [{name: A, value: b}, {name: B, value: c}]")),
        (_started("env: [{name: A, value: ''}]"), _started("env: []")),
        (_started("env: [{name: A, value: a}]"), _started("envFrom: [{configMapRef: {name: web}}]")),
        (_started("env: 7, args: {a: b}, command: null"), _started("env: {a: b}, args: 7")),
        (_reading("word", "old"), _reading("word", "own") + MADE),
        (_reading("word"), _reading("other", more=", optional: true")),
        (_reading("word"), _started("env: [{name: WORD, value: a}]")),
        (_started("envFrom: [{secretRef: {name: a}}]"),
         _started("envFrom: [{configMapRef: {name: web}}, {secretRef: {name: a}}]")),
        (_started("args: [--a]", meta=", annotations: {helm.sh/hook: test}"),
         _started("args: []", meta=", annotations: {helm.sh/hook: test}")),
    ],
)  # fmt: skip
def test_what_starts_as_it_did(before: str, after: str) -> None:
    assert {*shown(paired(before, after))} <= {"resource_added"}


def test_what_is_lost_is_named() -> None:
    before, after = _started("args: [--a, -b=1, --c, --d, --e]"), _started("args: [--c]")
    (change,) = [c for p in paired(before, after) for c in of_pair(p, OF_RESOURCES) if c.risks]
    assert [risk.reason for risk in change.risks] == ["it no longer has --a, -b, --d, --e"]
