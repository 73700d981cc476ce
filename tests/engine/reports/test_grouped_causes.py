"""What is red fits on a screen, in order; several policies about one place are together, what follows is counted."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.gate.results.outcome import (
    AcceptedFinding,
    Causes,
    Finding,
    ItemResult,
    PolicySummary,
    Problem,
    ProblemKind,
    Variant,
)
from chartgate.gate.results.written import SourceLine, Written
from chartgate.gate.telling.carried_results import brought, carried
from chartgate.gate.telling.causes import JudgedItem
from chartgate.gate.telling.moved_objects import with_causes
from chartgate.gate.telling.same_lines import of_one_line
from chartgate.model import AskedObject, Severity
from chartgate.policy.checks import as_asked
from chartgate.reports.finding_words import variant_words
from chartgate.reports.grouped_causes import MOST_LINES, grouped_lines

_OF_NOTHING: tuple[tuple[ProblemKind, str], ...] = (
    ("examines", "is_idle"),
    ("waiver", "is_there-1"),
    ("examines", "is_empty"),
)
_IN_ANOTHER = {"subject": "Deployment other (apps/v1)", "expected": as_asked("twice", "is_there")}
WHERE = "in 16 of 73 scenarios: all with cache"


def _finding(
    policy: str = "is_there", severity: Severity = "error", path: str = "spec.replicas", actual: Any = 1
) -> Finding:
    return Finding(
        PolicySummary(policy, f"What {policy} says.", f"Mend {policy}.", ""),
        severity,
        f"{policy} Deployment web {path}",
        "Deployment shop/web (apps/v1)",
        "toy/templates/web.yaml",
        path,
        2,
        actual,
        ("off", "cache"),
        again=("first", "second"),
        where=WHERE,
    )


def _causes(*findings: Finding, problems: tuple[Problem, ...] = (), unjudged: int = 0) -> Causes:
    return Causes(findings, problems, tuple(("is_there", str(number)) for number in range(unjudged)))


def test_what_does_not_render_comes_first_and_policies_about_one_place_are_together() -> None:
    other = _finding("is_right", path="spec.paused", severity="warning")
    said = "Error: no\n\nUse --debug flag to render out invalid YAML"
    problem = Problem("renders", "", said, ("a", "b"), ("again",), where="in 2 of 9 scenarios: a, b")
    assert grouped_lines(_causes(other, _finding(), _finding("is_more", "warning"), problems=(problem,))) == [
        "must render, but it does not",
        "  Error: no",
        "  in 2 of 9 scenarios: a, b",
        "    see it again: again",
        "",
        "Deployment shop/web (apps/v1) from toy/templates/web.yaml",
        "  spec.replicas",
        "  error: is_there: What is_there says.",
        "      expected: 2",
        "      actual:   1",
        "    what to do: Mend is_there.",
        "  warning: is_more: What is_more says.",
        "      expected: 2",
        "      actual:   1",
        "    what to do: Mend is_more.",
        f"    {WHERE}",
        "    see it again: first",
        "",
        "Deployment shop/web (apps/v1) from toy/templates/web.yaml",
        "  spec.paused",
        "  warning: is_right: What is_right says.",
        "      expected: 2",
        "      actual:   1",
        "    what to do: Mend is_right.",
        f"    {WHERE}",
        "",
    ]


def test_what_only_the_release_s_name_makes_two_is_told_once() -> None:
    """A release that is called like a part of an object's name gives another fingerprint, and says nothing new."""
    alike = dataclasses.replace(_finding(), fingerprint="another", where="in one_more")
    lines = grouped_lines(_causes(_finding(), alike, _finding(actual=3)))
    assert [line for line in lines if "error" in line or "in " in line] == [
        "  error: is_there: What is_there says.",
        f"    {WHERE}",
        "    in one_more",
        "  error: is_there",
        f"    {WHERE}",
    ]


