"""`chartgate explain` and `chartgate policies`: what they say of policies and classes of risk, and what they refuse."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest

from chartgate.catalogs.explained_texts import json_explanation, markdown_explanation, terminal_explanation
from chartgate.catalogs.explanation import Explanation, explained_policy, explained_risk, looks_at, sources_of
from chartgate.catalogs.policy_catalog import policy_list
from chartgate.catalogs.policy_examples import Example, example_of
from chartgate.commands.main import main
from chartgate.gate.rules.settings import ChangedSeverity, Settings
from chartgate.matrix.file import read_matrix_file
from chartgate.policy.loading import load_policies
from chartgate.policy.policy import THE_CHART, WHOLE_MATRIX, Policy, policy
from chartgate.policy.subjects import CONTAINER
from chartgate.review.risks.risk_classes import CLASSES
from tests.engine.conftest import SETTINGS, Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN
from tests.engine.toy_policies import key_is_good, made_of, neighbours
from tests.engine.toys import write

TODAY = datetime.date(2026, 6, 1)
PACK = {found.name: found for found in load_policies(["pack:kubernetes"])}

Shown = pytest.CaptureFixture[str]


def _explained(name: str) -> Explanation:
    return explained_policy(PACK[name], Settings(), example_of(PACK[name], None), "", TODAY)


@pytest.mark.parametrize("name", PACK, ids=range(len(PACK)))
def test_every_policy_of_the_pack_has_an_example_made_from_its_counterexample(name: str) -> None:
    example = example_of(PACK[name], None)
    assert isinstance(example, Example)
    assert example.finding.subject
    assert example.finding.expected != example.finding.actual
    words = [counterexample.name.replace("_", " ") for counterexample in PACK[name].counterexamples]
    assert example.name in words


# By numbers: `-k POLICY` selects nothing else than what is of that policy.
@pytest.mark.parametrize("name", [*PACK, *CLASSES], ids=range(len(PACK) + len(CLASSES)))
def test_a_waiver_can_be_copied(name: str, tmp_path: Path) -> None:
    explained = _explained(name) if name in PACK else explained_risk(CLASSES[name], TODAY)
    write(tmp_path, {"matrix.yaml": f"chart: chart\nrelease: a\nnamespace: b\n{explained.snippets[0].text}\n"})
    [waiver] = read_matrix_file(tmp_path / "matrix.yaml").content.waivers
    assert (waiver.policy or waiver.risk, waiver.expires) == (name, datetime.date(2026, 8, 30))
    if explained.example:
        subject = explained.example.finding.subject.partition(" (")[0]
        assert re.sub(r" [^ /]+/", " */", subject) == waiver.resource


IN_FULL = """\
requests_stay_within_limits: No container asks for more than its own limit.

of:       kubernetes / api_server, family admission
severity: error
looks at: each container, in each scenario by itself
source:   https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#requests-and-limits

Example, a request counts in other units (error):

  Deployment default/web (apps/v1)
    spec.template.spec.containers[web].resources.requests.memory
      expected: at most the limit of 1024Mi
      actual:   1100M

Better, the lines with + in place of those with -:

             requests:
               cpu: 250m
  -            memory: 1100M
  +            memory: 1Gi
             limits:
               cpu: '1'

What to do: Raise the limit, or ask for less.

Waive a finding that is right as it is, in the matrix:

  waivers:
    - policy: requests_stay_within_limits
      resource: "Deployment */web"
      scenario: "*"
      reason: Why it is right here.
      owner: Who answers for it.
      expires: 2026-08-30

Accept what was there before the gate, until it is mended:

  $ chartgate check --accept requests_stay_within_limits

Disable it, in pyproject.toml:

  [tool.chartgate.disable]
  requests_stay_within_limits = "Why it does not judge here."
