"""`chartgate check --infrastructure`: exactly what an Argo-style file deploys, its version and its placeholders."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from chartgate.commands.main import main
from chartgate.errors import InputError
from chartgate.gate.deployment import Placeholder, payloads, placeholders, read_payload, revision_problem
from tests.engine.commands.test_check import PAIRS
from tests.engine.conftest import Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN
from tests.engine.toys import MATRIX, write

ENTRY = """
- chart: toy
  targetRevision: 1.2.3
  namespace: prod
  values:
    mode: quiet
    secret: {enabled: true, token: <path:prod-secret-4#token>}
"""
PAYLOAD = '{"token": "t0p-s3cret"}'
DERIVED = """

def loud_instead(scenarios):
    for scenario in scenarios:
        loud = dict(scenario.overrides, mode="loud")
        yield scenario, scenario.derived("loud", overrides=loud, values=dict(scenario.values, mode="loud"))


@policy(over=loud_instead, severity="error", remediation="Ignore the mode.")
def mode_is_ignored(before, after):
    \"\"\"The mode changes nothing.\"\"\"
    mode = before.resources.one("ConfigMap", "demo-config").at("data.mode")
    yield equals(after.resources.one("ConfigMap", "demo-config").place("data.mode"), mode)


@mode_is_ignored.counterexample("off", "cache")
def a_mode_that_counts(before, after):
    after.resources.one("ConfigMap", "demo-config").manifest["data"]["mode"] = "loud"
    return before, after
"""
SAID = {"prod/charts.yaml": ENTRY, "prod/secret-4.json": PAYLOAD}

FILE = ("--infrastructure=prod/charts.yaml",)
Check = Callable[..., tuple[int, Any]]


@pytest.fixture
def check(project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Check:
    """Write files, run the command on prod/charts.yaml; give its exit code, and its report or its error."""
    monkeypatch.setattr("chartgate.policy.loading.default_sources", lambda _: ["rules"])

    def run(files: Mapping[str, str], *options: str) -> tuple[int, Any]:
        project.write({**SAID, **files})
        said = [] if any(option.startswith("--infrastructure") for option in options) else [*FILE]
        code = main(["check", *said, "--format=json", *options])
        shown = capsys.readouterr()
        assert "t0p-s3cret" not in shown.out + shown.err
        return code, json.loads(shown.out) if shown.out else shown.err

    return run


def test_exactly_these_values_and_that_namespace(check: Check, project: Project) -> None:
    code, report = check({}, f"--helm={project.helm.path}")
    assert (code, report["rendered"], report["refused"], report["cases"]) == (0, 1, 0, 2)
    [start] = project.helm.starts("template")
    assert start.arguments[:2] + start.arguments[3:5] == ["template", "demo", "--namespace", "prod"]
    assert project.rendered() == [
        '{"mode": "quiet", "secret": {"enabled": true, "token": "<path:prod-secret-4#token>"}}'
    ]


def test_policies_that_do_not_apply_make_no_case(check: Check) -> None:
    """Neither does one that compares: it speaks of other values. And none of them has to examine something."""
    code, report = check(
        {
            "prod/charts.yaml": ENTRY.replace("enabled: true", "enabled: false"),
            "rules/shop/agreement.py": PAIRS + DERIVED,
        }
    )
    assert (code, report["policies"], report["cases"]) == (0, 5, 1)


def test_a_finding_shows_how_to_see_it_again(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    code, report = check(BROKEN)
    [finding] = report["findings"]
    assert (code, finding["policy"], finding["cases"]) == (1, "token_arrives", ["deployment"])
    [again] = finding["again"]
    words = shlex.split(again)
    assert words[:4] == ["chartgate", "scenarios", "--infrastructure=prod/charts.yaml", "--render"]
    assert main(words[1:]) == 0
    assert 'mode: "quiet"' in capsys.readouterr().out


def test_a_deployment_that_is_a_scenario_has_its_name(check: Check) -> None:
    """So what the matrix waives there is waived."""
    point = "scenarios:\n  in_prod: {infrastructure: ../prod/charts.yaml}\n"
    waiver = "waivers: [{policy: token_arrives, scenario: in_*, reason: R., owner: o, expires: 2999-12-31}]\n"
    code, report = check(BROKEN | {"tests/matrix.yaml": MATRIX.replace("scenarios:\n", point) + waiver})
    assert (code, report["findings"]) == (0, [])
    assert [entry["cases"] for entry in report["waived"]] == [["in_prod"]]


def test_a_chart_without_a_matrix(check: Check, project: Project) -> None:
    for file in (project.root / "toy").rglob("*.yaml"):
        name = file.relative_to(project.root / "toy")
        project.write({f"other/{name}": file.read_text().replace("name: toy\n", "name: other\n")})
    entry = ENTRY.replace("chart: toy", "chart: other")
    code, report = check({"prod/charts.yaml": entry}, "--chart=other", "--policies=rules")
    assert (code, report["matrix"], report["cases"]) == (0, "the defaults of other", 2)


PROBLEMS = {
    "another version": (
        {"prod/charts.yaml": ENTRY.replace("1.2.3", "1.2.2")},
        ["targetRevision 1.2.2 does not mean the version of Chart.yaml, 1.2.3"],
    ),
    "an unknown key": (
        {"prod/charts.yaml": ENTRY.replace("#token", "#tocken")},
        [
            "secret.token takes tocken of the secret prod-secret-4, which prod/secret-4.json does not have: did you"
            " mean token?",
            "prod/secret-4.json documents token of the secret prod-secret-4, which no value takes",
        ],
    ),
    "an unknown secret": (
        {"prod/charts.yaml": ENTRY.replace("quiet", "<path:prod-secret-5#mode>")},
        ["mode takes mode of the secret prod-secret-5, which is not documented; known: prod-secret-4 (prod/secret"],
    ),
    "an unused key": (
        {"prod/secret-4.json": '{"token": "a", "old": "b"}'},
        ["prod/secret-4.json documents old of the secret prod-secret-4, which no value takes"],
    ),
    "no placeholder": (
        {"prod/charts.yaml": ENTRY.replace("quiet", "<path:prod-secret-4>")},
        ["mode holds <path:prod-secret-4>, which is not a placeholder: write <path:SECRET#KEY>"],
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_is_wrong_with_the_entry(name: str, check: Check) -> None:
    files, messages = PROBLEMS[name]
    code, report = check(files)
    assert code == 1
    found = [problem["message"] for problem in report["problems"]]
    assert len(found) == len(messages)
    assert [message.startswith(start) for message, start in zip(found, messages, strict=True)] == [True] * len(found)


LINES = [
    ({"prod/charts.yaml": ENTRY.replace("1.2.3", '"1.3" # soon')}, 3),
    ({"prod/charts.yaml": ENTRY.replace("1.2.3", "v1.3") + "- {chart: other, targetRevision: v1.3}\n"}, None),
    ({"prod/charts.yaml": ENTRY.replace("quiet", "<path:prod-secret-4>")}, 6),
    ({"prod/secret-4.json": '{"token": "a", "old": "b"}'}, None),
]


@pytest.mark.parametrize(("files", "line"), LINES, ids=range(len(LINES)))
def test_the_line_of_the_entry(files: Mapping[str, str], line: int | None, check: Check) -> None:
    """What several lines say has none."""
    [problem] = check(files)[1]["problems"]
    assert (problem["written"] and problem["written"]["by"]) == (
        line and {"file": "prod/charts.yaml", "line": line, "last": line}
    )


def test_another_chart_may_take_a_key(check: Check) -> None:
    other = "- {chart: other, values: {a: <path:prod-secret-4#old>}}\n"
    assert check({"prod/charts.yaml": ENTRY + other, "prod/secret-4.json": '{"token": "a", "old": "b"}'})[0] == 0


ERRORS = {
    "no entry": ({"prod/charts.yaml": "- {chart: other}"}, [], "prod/charts.yaml: expected one entry `- chart: toy`"),
    "several": ({"prod/charts.yaml": ENTRY * 2}, [], "prod/charts.yaml: expected one entry `- chart: toy`, found 2"),
    "no namespace": (
        {"prod/charts.yaml": ENTRY.replace("namespace: prod", "")},
        [],
        "prod/charts.yaml: the entry of toy needs a `namespace` and a map of `values`",
    ),
    "a number as revision": (
        {"prod/charts.yaml": ENTRY.replace("1.2.3", "1.2")},
        [],
        "prod/charts.yaml: targetRevision 1.2 of toy is not text to YAML: write it in quotes",
    ),
    "no file": (
        {},
        ["--infrastructure=gone.yaml"],
        "gone.yaml: the infrastructure file cannot be read: No such file or directory",
    ),
    "no payload": (
        {"prod/charts.yaml": ENTRY.replace("prod-secret-4", "other")},
        [],
        "prod/charts.yaml: the values name the secret other, and no document of its keys is there (prod/other.json)",
    ),
    "a payload that is gone": (
        {},
        ["--secret-payload=a.json"],
        "a.json: the secret's document cannot be read: No such file or directory",
    ),
    "a broken payload": ({"prod/secret-4.json": "{"}, [], "prod/secret-4.json: line 1, column 2: Expecting"),
    "a payload that is a list": ({"prod/secret-4.json": "[]"}, [], "prod/secret-4.json: expected a JSON object"),
    "a number in it": ({"prod/secret-4.json": '{"token": 1}'}, [], "prod/secret-4.json: the value of 'token' is no"),
    "a key twice": (
        {"prod/secret-4.json": '{"token": "a", "token": "b"}'},
        [],
        "prod/secret-4.json: the key 'token' is there twice",
    ),
    "a payload of which secret": (
        {"prod/charts.yaml": ENTRY.replace("quiet", "<path:b#c>")},
        ["--secret-payload=prod/secret-4.json"],
        "--secret-payload=prod/secret-4.json: say for which secret, with --secret-payload=SECRET=FILE; the values name"
        " b, prod-secret-4",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_used(name: str, check: Check) -> None:
    files, options, message = ERRORS[name]
    code, error = check(files, *options)
    assert code == 2
    assert error.startswith(f"chartgate: {message}")
    assert error.count("\n") == 1


def test_a_payload_without_an_infrastructure_file(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--secret-payload=a.json"]) == 2
    assert capsys.readouterr().err.startswith("chartgate: --secret-payload documents the placeholders of")
    assert project.helm.starts("template") == []


@pytest.mark.parametrize(
    ("revision", "problem"),
    [
        ("1.10.0", ""),
        ("v1.10.0", ""),
        ("hub-1.10.0", ""),
        ("1.*", ""),
        ("1.10", ""),
        ("1.10.x", ""),
        ("^1.9.0", ""),
        ("~1.10.0", ""),
        (">=1.9 <2", ""),
        ("1.9.0 - 1.11.0", ""),
        ("0.9 || 1.*", ""),
        ("*", ""),
        ("1.10.1", "does not mean"),
        ("2.*", "does not mean"),
        ("~1.9.0", "does not mean"),
        ("<1.10.0", "does not mean"),
        ("1.10.0-rc.1", "does not mean"),
        ("other-1.10.0", "is not a version, so a branch or a commit"),
        ("HEAD", "is not a version, so a branch or a commit"),
        ("release-1.10", "is not a version, so a branch or a commit"),
        ("7d3f1e0", "is not a version, so a branch or a commit"),
        ("", "names no targetRevision"),
    ],
)
def test_what_a_target_revision_means(revision: str, problem: str) -> None:
    found = revision_problem(revision, "hub", "1.10.0")
    assert problem in found
    assert bool(found) == bool(problem)


@pytest.mark.parametrize(
    ("revision", "version", "fits"),
    [
        ("1.*", "1.10.0-rc.1", False),
        (">=1.10.0-0", "1.10.0-rc.1", True),
        ("1.9 - 2", "1.10.0-rc.1", False),
        ("1.10.0-rc.1", "1.10.0-rc.1", True),
        ("1.10.0+build", "1.10.0", True),
        ("1.*", "nightly", False),
        ("nightly", "nightly", True),
    ],
)
def test_versions_that_are_no_plain_ones(revision: str, version: str, fits: bool) -> None:
    assert (revision_problem(revision, "hub", version) == "") is fits


def test_placeholders_of_every_form() -> None:
    values = {
        "a": "<path:s#k>",
        "b": ["x <path:s#k#3> and <path:folder/t#l | base64encode>", 5, None],
        "c.d": {"<path:s#m>": "< path:s # n >"},
        "e": "<path:s#>",
        "f": "<path without end",
    }
    assert [(one.address, one.secret, one.key) for one in placeholders(values)] == [
        ("a", "s", "k"),
        ("b[0]", "s", "k"),
        ("b[0]", "folder/t", "l"),
        ("[c.d][<path:s#m>]", "s", "m"),
        ("[c.d][<path:s#m>]", "s", "n"),
        ("e", "", ""),
    ]
    assert list(placeholders("<path:s#k>")) == [Placeholder("", "s", "k", "<path:s#k>")]


def test_which_document_is_of_which_secret(tmp_path: Path) -> None:
    write(tmp_path, {"np-hub/secret-4.json": "{}", "np-hub/own.json": '{"a": ""}', "np-hub/other.json": "{}"})
    file = tmp_path / "np-hub" / "infrastructure.yaml"
    found = payloads(file, ["np-hub-secret-4", "aws/own", "gone"], [])
    assert {name: payload.file.name for name, payload in found.items()} == {
        "np-hub-secret-4": "secret-4.json",
        "aws/own": "own.json",
    }
    other = file.with_name("other.json")
    assert payloads(file, ["own", "b"], [f"own={other}"]) == {"own": read_payload(other)}
    assert payloads(file, ["own"], [str(other)]) == {"own": read_payload(other)}
    assert payloads(file, [], []) == {}
    with pytest.raises(InputError, match=r"say for which secret.*none"):
        payloads(file, [], [str(other)])
