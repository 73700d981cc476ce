"""What a person reads when something is red."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.model import Case, Chart, Check
from chartgate.policy.policy import policy
from chartgate.policy.verdicts import Verdict
from chartgate.reports.pytest_failure import findings_lines, unrefused_text, unrendered_text, verdict_text
from tests.engine.toys import rendering_of, scenario

SECRET = "Secret shop/s (v1)"  # noqa: S105 - an identity
TEMPLATE = "toy/templates/secret.yaml"


@policy(severity="warning", remediation="Copy it as it is.", spec="Tokens")
def token_arrives(*_: Any) -> Iterator[Check]:
    """The token arrives.

    Else nobody gets in.
    """
    yield from ()


def _finding(path: str = "data.a", expected: Any = "x", actual: Any = "other", subject: str = SECRET) -> Check:
    return Check(subject, path, expected, actual, False, TEMPLATE, "loud")


def test_a_finding_in_full() -> None:
    verdict = Verdict(token_arrives, Case("loud", (scenario("loud"),)), (_finding(), Check(SECRET, "", 1, 1, True)))
    assert verdict_text(verdict, ["pytest 'x[y]'", "helm template"]) == (
        "token_arrives on loud: 1 finding (warning)\n"
        "The token arrives.\n"
        "\n"
        f"  {SECRET} from {TEMPLATE} (scenario loud)\n"
        "    data.a\n"
        "      expected: x\n"
        "      actual:   other\n"
        "\n"
        "what to do: Copy it as it is.\n"
        "spec:       Tokens\n"
        "\n"
        "see it again:\n"
        "  pytest 'x[y]'\n"
        "  helm template"
    )


def test_findings_of_one_resource_stand_together() -> None:
    findings = [_finding(), _finding("data.b"), _finding("", subject="Route r"), _finding("data.c")]
    lines = [line for line in findings_lines(findings) if not line.startswith("      ")]
    assert lines == [
        f"  {SECRET} from {TEMPLATE} (scenario loud)",
        "    data.a",
        "    data.b",
        "",
        f"  Route r from {TEMPLATE} (scenario loud)",
        "",
        f"  {SECRET} from {TEMPLATE} (scenario loud)",
        "    data.c",
        "",
    ]
    assert findings_lines([dataclasses.replace(_finding(), template="", scenario="")])[0] == f"  {SECRET}"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text", ["expected: text"]),
        ("1", ['expected: "1"']),
        (1, ["expected: 1"]),
        (1.0, ["expected: 1.0"]),
        ("true", ['expected: "true"']),
        ("y", ['expected: "y"']),
        (True, ["expected: true"]),
        (None, ["expected: null"]),
        ("null", ['expected: "null"']),
        ("", ["expected: ''"]),
        (" ", ["expected: ' '"]),
        ("2024-01-01", ["expected: 2024-01-01"]),
        ("a: [", ["expected: a: ["]),
        (ABSENT, ["expected: (absent)"]),
        ([], ["expected: []"]),
        ({}, ["expected: {}"]),
        (["a", {"b": "1"}], ["expected:", "  - a", "  - b: '1'"]),
        ({"a": "one\ntwo\n"}, ["expected:", "  a: |", "    one", "    two"]),
        ("one\ntwo\n", ["expected:", "  one", "  two"]),
    ],
)
def test_values_as_yaml_would_tell_them_apart(value: Any, shown: list[str]) -> None:
    lines = findings_lines([_finding(expected=value)])
    assert [line.removeprefix("      ") for line in lines[2 : 2 + len(shown)]] == shown


def test_what_did_not_render_is_not_explained_twice() -> None:
    case = Case("one..two", (scenario("one"), scenario("two")))
    text = verdict_text(Verdict(token_arrives, case, (), ("one", "two")), ["pytest"])
    assert text == (
        "scenario one did not render: see test_renders[one]\nscenario two did not render: see test_renders[two]"
    )


def test_a_scenario_that_does_not_render(toy: Chart) -> None:
    rendering = dataclasses.replace(rendering_of(toy, "", scenario("loud")), error="Error: no\nsecond line")
    assert unrendered_text(rendering, ["pytest x"]) == (
        "scenario loud must render, but it does not:\n\nError: no\nsecond line\n\nsee it again:\n  pytest x"
    )
    assert unrendered_text(rendering, ()).endswith("second line")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("", "  'mode'\n  'array'\n\nhelm said:\n(nothing: it rendered 1 resources)"),
        ("Error: mode is wrong", "  'array'\n\nhelm said:\nError: mode is wrong"),
    ],
)
def test_a_scenario_that_is_not_refused(error: str, text: str, toy: Chart) -> None:
    given = dataclasses.replace(scenario("wrong"), refusal=("mode", "array"))
    manifest = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}"
    rendering = dataclasses.replace(rendering_of(toy, manifest, given), error=error)
    assert unrefused_text(rendering, ["pytest x"]) == (
        f"scenario wrong must be refused, with these words in helm's stderr:\n{text}\n\nsee it again:\n  pytest x"
    )
