"""What `check` writes for other programs: each format in its own form, of the same results; no word is obeyed."""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chartgate.commands.main import main
from chartgate.documents.addresses import ABSENT
from chartgate.documents.escaping import workflow_command
from chartgate.gate.results.outcome import (
    AcceptedFinding,
    BaselineReport,
    ChartSummary,
    Finding,
    Outcome,
    PolicySummary,
    Problem,
)
from chartgate.gate.results.written import SourceLine, Written
from chartgate.model import Waiver
from chartgate.reports.check_formats import FORMATS
from chartgate.reports.check_markdown import MOST_CHARACTERS
from chartgate.reports.check_terminal import terminal_report
from chartgate.reports.format_names import FORMAT_NAMES
from tests.engine.conftest import Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN

ROOT = Path(__file__).parents[3]
WEB = SourceLine("../charts/shop/templates/web.yaml", 12, 14)
POD = SourceLine("../charts/shop/templates/_pod.tpl", 3, 3)
HELPERS = SourceLine("../charts/shop/templates/_pod.tpl", 7, 9)
PACKED = SourceLine("../charts/shop/charts/db-1.0.tgz/templates/db.yaml", 7, 7)
TODAY = datetime.date(2026, 1, 2)


def _finding(policy: str, written: Written | None = None, **changes: Any) -> Finding:
    finding = Finding(
        policy=PolicySummary(policy, f"What {policy} says.", f"Mend {policy}.", ""),
        severity="error",
        fingerprint=f"{policy} Deployment web spec",
        subject="Deployment shop/web (apps/v1)",
        template="shop/templates/web.yaml",
        path="spec.replicas",
        expected=2,
        actual=ABSENT,
        cases=("off", "cache"),
        again=("helm template",),
        where="in 2 of 9 scenarios: all with cache",
        written=written,
    )
    return dataclasses.replace(finding, **changes)


WAIVER = Waiver("is_waived", "", "", "", "it is known", "me", TODAY)
OUTCOME = Outcome(
    chart=ChartSummary("shop", "1.2.3", "../charts/shop"),
    matrix="tests/matrix.yaml",
    infrastructure="",
    helm="4.2.3",
    findings=(
        _finding(
            "is_right",
            Written(
                POD,
                (WEB,),
                parts=(HELPERS,),
                compared=(WEB,),
                also=(HELPERS,),
                changed="line",
                changed_at=POD,
                since="main",
            ),
        ),
        _finding("is_there", Written(WEB, is_around=True), severity="warning", is_tolerated=True),
        _finding("is_packed", Written(PACKED)),
        _finding(
            "is_accepted",
            Written(SourceLine(POD.file), also=(HELPERS, WEB)),
            baseline=AcceptedFinding("is_accepted x", "error", TODAY),
        ),
    ),
    waived=(_finding("is_waived", Written(WEB, changed="template", changed_at=POD, since="main"), waivers=(WAIVER,)),),
    problems=(
        Problem("renders", "", "Error: no\nmore", ("off",), written=Written(WEB, key="shop.port", key_at=POD)),
        Problem("crash", "is_lost", "KeyError"),
        Problem("refused", "", "Error: no", ("no",), is_consequence=True),
    ),
    unjudged=(("is_lost", "off"), ("is_still", "off")),
    policies=7,
    judged={"renders": 9, "policy": 20},
    baseline=BaselineReport("baseline.yaml"),
    cases=dict.fromkeys(("is_right", "is_there", "is_packed", "is_accepted", "is_waived", "is_lost", "is_still"), 2),
    started_in="/home/me/repository/work",
    work_tree="/home/me/repository",
)
PATHS = ("charts/shop/templates/_pod.tpl", "charts/shop/templates/web.yaml", "charts/shop/charts/db-1.0.tgz")


def shown(form: str, outcome: Outcome = OUTCOME) -> str:
    return FORMATS[form](outcome)


def test_the_formats_are_those_that_the_options_name() -> None:
    assert tuple(FORMATS) == FORMAT_NAMES


