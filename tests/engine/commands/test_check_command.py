"""What `chartgate check` accepts, says and writes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.policy import loading
from tests.engine.commands.test_check import FAILING, IN_PART, WAIVED
from tests.engine.conftest import POLICIES, Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN
from tests.engine.toys import HELM_VERSION, MATRIX, TOY, script

NAMES = '''

@policy(severity="error", remediation="Shorten it.")
def names_are_short(rendering):
    """Names have few letters."""
    for secret in rendering.resources.of_kind("Secret"):
        yield equals(secret.place("metadata.name"), "s")


@names_are_short.counterexample("secret")
def a_long_name(rendering):
    rendering.resources.one("Secret", "demo-secret").manifest["metadata"]["name"] = "long"
    return rendering
'''

Shown = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "default_sources", lambda _: ["rules"])


def test_a_green_report(project: Project, capsys: Shown) -> None:
    assert main(["check", f"--helm={project.helm.path}"]) == 0
    shown = capsys.readouterr()
    assert shown.out == (
        f"chart: toy 1.2.3 at toy; helm 4.2.3 at {project.helm.path}\n"
        "matrix: tests/matrix.yaml\n\n"
        "examined: 7 things by 2 policies\n"
        "2 policies, judged 7 cases, 5 scenarios rendered, 1 refused: nothing is wrong\n"
    )
    assert shown.err == ""
    assert len(project.helm.starts("template")) == 6


@pytest.mark.parametrize(("most", "named"), [("1", 1), ("9", 2)])
def test_the_slowest_policies_come_last(most: str, named: int, project: Project, capsys: Shown) -> None:
    assert main(["check", f"--helm={project.helm.path}", f"--durations={most}"]) == 0
    _, _, slowest = capsys.readouterr().out.partition("nothing is wrong\nslowest:\n")
    lines = [line.split() for line in slowest.splitlines()]
    assert [unit for _, unit, _ in lines] == ["s"] * named
    seconds = [float(number) for number, _, _ in lines]
    assert seconds == sorted(seconds, reverse=True)


def test_only_what_is_judged_is_rendered(project: Project, capsys: Shown) -> None:
    assert main(["check", "token_arrives", f"--helm={project.helm.path}"]) == 0
    assert len(project.helm.starts("template")) == 2
    assert "1 policy, judged 2 cases: nothing is wrong\n" in capsys.readouterr().out


def test_a_finding_once_for_all_its_scenarios(project: Project, capsys: Shown) -> None:
    """And secret values nowhere."""
    project.write(BROKEN)
    helm = project.helm.path
    assert main(["check", f"--helm={helm}"]) == 1
    assert capsys.readouterr().out == (
        f"chart: toy 1.2.3 at toy; helm 4.2.3 at {helm}\n"
        "matrix: tests/matrix.yaml\n\n"
        "Secret shop/demo-secret (v1) from toy/templates/secret.yaml\n"
        "  stringData.token\n"
        "  written by toy/templates/secret.yaml:6; it prints secret.token at toy/values.yaml:3\n"
        "  warning: token_arrives: The Secret holds the token of the values.\n"
        "      expected: <secret>\n"
        "      actual:   t0p-\n"
        "    what to do: Copy the token as it is.\n"
        "    in 2 of 5 scenarios: all with secret\n"
        "    see it again: chartgate scenarios secret --render --chart=toy --matrix=tests/matrix.yaml"
        f" --helm={helm}\n\n"
        "2 policies, judged 7 cases, 5 scenarios rendered, 1 refused: 1 finding\n"
    )


def test_helms_own_error_and_what_could_not_be_judged(project: Project, capsys: Shown) -> None:
    project.write({"toy/templates/config.yaml": FAILING})
    assert main(["check"]) == 1
    shown = capsys.readouterr().out
    assert "loud: must render, but it does not\n  Error: execution error at (toy/templates/config.yaml" in shown
    assert "no noise" in shown
    assert "\nnot judged, because helm did not render it: 1 case of 1 policy\n" in shown
    assert shown.endswith("refused: 1 problem and 1 case not judged\n")


TRIED = """
from chartgate.matrix.derivations.derived import with_values
from chartgate.model import Case
from chartgate.policy.checks import rendered
from chartgate.policy.policy import policy


