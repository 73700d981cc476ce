"""`chartgate check --gate-from=REFERENCE`: nothing that the work tree says of its gate counts, only its chart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from chartgate.commands.main import main
from tests.engine.toys import write
from tests.review.repositories import Clone, cloned

POLICY = '''\
"""Ours."""
from chartgate.policy.checks import equals
from chartgate.policy.edits import put
from chartgate.policy.policy import policy


@policy(severity="error", remediation="write small")
def NAME(rendering):
    """The ConfigMap says small."""
    yield equals(rendering.resources.one("ConfigMap", "a") / "data" / "size", "small")


NAME.breaks("defaults", it_is_large=put("ConfigMap a", "data.size", "large"))
'''
CHART = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {size: {{ .Values.size }}, mode: {{ .Values.mode }}}
"""
FILES = {
    "chart/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n",
    "chart/values.yaml": "size: small\nmode: plain\n",
    "chart/templates/a.yaml": CHART,
    "tests/matrix.yaml": "chart: ../chart\nrelease: shop\nnamespace: shop\nscenarios: {defaults: {}}\n",
    "chartgate.toml": 'policies = ["own"]\n',
    "own/__init__.py": "",
    "own/sizes.py": POLICY.replace("NAME", "it_is_small"),
}
LARGE = {"chart/values.yaml": "size: large\nmode: plain\n"}
WAIVER = "waivers:\n- {policy: it_is_small, resource: '*', reason: no time, owner: me, expires: 2099-01-31}\n"
FINGERPRINT = "it_is_small ConfigMap a data.size"
BASELINE = f"format: 1\nchart: shop\nfindings:\n- {{fingerprint: {FINGERPRINT}, severity: error, since: 2026-01-01}}\n"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """Make a project with a gate of its own, tagged v1, and go there."""
    clone = cloned(tmp_path / "project")
    clone.commit(FILES, tag="v1")
    monkeypatch.chdir(clone.top)
    return clone


def _judged(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[str]]:
    capsys.readouterr()
    code = main(["check", "--format=json", *options])
    report = json.loads(capsys.readouterr().out)
    return code, [*(f["fingerprint"] for f in report["findings"]), *(p["kind"] for p in report["problems"])]


@pytest.mark.parametrize(
    "weaker",
    [
        {"tests/matrix.yaml": FILES["tests/matrix.yaml"] + WAIVER},
        {"chartgate.toml": 'policies = ["own"]\ndisable = {it_is_small = "no time"}\n'},
        {"chartgate.toml": 'policies = ["own"]\n[severity]\nit_is_small = {to = "warning", reason = "no time"}\n'},
        {"chartgate-baseline.yaml": BASELINE},
        {"own/sizes.py": POLICY.replace("NAME", "it_is_small").replace('"small")', '"large")')},
        {"own/sizes.py": "raise SystemExit\n"},
        {"tests/matrix.yaml": FILES["tests/matrix.yaml"].replace("defaults: {}", "defaults: {values: {size: small}}")},
        {"chartgate.toml": "nothing = 1\n"},
    ],
    ids=["waiver", "disabled", "severity", "baseline", "policy", "policy that exits", "scenario", "broken settings"],
)
def test_a_weaker_gate_does_not_count(
    weaker: Mapping[str, str], clone: Clone, capsys: pytest.CaptureFixture[str]
) -> None:
    write(clone.top, LARGE | dict(weaker))
    assert _judged(capsys, "--gate-from=v1") == (1, [FINGERPRINT])


def test_the_same_gate_gives_the_same_verdict(clone: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    assert _judged(capsys, "--gate-from=HEAD") == (0, [])
    write(clone.top, LARGE)
    assert _judged(capsys, "--gate-from=HEAD") == (1, [FINGERPRINT])
    assert _judged(capsys) == (1, [FINGERPRINT])
    assert main(["check", "--gate-from=HEAD"]) == 1
    shown = capsys.readouterr().out
    assert "HEAD:tests/matrix.yaml" in shown
    assert "chartgate check --gate-from=HEAD --scenario=defaults" in shown
    assert "/rules/" not in shown


def test_a_waiver_that_is_no_longer_needed_is_no_fault(clone: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    clone.commit(LARGE | {"tests/matrix.yaml": FILES["tests/matrix.yaml"] + WAIVER}, tag="v2")
    write(clone.top, {file: FILES[file] for file in ("chart/values.yaml", "tests/matrix.yaml")})
    assert _judged(capsys, "--gate-from=v2") == (0, [])


def test_the_ci_files_are_those_of_the_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clone = cloned(tmp_path / "plain")
    chart = {file: text for file, text in FILES.items() if file.startswith("chart/")}
    own = {
        "own/__init__.py": "",
        "own/sizes.py": POLICY.replace("NAME", "it_stays_small").replace('"defaults"', '"odd"'),
    }
    clone.commit(chart | own | {"chart/ci/odd-values.yaml": "size: large\n"}, tag="v1")
    monkeypatch.chdir(clone.top)
    # What is in the work tree alone: values that hide it, and a matrix in the chart.
    inside = FILES["tests/matrix.yaml"].replace("../chart", ".")
    write(clone.top, {"chart/ci/odd-values.yaml": "size: small\n", "chart/matrix.yaml": inside})
    options = ("--chart=chart", "--policies=own", "--gate-from=v1")
    assert _judged(capsys, *options) == (1, [FINGERPRINT.replace("it_is", "it_stays")])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--gate-from=v9"], "there is no commit of that name in"),
        (["--gate-from=v1", "--accept"], "which nobody can write to: leave out --accept"),
        (["--gate-from=v1", "--prune"], "which nobody can write to: leave out --prune"),
        (["--gate-from=broken"], "broken:chartgate.toml:1: nothing: there is no such setting"),
        (["--gate-from=v1", "--policies=others"], "there is no such folder of policies"),
    ],
)
def test_what_cannot_be_taken_from_a_commit(
    options: list[str], said: str, clone: Clone, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    clone.commit({"chartgate.toml": "nothing = 1\n"}, tag="broken")
    assert main(["check", *options]) == 2
    assert said in capsys.readouterr().err