"""


def test_an_explanation_in_full() -> None:
    assert terminal_explanation(_explained("requests_stay_within_limits")) == IN_FULL


def test_the_forms_say_the_same() -> None:
    explained = _explained("parts_share_no_name")
    text, document = terminal_explanation(explained), markdown_explanation(explained)
    content = json.loads(json_explanation(explained))
    assert content["sources"] == [*explained.sources]
    assert content["example"]["better"] == list(explained.example.better)  # type: ignore[union-attr]
    for part in ("name: prepare", "Deployment default/web (apps/v1)", "looks at: each resource", *explained.sources):
        assert part in text
        assert part in document
    assert document.startswith("# `parts_share_no_name`\n\nNo two containers or volumes")
    assert "\n```diff\n" in document
    assert content["rationale"].startswith("They are merged and referred to by it.")
    assert not content["rationale"].rstrip().endswith("Source:")


def _lonely(scenario: Any) -> bool:
    return bool(scenario)


_LAMBDA = made_of(key_is_good, lambda scenarios: zip(scenarios, scenarios, strict=True))
_CHOOSY = policy(severity="error", remediation="Mend it.", where=_lonely, judges=CONTAINER)(key_is_good)


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (made_of(key_is_good), "all that is rendered, in each scenario by itself"),
        (made_of(key_is_good, WHOLE_MATRIX), "all scenarios together"),
        (made_of(key_is_good, THE_CHART), "the chart's own files, whatever is rendered of them"),
        (made_of(key_is_good, neighbours), "several scenarios together (neighbours)"),
        (_LAMBDA, "several scenarios together (those that it chooses)"),
        (_CHOOSY, "each container, in each scenario by itself; only where: lonely"),
    ],
)
def test_what_a_policy_looks_at(of: Policy, words: str) -> None:
    assert looks_at(of) == words


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("", ()),
        ("None.", ()),
        ("See https://a.b/c#d. And (https://e.f/g), `https://a.b/c#d`", ("https://a.b/c#d", "https://e.f/g")),
    ],
)
def test_the_sources_are_the_addresses_in_the_words(text: str, sources: tuple[str, ...]) -> None:
    assert sources_of(text) == sources


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_of_risk(name: str, capsys: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["explain", name, "--format=json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["level"], told["sources"]) == (name, CLASSES[name].level, [CLASSES[name].source])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["explain", "images_are_pined"],
            "no policy and no class of risk 'images_are_pined': did you mean images_are_",
        ),
        (["explain", "data_los"], "no policy and no class of risk 'data_los': did you mean data_loss?"),
        (["explain", "qqq"], "'qqq': `chartgate policies` and `chartgate risks` list them"),
        (["explain", "a", "--policies=gone"], "gone: there is no such folder of policies, and no such pack"),
        (["policies", "gone"], "gone: there is no such folder of policies, and no such pack"),
        (["policies", "--family=acounts"], "there is no family 'acounts' among these policies; there is: accounts"),
        (["policies", "--family=qqq"], "there is no family 'qqq' among these policies; there is: access_and_secrets"),
        (["policies", "--severity=note"], "'note' is not one of 'error', 'warning'"),
    ],
)
def test_what_is_refused(
    arguments: list[str], message: str, capsys: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err.splitlines()[-1]


@pytest.fixture
def here(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(project.root)
    return project


def test_an_example_from_the_projects_own_matrix(here: Project, capsys: Shown) -> None:
    assert main(["explain", "token_arrives"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        "token_arrives: The Secret holds the token of the values.\n\nof:       shop, family identity\n"
    )
    assert "looks at: all that is rendered, in each scenario by itself; only where: secret on\n" in told
    assert "Example, another token (warning):\n\n  Secret shop/demo-secret (v1) from toy/templates/secret.yaml" in told
    assert "      expected: <secret>\n      actual:   other\n" in told
    assert "  -  token: <secret>\n  +  token: <secret>\n" in told or "token: " in told.partition("Better")[2]
    assert "Waive a finding that is right as it is, in tests/matrix.yaml:" in told
    assert "t0p-s3cret" not in told
    assert str(here.root) not in told


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (
            {"tests/matrix.yaml": "chart: ../gone\nrelease: a\nnamespace: b\n"},
            "tests/matrix.yaml:1: chart: there is no chart at gone",
        ),
        (BROKEN, ""),
        ({"toy/templates/secret.yaml": "{{ fail .Values.secret.token }}"}, "scenario secret does not render"),
        (
            {"pyproject.toml": SETTINGS.replace('matrix = "tests/matrix.yaml"\n', ""), "tests/matrix.yaml": "a: ["},
            "tests/matrix.yaml:",
        ),
    ],
)
def test_without_an_example_it_is_explained_all_the_same(
    files: dict[str, str], why: str, here: Project, capsys: Shown
) -> None:
    here.write(files)
    assert main(["explain", "token_arrives"]) == 0
    told = capsys.readouterr().out
    assert (f"No example: {why}" in told) is bool(why)
    assert "What to do: Copy the token as it is." in told
    assert "t0p-s3cret" not in told


def test_what_the_settings_say_of_a_policy_is_told(here: Project, capsys: Shown) -> None:
    more = '[tool.chartgate.disable]\ntoken_arrives = "No tokens."\n'
    here.write({"pyproject.toml": SETTINGS + more})
    assert main(["explain", "token_arrives"]) == 0
    assert "here:     disabled: No tokens.\n" in capsys.readouterr().out
    assert main(["policies", "--format=table"]) == 0
    told = capsys.readouterr().out
    assert told == (
        "shop / identity\n"
        "  config_is_rendered  error    Every release has its ConfigMap.\n"
        "  token_arrives       warning  The Secret holds the token of the values. [here disabled: No tokens.]\n"
        "\n"
        "2 policies: 1 error, 1 warning\n"
    )


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ([], ["config_is_rendered", "token_arrives"]),
        (["--severity=warning"], ["token_arrives"]),
        (["--family=identity"], ["config_is_rendered", "token_arrives"]),
        (["--family=shop", "--severity=error"], ["config_is_rendered"]),
    ],
)
def test_the_list_is_filtered(options: list[str], names: list[str], here: Project, capsys: Shown) -> None:
    assert main(["policies", "--format=json", *options]) == 0
    assert [entry["name"] for entry in json.loads(capsys.readouterr().out)] == names
    assert main(["policies", *options]) == 0
    document = capsys.readouterr().out
    assert document.startswith("# Policies\n")  # in a pipe
    assert re.findall(r"^\| `(\w+)`", document, re.MULTILINE) == names
    assert here.root


def test_a_list_of_nothing_says_so() -> None:
    assert policy_list([], Settings()) == "there is no such policy\n"
    changed = Settings(severity={"key_is_good": ChangedSeverity("warning", "We know.")})
    assert "[here warning: We know.]" in policy_list([made_of(key_is_good)], changed)