def one_more(scenarios):
    for scenario in scenarios:
        yield Case(f"{scenario.name}.more", (with_values(scenario, "more", {"mode": "more"}),))


@policy(over=one_more, severity="error", remediation="Accept it.")
def more_is_accepted(rendering):
    \"\"\"Another mode is accepted.\"\"\"
    yield rendered(rendering, "ConfigMap", "demo-config")


@more_is_accepted.counterexample("off")
def nothing_is_rendered(rendering):
    rendering.resources.clear()
    return rendering
"""


def test_a_toggle_that_breaks_half_of_the_scenarios(project: Project, capsys: Shown) -> None:
    """One line says which toggle, with helm's words once; what policies try from there is not told as well."""
    needs_a_size = (
        '{{ if .Values.cache.enabled }}{{ $_ := required "cache.size is needed" .Values.cache.size }}{{ end }}'
    )
    project.write({"toy/templates/cache.yaml": needs_a_size, "rules/shop/trying.py": TRIED})
    assert main(["check"]) == 1
    shown = capsys.readouterr().out
    assert (
        "2 of 5 scenarios do not render, all with cache: give it what it needs under `toggles` in tests/matrix.yaml,"
        " `cache: {cache.enabled: true, KEY: VALUE}`\n"
        "  Error: execution error at (toy/templates/cache.yaml:1:39): cache.size is needed\n"
    ) in shown
    assert shown.count("cache.size is needed") == 1
    assert "more_is_accepted" not in shown
    assert "\nnot judged, because helm did not render it: 5 cases of 3 policies\n" in shown
    with_it = MATRIX.replace("cache: cache.enabled", "cache: {cache.enabled: true, cache.size: 5}")
    project.write({"tests/matrix.yaml": with_it})
    assert main(["check"]) == 0


def test_what_is_not_refused(project: Project, capsys: Shown) -> None:
    project.write({"toy/values.schema.json": "{}"})
    assert main(["check"]) == 1
    shown = capsys.readouterr().out
    assert "no_text: must be refused in the words of the matrix, but it is not\n" in shown
    assert "  helm does not say 'mode'; it says:\n  nothing: it rendered 1 resources\n" in shown


def test_waived_findings_are_counted_with_their_reasons(project: Project, capsys: Shown) -> None:
    project.write(BROKEN | {"tests/matrix.yaml": MATRIX + WAIVED})
    assert main(["check"]) == 0
    shown = capsys.readouterr().out
    assert "waived: 1 finding of token_arrives: Agreed. (shop team, until 2999-12-31)\n" in shown
    assert shown.endswith(": nothing is wrong, 1 finding waived\n")


def test_a_finding_that_is_waived_in_one_scenario_is_one_in_the_other(project: Project, capsys: Shown) -> None:
    loud = "print('read')\n" + POLICIES.replace("yield equals(", "print('judged')\n    yield equals(")
    project.write(BROKEN | {"tests/matrix.yaml": MATRIX + IN_PART, "rules/shop/identity.py": loud})
    assert main(["check", "--format=json"]) == 1
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert err.startswith("read\njudged\n")
    assert main(["check"]) == 1
    assert "Agreed." not in capsys.readouterr().out  # what is red is what counts then
    assert [entry["cases"] for entry in report["findings"]] == [["all_on"]]
    assert [entry["cases"] for entry in report["waived"]] == [["secret"]]
    assert report["waived"][0]["waivers"] == [{"reason": "Agreed.", "owner": "shop team", "expires": "2999-12-31"}]


@pytest.mark.parametrize(
    ("crash", "said"),
    [
        ('raise ValueError(rendering.scenario.value("secret.token"))\n    yield equals(', r"  ValueError: <secret> \("),
        (
            'yield rendering.scenario.value("secret.token")\n    yield equals(',
            ".*: token_arrives yields a str, and no Ch",
        ),
        ("return equals(", ".*: token_arrives returns a Check: let it `yield` each check"),
    ],
)
def test_a_policy_that_fails_says_where_and_shows_no_secret(
    crash: str, said: str, project: Project, capsys: Shown
) -> None:
    project.write({"rules/shop/identity.py": POLICIES.replace("yield equals(", crash)})
    assert main(["check", "token_arrives"]) == 1
    shown = capsys.readouterr().out
    assert re.search(f"token_arrives: the policy itself fails\n{said}", shown)
    assert re.search(r"identity\.py:[12]", shown)
    assert "t0p-s3cret" not in shown