@pytest.mark.parametrize(
    ("places", "told"),
    [
        (1, []),
        (3, [f"    likewise: Deployment shop/{n} (apps/v1) spec.replicas, {WHERE}" for n in (1, 2)]),
        (5, [f"    likewise: Deployment shop/{n} (apps/v1) spec.replicas, {WHERE}" for n in (1, 2, 3, 4)]),
        (
            9,
            [
                *(f"    likewise: Deployment shop/{n} (apps/v1) spec.replicas, {WHERE}" for n in (1, 2, 3)),
                "    and 5 more places like these",
            ],
        ),
    ],
)
def test_one_line_that_is_wrong_in_many_objects_is_one_cause(places: int, told: list[str]) -> None:
    written = Written(SourceLine("toy/templates/_pod.tpl", 3, 3))
    findings = [
        dataclasses.replace(_finding(), subject=f"Deployment shop/{number} (apps/v1)", written=written)
        for number in range(places)
    ]
    lines = grouped_lines(_causes(*findings))
    assert [line for line in lines if "likewise" in line or "more places" in line] == told
    assert lines.count("  written by toy/templates/_pod.tpl:3") == 1
    other = dataclasses.replace(findings[0], subject="another", actual=3)
    assert grouped_lines(_causes(*findings, other)).count("  written by toy/templates/_pod.tpl:3") == 2


def test_what_is_about_changed_lines_comes_first_and_says_so() -> None:
    by, calls = SourceLine("toy/_pod.tpl", 3, 4), (SourceLine("toy/web.yaml", 9),)
    other, third = SourceLine("toy/other.yaml", 5, 6), SourceLine("toy/_pod.tpl", 8)
    lines = {
        "c": Written(by, calls, changed="line", since="main", changed_at=calls[0]),
        "e": Written(by, calls, changed="line", since="main", changed_at=dataclasses.replace(by, last=3)),
        "f": Written(by, calls, changed="line", since="main", changed_at=other, also=(other, third)),
        "b": Written(by, calls, changed="template", since="main", changed_at=third, also=(other,)),
        "g": Written(SourceLine("toy/_pod.tpl"), changed="template", since="main"),
        "a": Written(by, scenario="all_on", parts=(third, other, other.moved(4)), compared=(third,)),
        "h": Written(SourceLine("toy/_pod.tpl"), also=(third, other)),
    }
    severities: dict[str, Severity] = dict.fromkeys("adbcefgh", "error")
    severities["c"] = "warning"
    findings = [
        dataclasses.replace(_finding(path=path, severity=severity), actual=path, written=lines.get(path))
        for path, severity in severities.items()
    ]
    shown = grouped_lines(_causes(*findings), most=0)
    assert [
        line.strip()
        for line in shown
        if line.startswith("  ") and ("toy/" in line or "since" in line or line[2:] in "abcdefgh")
    ] == [
        "e",
        "written by toy/_pod.tpl:3-4 (line 3 changed since main), called from toy/web.yaml:9",
        "f",
        "changed since main: toy/other.yaml:5-6; written by toy/_pod.tpl:3-4, called from toy/web.yaml:9; see also"
        " toy/_pod.tpl:8",
        "c",
        "written by toy/_pod.tpl:3-4, called from toy/web.yaml:9 (changed since main)",
        "b",
        "changed since main: toy/_pod.tpl:8; written by toy/_pod.tpl:3-4, called from toy/web.yaml:9; see also"
        " toy/other.yaml:5-6",
        "g",
        "changed since main: its template",
        "a",
        "where it is there (all_on), written by toy/_pod.tpl:3-4, read by line 8, toy/other.yaml:5-6, line 9, compared"
        " with toy/_pod.tpl:8",
        "d",
        "h",
        "look at toy/_pod.tpl:8; see also toy/other.yaml:5-6",
    ]


def test_what_does_not_fit_is_counted_and_shown_when_asked_for() -> None:
    findings = [_finding(path=f"a.{number}") for number in range(9)]
    findings += [_finding("is_right", "warning", f"b.{number}") for number in range(10_000)]
    short = grouped_lines(_causes(*findings), more="`--all` shows them")
    assert len(short) < MOST_LINES + 5
    assert short[-2:] == ["and 10002 findings (2 errors, 10000 warnings) more: `--all` shows them", ""]
    everything = grouped_lines(_causes(*findings), most=0)
    assert "  b.9999" in everything
    assert "    see it again: second" in everything