def _closed(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    """Make a schema for an object with these keys only, all but a few of which must be there."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_LIST: dict[str, Any] = {"type": "array", "uniqueItems": True}
_MESSAGE = _closed({"text": {"type": "string", "minLength": 1}})
_LINE = {"type": "integer", "minimum": 1}
_ARTIFACT = _closed(
    {"uri": {"type": "string", "format": "uri-reference"}, "uriBaseId": {"const": "%SRCROOT%"}}, "uriBaseId"
)
_PHYSICAL = _closed(
    {"artifactLocation": _ARTIFACT, "region": _closed({"startLine": _LINE, "endLine": _LINE})}, "region"
)
_LOGICAL = _LIST | {"items": _closed({"fullyQualifiedName": {"type": "string"}})}
_LOCATION = _closed({"physicalLocation": _PHYSICAL, "logicalLocations": _LOGICAL}, "logicalLocations")
_RELATED = _closed({"physicalLocation": _PHYSICAL, "id": {"type": "integer", "minimum": 0}, "message": _MESSAGE})
_SUPPRESSION = _closed(
    {"kind": {"enum": ["inSource", "external"]}, "status": {"const": "accepted"}, "justification": {"type": "string"}}
)
_RESULT = _closed(
    {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": _MESSAGE,
        "locations": {"type": "array", "minItems": 1, "items": _LOCATION},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "relatedLocations": _LIST | {"items": _RELATED},
        "suppressions": _LIST | {"items": _SUPPRESSION},
    },
    "relatedLocations",
    "suppressions",
)
_RULE = _closed({"id": {"type": "string"}, "shortDescription": _MESSAGE, "help": _MESSAGE}, "help")
_DRIVER = _closed({"name": {"type": "string"}, "version": {"type": "string"}, "rules": _LIST | {"items": _RULE}})
_INVOCATION = _closed({"executionSuccessful": {"type": "boolean"}, "exitCode": {"type": "integer"}})
_RUN = _closed(
    {
        "tool": _closed({"driver": _DRIVER}),
        "invocations": {"type": "array", "items": _INVOCATION},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": _RESULT},
    }
)
SARIF = _closed(
    {"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": {"type": "array", "items": _RUN}}
)
"""The part of https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json that a report uses."""


def test_sarif() -> None:
    document = json.loads(shown("sarif"))
    jsonschema.Draft202012Validator(SARIF).validate(document)
    [run] = document["runs"]
    told = [(result["ruleId"], result["level"], bool(result.get("suppressions"))) for result in run["results"]]
    assert told == [
        ("renders", "error", False),
        ("crash", "error", False),
        ("is_right", "error", False),
        ("is_packed", "error", False),
        ("is_there", "warning", False),
        ("is_accepted", "error", True),
        ("is_waived", "error", True),
    ]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    stops, _, right, packed, there, accepted, waived = run["results"]
    assert f"at {WEB}, which may mean shop.port at {POD}" in stops["message"]["text"]
    [place] = right["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": PATHS[0], "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "endLine": 3},
    }
    assert [(one["message"]["text"], one["physicalLocation"]["region"]) for one in right["relatedLocations"]] == [
        ("called from here", {"startLine": 12, "endLine": 14}),
        ("has a part in it", {"startLine": 7, "endLine": 9}),
        ("is compared with", {"startLine": 12, "endLine": 14}),
        ("see also", {"startLine": 7, "endLine": 9}),
    ]
    assert packed["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": PATHS[2], "uriBaseId": "%SRCROOT%"}
    }
    assert there["locations"][0]["physicalLocation"]["region"] == {"startLine": 12, "endLine": 14}
    assert [one["message"]["text"] for one in waived["relatedLocations"]] == ["changed since main"]
    assert "inside of what ../charts/shop/templates/web.yaml:12-14 writes" in there["message"]["text"]
    assert accepted["locations"][0]["physicalLocation"]["region"] == {"startLine": 7, "endLine": 9}


def test_gitlab() -> None:
    told = json.loads(shown("gitlab"))
    assert [(one["check_name"], one["severity"], one["location"]["lines"]["begin"]) for one in told] == [
        ("renders", "critical", 12),
        ("crash", "critical", 1),
        ("is_right", "critical", 3),
        ("is_packed", "critical", 1),
        ("is_there", "minor", 12),
    ]
    assert {one["location"]["path"] for one in told} == {*PATHS, "charts/shop/Chart.yaml"}
    assert len({one["fingerprint"] for one in told}) == len(told)
    assert set(told[0]) == {"description", "check_name", "fingerprint", "severity", "location"}


def test_github() -> None:
    lines = shown("github").splitlines()
    assert [line.partition("::")[2].partition(" ")[0] for line in lines] == ["error"] * 4 + ["warning"]
    assert lines[2].startswith(
        "::error file=charts/shop/templates/_pod.tpl,line=3,endLine=3,title=is_right::Deployment shop/web (apps/v1)"
        " spec.replicas: expected 2, found (absent)%0Awritten by ../charts/shop/templates/_pod.tpl:3 (changed since"
    )
    assert [line.rpartition("%0A")[2].partition(": ")[0] for line in lines[2:]] == ["what to do"] * 3


def test_github_shows_ten_of_a_kind() -> None:
    findings = tuple(_finding("is_right", fingerprint=f"{number}") for number in range(40))
    lines = shown("github", dataclasses.replace(OUTCOME, findings=findings, problems=())).splitlines()
    assert len(lines) == 10
    assert lines[-1] == "::error title=chartgate::31 errors more: `chartgate check --all` shows them"


def test_junit() -> None:
    suites = ElementTree.fromstring(shown("junit"))  # noqa: S314 - our own
    [suite] = suites
    tests = {test.attrib["name"]: [part.tag for part in test] for test in suite}
    assert tests == {
        "renders": ["failure"],
        "crash": ["failure"],
        "is_accepted": [],
        "is_lost": ["skipped"],
        "is_packed": ["failure"],
        "is_right": ["failure"],
        "is_still": ["skipped"],
        "is_there": ["system-out"],
        "is_waived": [],
    }
    assert {name: suites.attrib[name] for name in ("tests", "failures", "skipped")} == {
        "tests": "9",
        "failures": "4",
        "skipped": "2",
    }
    assert "charts/shop/templates/_pod.tpl:3:" in str(suite.findtext("testcase[@name='is_right']/failure"))


def test_markdown() -> None:
    text = shown("markdown")
    for words in ("## 🔴 shop 1.2.3", "### Problems (2)", "### Findings (2)", "### Below error (1)", "  Error: no"):
        assert words in text
    # The command is told once in a chapter for the findings that it shows.
    assert text.count("\n  - see it again: `") == 2
    assert shown("markdown", dataclasses.replace(OUTCOME, findings=(), problems=(), unjudged=())).startswith("## 🟢")


def test_ten_thousand_findings() -> None:
    """Programs get them all; what people read is short, and says that there are more."""
    many = tuple(_finding("is_right", path=f"a.{number}-") for number in range(10_000))
    texts = {form: shown(form, dataclasses.replace(OUTCOME, findings=many)) for form in FORMATS if form != "html"}
    told = {form: len(set(re.findall(r"a\.[0-9]++-", text))) for form, text in texts.items()}
    assert {form for form, count in told.items() if count == len(many)} == {"gitlab", "json", "junit", "sarif", "text"}
    assert len(texts["markdown"]) <= MOST_CHARACTERS
    assert "more did not fit: `chartgate check --all` shows them." in texts["markdown"]
    assert texts["github"].splitlines()[-1].endswith("::9993 errors more: `chartgate check --all` shows them")


def test_a_red_run_fits_on_a_screen() -> None:
    findings = tuple(_finding(f"is_right_{number}", path=f"spec.a{number}") for number in range(100))
    lines = terminal_report(dataclasses.replace(OUTCOME, findings=findings, notes=("one",))).splitlines()
    assert len(lines) <= 60
    assert any(line.endswith("findings (error) more: `--all` shows them") for line in lines)


@pytest.mark.parametrize("form", ["github", "gitlab", "markdown", "sarif"])
def test_what_follows_is_counted_with_its_cause(form: str) -> None:
    """Where a test must not be green, it is told; for programs that read all, it names its cause."""
    cause = _finding("is_right", fingerprint="moved")
    outcome = dataclasses.replace(OUTCOME, findings=(_finding("is_read", follows="moved"), cause), waived=())
    text = shown(form, outcome).replace("\\", "").replace("`", "")
    told = [part for part in text.split("is_read") if part]
    assert (len(told), text.count("and what follows from it: 1 finding of is_read")) == (
        (1, 0) if form == "gitlab" else (2, 1)
    )
    assert ElementTree.fromstring(shown("junit", outcome)).find(".//*[@name='is_read']/failure") is not None  # noqa: S314
    assert [finding["follows"] for finding in json.loads(shown("json", outcome))["findings"]] == ["moved", None]


def test_json_has_the_documented_form() -> None:
    schema = json.loads((ROOT / "docs/check.schema.json").read_text("utf-8"))
    report = json.loads(shown("json"))
    jsonschema.Draft202012Validator(schema).validate(report)
    assert report["findings"][0]["written"] == {
        "by": {"file": POD.file, "line": 3, "last": 3},
        "calls": [{"file": WEB.file, "line": 12, "last": 14}],
        "around": False,
        "key": "",
        "key_at": None,
        "parts": [{"file": HELPERS.file, "line": 7, "last": 9}],
        "compared": [{"file": WEB.file, "line": 12, "last": 14}],
        "also": [{"file": HELPERS.file, "line": 7, "last": 9}],
        "scenario": "",
        "changed": "line",
        "changed_at": {"file": POD.file, "line": 3, "last": 3},
        "since": "main",
    }


HOSTILE = "a\n::error::b\x1b[2J <b>]]></failure> `c` | @d [e](f) %0A \u202e ##vso[task.x]"


@pytest.mark.parametrize("form", FORMAT_NAMES)
def test_what_a_chart_says_is_only_shown(form: str) -> None:
    finding = _finding(
        "is_right", Written(SourceLine(f"../charts/shop/{HOSTILE}", 1, 1)), subject=HOSTILE, path=HOSTILE
    )
    finding = dataclasses.replace(finding, expected=HOSTILE, actual={HOSTILE: HOSTILE}, where=HOSTILE)
    problem = Problem("renders", HOSTILE, HOSTILE, (HOSTILE,), (HOSTILE,))
    text = shown(form, dataclasses.replace(OUTCOME, findings=(finding,), problems=(problem,), unjudged=()))
    assert [character for character in "\x1b\u202e\r" if character in text] == []
    assert "##vso[" not in text
    orders = [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert len(orders) == (2 if form == "github" else 0)
    if form in ("sarif", "gitlab", "json"):
        json.loads(text)
    if form == "junit":
        assert [test.tag for test in ElementTree.fromstring(text).iter("failure")] == ["failure", "failure"]  # noqa: S314


def test_a_command_of_githubs_is_one_line() -> None:
    command = workflow_command("error", {"file": "a,b:c%", "title": "x\ny"}, "1 %\n::2")
    assert command == "::error file=a%2Cb%3Ac%25,title=x%0Ay::1 %25%0A::2"


@pytest.mark.parametrize("given", ["nothing", "sarif", "sarif=", "xml=a", "=a"])
def test_what_is_no_report(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", f"--report={given}"]) == 2
    assert f"'{given}' is not FORMAT=FILE; the formats are github, gitlab, html, json," in capsys.readouterr().err


def test_several_reports_of_one_run(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """In `check` and in pytest the same, and no secret value in any."""
    project.write(BROKEN)
    options = [f"{form}=check.{form}" for form in FORMAT_NAMES]
    assert main(["check", *(f"--report={option}" for option in options)]) == 1
    assert "written by toy/templates/secret.yaml:6" in capsys.readouterr().out
    ran = project.run_plainly(
        "-k",
        "not test_counterexample",
        *(f"--chartgate-report={option.replace('check.', 'pytest.')}" for option in options),
    )
    ran.assert_outcomes(failed=2, passed=13)
    for form in ("github", "gitlab", "sarif"):
        assert (project.root / f"check.{form}").read_text() == (project.root / f"pytest.{form}").read_text()
    for form in FORMAT_NAMES:
        text = (project.root / f"check.{form}").read_text()
        assert "token_arrives" in text
        assert "s3cret" not in text


def test_a_format_that_pytest_does_not_know(project: Project) -> None:
    ran = project.run_plainly("--chartgate-report=xml=a")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert "--chartgate-report=xml=a: not FORMAT=FILE; the formats are github, gitlab" in ran.stderr.str()


def test_a_policy_that_had_nothing_to_examine_is_not_among_those_that_examined() -> None:
    green = dataclasses.replace(OUTCOME, findings=(), problems=(), unjudged=(), checks=9, idle=("is_still", "is_lost"))
    assert terminal_report(green).splitlines()[-3:-1] == [
        "examined: 9 things by 5 policies",
        "nothing to examine: is_still, is_lost",
    ]