def test_the_report_in_a_file(project: Project, capsys: Shown) -> None:
    project.write(BROKEN)
    assert main(["check", "--format=json", "--output=report.json"]) == 1
    assert "  warning: token_arrives: The Secret holds the token" in capsys.readouterr().out
    report = json.loads((project.root / "report.json").read_text())
    assert report["chart"] == {"name": "toy", "version": "1.2.3", "source": "toy"}
    [finding] = report["findings"]
    assert (finding["expected"], finding["actual"], finding["cases"]) == ("<secret>", "t0p-", ["secret", "all_on"])


def test_no_name_shows_a_secret_either(project: Project, capsys: Shown) -> None:
    named = TOY["templates/secret.yaml"].replace("-secret}", "-{{ .Values.secret.token }}}")
    project.write({"toy/templates/secret.yaml": named, "rules/shop/identity.py": POLICIES + NAMES})
    assert main(["check", "names_are_short"]) == 1
    shown = capsys.readouterr().out
    assert "\nSecret shop/demo-<secret> (v1) from toy/templates/secret.yaml\n" in shown
    assert "t0p-s3cret" not in shown


def test_a_helm_that_hangs(project: Project, capsys: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "1")
    helm = script(project.root / "helm", HELM_VERSION + "exec sleep 60")
    assert main(["check", f"--helm={helm}"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("chartgate: scenario ")
    assert shown.err.endswith(" was stopped: no answer within 1 s (CHARTGATE_TIMEOUT)\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["token"], "no policy 'token' in 2 policies: did you mean token_arrives?"),
        (["tokn_arives"], "no policy 'tokn_arives' in 2 policies: did you mean token_arrives?"),
        (["x"], "no policy 'x' in 2 policies: there are, say, config_is_rendered, token_arrives"),
        (["--scenario=quiet"], "no scenario 'quiet' in tests/matrix.yaml: there are, say, off, secret, cache, all_on"),
        (["--scenario=lou"], "no scenario 'lou' in tests/matrix.yaml: did you mean loud?"),
        (["--chart=gone"], "there is no chart at gone: name a chart folder or a .tgz"),
        (["--policies=gone"], "gone: there is no such folder of policies, and no such pack; there is: kubernetes"),
        (["--helm=gone"], "gone"),
        (["--kube-version=new"], "'new' is not a Kubernetes version: --kube-version=1.31 or =1.31.0"),
        (["--output=gone/a.json", "token_arrives"], "gone/a.json cannot be written: there is no folder gone"),
        (["--chart=other"], "policy config_is_rendered starts from scenario 'off', which the defaults of other"),
    ],
)
def test_what_cannot_be_used(arguments: list[str], message: str, project: Project, capsys: Shown) -> None:
    project.write({"other/Chart.yaml": "name: other\nversion: 1.0.0\n"})
    assert main(["check", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("chartgate: ")
    assert message in shown.err
    assert shown.err.count("\n") == 1


def test_a_policy_that_cannot_choose_its_scenarios(project: Project, capsys: Shown) -> None:
    project.write({"rules/shop/identity.py": POLICIES.replace('"secret.enabled"', '"secret.gone"')})
    assert main(["check"]) == 2
    assert capsys.readouterr().err.startswith(
        "chartgate: policy token_arrives cannot choose its scenarios in tests/matrix.yaml: LookupError: scenario off: "
    )


def test_the_help_says_what_check_leaves_out(capsys: Shown) -> None:
    assert main(["check", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "(its counterexamples), which --proofs adds" in shown
    assert "Exit code: 0 nothing is wrong, 1 something is, 2 the input cannot be used." in shown


def test_nothing_is_left_behind(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    assert main(["check", f"--helm={project.helm.path}"]) == 0
    assert list(scratch.iterdir()) == []
