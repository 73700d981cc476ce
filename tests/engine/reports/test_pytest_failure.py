"""The text of a red item says what, where, what was expected, and how to see it again."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.gate.results.outcome import Finding, ItemResult, PolicySummary, Problem
from chartgate.model import Waiver
from chartgate.reports.pytest_failure import accepted_text, failure_text, findings_lines

SECRET = "Secret shop/demo-secret (v1)"  # noqa: S105 - a subject
TEMPLATE = "toy/templates/secret.yaml"
POLICY = PolicySummary("token_arrives", "The token arrives.", "Copy it as it is.", "Tokens")
WAIVER = Waiver("token_arrives", "", "", "", "Agreed.", "shop team", datetime.date(2026, 12, 31))


def _finding(path: str = "data.a", expected: Any = "x", actual: Any = "other", subject: str = SECRET) -> Finding:
    return Finding(POLICY, "warning", f"{subject} {path}", subject, TEMPLATE, path, expected, actual, ("loud",), "loud")


def test_a_finding_in_full() -> None:
    assert failure_text(ItemResult(findings=(_finding(),)), ["pytest 'x[y]'", "helm template"]) == (
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


def test_findings_of_one_resource_are_together() -> None:
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


def test_what_is_waived_is_counted_beside_what_is_not() -> None:
    waived = dataclasses.replace(_finding("data.b"), waivers=(WAIVER,))
    text = failure_text(ItemResult(findings=(_finding(),), waived=(waived, waived)), [])
    assert "waived:     2 findings more\n" in text
    assert "data.b" not in text
    assert accepted_text(ItemResult(waived=(waived,))) == "1 finding waived: Agreed. (shop team, until 2026-12-31)"


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
    assert failure_text(ItemResult(unjudged=("one", "two")), ["pytest"]) == (
        "scenario one did not render: see test_renders[one]\nscenario two did not render: see test_renders[two]"
    )


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (
            Problem("renders", "", "Error: no\nsecond line", ("loud",)),
            "scenario loud must render, but it does not:\n\nError: no\nsecond line",
        ),
        (
            Problem("refused", "", "helm does not say 'mode'; it says:\nError", ("wrong",)),
            "scenario wrong must be refused in the words of the matrix, but it is not:\n\n"
            "helm does not say 'mode'; it says:\nError",
        ),
        (
            Problem("examines", "token_arrives", "It is idle."),
            "token_arrives: the policy proves nothing:\n\nIt is idle.",
        ),
    ],
)
def test_a_problem(problem: Problem, text: str) -> None:
    assert failure_text(ItemResult(problems=(problem,)), ["pytest x"]) == f"{text}\n\nsee it again:\n  pytest x"