def test_a_long_value_and_a_long_message_are_cut() -> None:
    value = {f"key{number:02}": number for number in range(50)}
    lines = [f"line {number} {'x' * 600} why" for number in range(50)]
    problem = Problem("crash", "is_there", "\n".join(lines), ("off",))
    shown = grouped_lines(_causes(_finding(actual=value), problems=(problem,)))
    assert "        ... and 43 more lines" in shown
    left_out = shown.index("  ... and 38 more lines")
    assert [line[:9] for line in shown[left_out - 1 : left_out + 2]] == ["  line 7 ", "  ... and", "  line 46"]
    assert f"  line 47 {'x' * 242}... and 112 more characters ...{'x' * 246} why" in shown
    everything = "\n".join(grouped_lines(_causes(_finding(actual=value), problems=(problem,)), most=0))
    assert "key49" in everything
    assert lines[49] in everything


def test_what_follows_is_counted_in_one_line() -> None:
    follows = Problem("refused", "", "helm does not say 'mode'; it says:\nError: no", ("no",), is_consequence=True)
    assert grouped_lines(_causes(problems=(follows,), unjudged=3)) == [
        "not judged, because helm did not render it: 3 cases of 1 policy and 1 refusal",
        "",
    ]
    proof = Problem("counterexample", "a-b", "the policy is red before anything is changed:", is_consequence=True)
    assert grouped_lines(_causes(problems=(proof, proof))) == [
        "not judged, because the policy is red before anything is changed: 2 counterexamples",
        "",
    ]


@pytest.mark.parametrize(
    "result",
    [
        ItemResult(findings=(_finding(), _finding(path="b", actual=[{"a": None}, True, "x"]))),
        ItemResult(problems=(Problem("renders", "", "Error", ("off",), ("again",)),)),
        ItemResult(unjudged=("off",), causes=(Problem("renders", "", "Error", ("off",)),)),
        ItemResult(
            findings=(
                dataclasses.replace(
                    _finding(),
                    asked=AskedObject("Secret", "a", "b"),
                    variants=(Variant("a: <release>", {"<release>": "b"}),),
                ),
                dataclasses.replace(
                    _finding(path="c"), baseline=AcceptedFinding("x", "error", datetime.date(2026, 1, 2), "me", "why")
                ),
            )
        ),
    ],
    ids=["findings", "a problem", "not judged", "one in the baseline"],
)
def test_what_a_worker_hands_on_arrives(result: ItemResult) -> None:
    item = JudgedItem("policy", "is_there", "off", result)
    text = carried(item)
    assert brought(text) == item
    assert carried(brought(text)) == text


def test_what_is_absent_arrives_in_words() -> None:
    item = JudgedItem("policy", "is_there", "off", ItemResult(findings=(_finding(actual=ABSENT),)))
    [finding] = brought(carried(item)).result.findings
    assert finding.actual == "(absent)"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Role <namespace>/<fullname> spec: found 1", "Role shop/a-web spec: found 1"),
        (": expected 'x', found <release>", "expected 'x', found a"),
        ("<hash> of <other>", "<hash> of <other>"),
    ],
)
def test_what_is_alike_has_the_names_of_its_installation(text: str, words: str) -> None:
    names = {"<namespace>": "shop", "<release>": "a", "<fullname>": "a-web"}
    assert variant_words(Variant(text, names)) == words


def test_what_follows_from_an_object_in_another_namespace_is_counted_with_it() -> None:
    moved = dataclasses.replace(
        _finding(path="metadata.namespace", actual=ABSENT), subject="Secret shop/login (v1)", fingerprint="moved"
    )
    reader = dataclasses.replace(_finding("is_read", path="spec.volumes[a]"), elsewhere="Secret shop/login")
    missing = dataclasses.replace(_finding("is_made"), subject="Secret db/login (v1)", template="", fingerprint="made")
    others = [
        dataclasses.replace(missing, subject="Secret db/token (v1)", fingerprint="another name"),
        dataclasses.replace(missing, subject="ConfigMap db/login (v1)", fingerprint="another kind"),
        dataclasses.replace(_finding(), elsewhere="Secret shop/login-2"),
    ]
    findings = with_causes([reader, missing, *others, moved])
    assert [finding.follows for finding in findings] == ["", "moved", "moved", "", "", ""]
    lines = grouped_lines(_causes(*findings), more="`--all` shows them")
    counted = "    and what follows from it: 2 findings of is_read, is_made: `--all` shows them"
    assert lines[0] == "Secret shop/login (v1) from toy/templates/web.yaml"
    assert lines[7] == counted
    told = [line for line in lines if line.startswith(("Secret", "ConfigMap", "Deployment"))]
    assert len(told) == 4
    assert not any(one.startswith("and ") for one in lines)
    everything = grouped_lines(_causes(*findings), most=0)
    assert "Secret db/login (v1)" in everything
    assert not any("follows from it" in line for line in everything)
    is_accepted = AcceptedFinding("moved", "error", datetime.date(2026, 1, 1))
    only_told = dataclasses.replace(moved, is_tolerated=True)
    for cause in (dataclasses.replace(moved, baseline=is_accepted), only_told):
        assert [finding.follows for finding in with_causes([reader, missing, cause])] == ["", "", ""]
    assert with_causes([dataclasses.replace(reader, is_tolerated=True), moved])[1].follows == "moved"


def test_what_several_policies_and_references_say_of_one_missing_object_is_counted_with_the_most_frequent() -> None:
    def missing(policy: str, path: str = "", subject: str = "Secret shop/login", **more: Any) -> Finding:
        finding = dataclasses.replace(_finding(policy, path=path), subject=subject, fingerprint=policy, template="")
        return dataclasses.replace(finding, **{"expected": "rendered once", "actual": "no Secret at all", **more})

    findings = with_causes(
        [
            _finding("is_else"),
            missing("is_told", cases=("off",)),
            missing("is_run", path="kubectl get secret login", cases=("a", "b", "c")),
            missing("is_made", subject="Secret shop/login (v1)", expected="rendered"),
            missing(
                "is_read",
                expected="rendered, or declared",
                template="a.yaml",
                asked=AskedObject("Secret", "login", "shop"),
            ),
            missing("is_another", subject="Secret db/login"),
            missing("is_present", expected=ABSENT, template="a.yaml"),
            missing("is_right", expected="with a label"),
        ]
    )
    assert findings[0].policy.name == "is_made"
    assert [one.policy.name for one in findings if one.follows == "is_made"] == ["is_told", "is_run", "is_read"]
    assert sum(not one.follows for one in findings) == 5


def test_what_is_wrong_with_an_object_that_must_not_be_there_is_counted_with_it() -> None:
    unwanted = dataclasses.replace(
        _finding("is_off", path="", actual="rendered"), expected=ABSENT, fingerprint="off", cases=("a", "b")
    )
    patched = dataclasses.replace(
        _finding("is_patched"), template="toy/templates/hub.yaml, patched by toy/templates/web.yaml", cases=("b",)
    )
    in_others = dataclasses.replace(patched, cases=("b", "c"))
    findings = with_causes(
        [patched, in_others, unwanted, dataclasses.replace(patched, template="toy/templates/hub.yaml")]
    )
    assert [finding.follows for finding in findings] == ["", "off", "", ""]
    assert findings[0] == unwanted


def test_where_findings_are_red_guards_and_waivers_of_nothing_are_a_line_each() -> None:
    problems = [Problem(kind, name, "nothing", is_of_nothing=True, is_consequence=True) for kind, name in _OF_NOTHING]
    lines = grouped_lines(_causes(_finding(), problems=tuple(problems)))
    assert lines[-3:] == [
        "what may follow from these findings: nothing to examine for is_idle, is_empty",
        "what may follow from these findings: nothing to accept for waivers is_there-1",
        "",
    ]
    assert "is_idle: the policy proves nothing" in grouped_lines(_causes(_finding(), problems=tuple(problems)), most=0)


def test_what_a_chart_may_mean_is_told_last_in_a_line_each() -> None:
    meant = dataclasses.replace(_finding("rights_are_few"), is_tolerated=True, severity="warning")
    policy = dataclasses.replace(meant.policy, is_choice=True)
    again = ("chartgate scenarios off --render --chart=toy",)
    meant = dataclasses.replace(meant, policy=policy, again=again, expected=["few", "rights"])
    other = dataclasses.replace(_finding("key_is_good"), is_tolerated=True, severity="warning")
    lines = grouped_lines(_causes(meant, other), more="`--all` shows them")
    assert lines[-5:] == [
        "",
        "what a chart may well mean, 1 warning, in a line each: `--all` shows them",
        "  rights_are_few: Deployment shop/web spec.replicas: expected - few - rights",
        "  accept them: chartgate check rights_are_few --chart=toy --accept --who=... --why=...",
        "",
    ]
    assert "rights_are_few" not in "".join(lines[:-4])
    assert "  warning: rights_are_few: What rights_are_few says." in grouped_lines(_causes(meant, other), most=0)


@pytest.mark.parametrize(
    ("line", "more", "follows"),
    [
        (7, {}, "first"),
        (7, {"expected": "a claim of other-1"}, "first"),  # but for its own name
        (8, {}, ""),
        (7, {"expected": "a claim of web"}, ""),
        (7, {"path": "spec.template.spec.containers[web].image"}, ""),  # each image is told
        (7, {"path": 'templates/a.yaml include "b" .'}, "first"),  # words, no address
        (7, {"policy": PolicySummary("another", "", "", "")}, ""),
        (0, {}, ""),
    ],
)
def test_what_one_line_makes_again_follows_from_the_first(line: int, more: dict[str, Any], follows: str) -> None:
    one = dataclasses.replace(_finding(path="spec.strategy"), subject="Deployment web-0 (apps/v1)", fingerprint="first")
    one = dataclasses.replace(one, expected="a claim of web-0", written=Written(SourceLine("a.yaml", 7, 9)))
    by = Written(SourceLine("a.yaml", line, 9))
    other = dataclasses.replace(one, subject="Deployment other-1 (apps/v1)", fingerprint="other", written=by)
    other = dataclasses.replace(other, **{"expected": "a claim of other-1", **more})
    first = dataclasses.replace(one, path=other.path)
    assert [finding.follows for finding in of_one_line([first, other])] == ["", follows]


@pytest.mark.parametrize(
    ("more", "follows"),
    [
        ({}, "first"),
        ({"is_tolerated": True}, "first"),  # a warning of what an error says
        ({"expected": as_asked("once", "another")}, "first"),  # on a scenario of its own
        ({"expected": "once, as others have it"}, ""),
        ({"actual": "lines 7 and 9"}, "first"),
        ({"actual": "[]"}, ""),
        ({"path": "spec"}, ""),
        ({"subject": "Deployment other (apps/v1)"}, ""),
        ({"baseline": "accepted"}, ""),
        (_IN_ANOTHER, "first"),  # the object of another file in ci/
        (_IN_ANOTHER | {"path": "spec"}, ""),
        (_IN_ANOTHER | {"template": "toy/templates/other.yaml"}, ""),
        (_IN_ANOTHER | {"written": Written(SourceLine("a.yaml", 8, 9))}, ""),
        (_IN_ANOTHER | {"expected": as_asked("twice", "is_right")}, ""),
    ],
)
def test_what_policies_say_alike_of_a_place_is_told_once(more: dict[str, Any], follows: str) -> None:
    one = _finding(path="spec[template]", actual="lines 1 and 2")
    one = dataclasses.replace(one, expected="once", fingerprint="first", written=Written(SourceLine("a.yaml", 7, 9)))
    another = dataclasses.replace(one, policy=PolicySummary("another", "", "", ""), fingerprint="other", written=None)
    other = dataclasses.replace(another, **more)
    assert [finding.follows for finding in of_one_line([one, other])] == ["", follows]
    if other.is_tolerated:  # nothing that makes a run red follows from a warning
        assert [finding.follows for finding in of_one_line([other, one])] == ["", ""]


def test_objects_that_one_template_prints_under_one_condition_are_told_together() -> None:
    def of(name: str, line: int, condition: int = 1) -> Finding:
        by, part = SourceLine("toy/templates/web.yaml", line, line + 9), SourceLine("toy/templates/web.yaml", condition)
        finding = dataclasses.replace(_finding("is_off", path="", actual="rendered"), subject=name, fingerprint=name)
        return dataclasses.replace(finding, written=Written(by, parts=(part,) if line != condition else ()))

    lines = grouped_lines(_causes(of("Secret a", 1), of("Role b", 11), of("Role c", 30, condition=29)))
    assert [line for line in lines if line.startswith(("Secret", "Role"))] == [
        "Secret a from toy/templates/web.yaml",
        "Role c from toy/templates/web.yaml",
    ]
    assert f"    likewise: Role b, {WHERE}" in lines
