"""`chartgate scenarios` lists a matrix with its reasons, and shows what helm gets and makes of one scenario."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chartgate.commands.main import main
from chartgate.system import toolchain
from tests.engine.toys import TOY, write

MATRIX = """
chart: ../toy
release: demo
namespace: shop
kube_version: 1.31.0
toggles: {secret: secret.enabled, cache: cache.enabled, extra: extra.enabled}
master: secret
axes:
  size: {small: {}, large: {values: {mode: large}}}
  place: {here: {}, there: {namespace: far, kube_version: 1.27.0, api_versions: [x.io/v1/Widget], release: other}}
ci_files: true
scenarios:
  defaults: {}
  rich:
    toggles: [cache]
    axes: {size: large}
    values_files: [one.yaml]
    values: {secret: {token: t0p}, a: {b: 1, c: 2}, d: 3}
  bare: {toggles: []}
  deployed: {infrastructure: charts.yaml}
refusals:
  no_text: {toggles: all, values: {mode: [1]}, stderr: [mode, string]}
"""

LIST = """\
tests/matrix.yaml: 20 scenarios, 19 that must render and 1 that helm must refuse

every combination of the toggles: 8
  off           all toggles off
  secret        secret on
  cache         cache on
  extra         extra on
  secret+cache  all toggles on but extra
  secret+extra  all toggles on but cache
  cache+extra   all toggles on but secret
  all_on        all toggles on

pairs of the values of axes: 4
  mix_01        all toggles on; the first with size=small and place=there; release other; namespace far; Kubernetes
                1.27.0; with x.io/v1/Widget
  mix_02        all toggles on; the first with size=large and place=here
  mix_03        all toggles on; the first with size=small and place=here
  mix_04        all toggles on; the first with size=large and place=there; release other; namespace far; Kubernetes
                1.27.0; with x.io/v1/Widget

each value of the axes, with the master off: 2
  off_mix_01    all toggles on but secret; the first with size=small and 1 other; release other; namespace far;
                Kubernetes 1.27.0; with x.io/v1/Widget
  off_mix_02    all toggles on but secret; the first with size=large and 1 other

named in the matrix: 4
  defaults      sets nothing
  rich          cache on; size=large; the values of one.yaml; sets secret.token, a.b, a.c and 1 more
  bare          all toggles off
  deployed      what charts.yaml deploys; namespace prod

values files of the chart's ci/: 1
  ci-loud       the values of the chart's ci/loud-values.yaml

refused by helm: 1
  no_text       all toggles on; sets mode; helm must say 'mode' and 'string'
"""

COUNTS = """\
 8 every combination of the toggles
 4 pairs of the values of axes
 2 each value of the axes, with the master off
 4 named in the matrix
 1 values files of the chart's ci/
 1 refused by helm
tests/matrix.yaml: 20 scenarios, 19 that must render and 1 that helm must refuse
"""

CONVENTIONAL = """\
1 file of toy/ci: 1 scenario, 1 that must render

values files of the chart's ci/: 1
  loud  the values of the chart's ci/loud-values.yaml
"""

DEFAULTS = """\
the defaults of plain: 1 scenario, 1 that must render

for want of others: 1
  defaults  the chart's defaults
"""

DEPLOYED = """\
tests/matrix.yaml: 1 scenario, 1 that must render

from an Argo-style file: 1
  deployed  what is deployed as prod/demo; namespace prod
"""

Shown = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    values = {"values.yaml": TOY["values.yaml"] + "extra: {enabled: false}\n"}
    write(tmp_path / "toy", TOY | values | {"ci/loud-values.yaml": "mode: loud\n"})
    write(tmp_path / "plain", TOY | {"Chart.yaml": "apiVersion: v2\nname: plain\nversion: 1.0.0\n"})
    files = {"one.yaml": "mode: one\n", "charts.yaml": "- {chart: toy, namespace: prod, values: {mode: gitops}}\n"}
    write(tmp_path / "tests", {"matrix.yaml": MATRIX} | files)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], LIST),
        (["--count"], COUNTS),
        (["--chart=toy", "--matrix=tests/matrix.yaml", "--count"], COUNTS),
        (["--chart=plain"], DEFAULTS),
        (["--infrastructure=tests/charts.yaml"], DEPLOYED),
        (
            ["rich"],
            f"{LIST.splitlines()[0]}\n\nnamed in the matrix: 1\n"
            "  rich  cache on; size=large; the values of one.yaml; sets secret.token, a.b, a.c and 1 more\n",
        ),
    ],
    ids=["all", "counted", "counted by options", "no matrix", "what is deployed", "one"],
)
def test_the_list(arguments: list[str], expected: str, capsys: Shown) -> None:
    """No helm is needed, and no value is shown."""
    assert main(["scenarios", *arguments]) == 0
    assert capsys.readouterr() == (expected, "")


def test_values_files_without_a_matrix(root: Path, capsys: Shown) -> None:
    (root / "tests" / "matrix.yaml").unlink()
    assert main(["scenarios", "--chart=toy"]) == 0
    assert capsys.readouterr().out == CONVENTIONAL


def test_for_other_programs(capsys: Shown) -> None:
    assert main(["scenarios", "--format=json"]) == 0
    found = {entry.pop("name"): entry for entry in json.loads(capsys.readouterr().out)}
    assert list(found)[:3] == ["off", "secret", "cache"]
    assert found["mix_01"] == {
        "why": "all_on",
        "reason": "all toggles on; the first with size=small and place=there",
        "release": "other",
        "namespace": "far",
        "kube_version": "1.27.0",
        "api_versions": ["x.io/v1", "x.io/v1/Widget"],
        "traits": ["cache", "extra", "place=there", "secret", "size=small"],
        "refusal": [],
    }
    assert found["no_text"]["refusal"] == ["mode", "string"]


@pytest.mark.parametrize("name", ["rich", "mix_02", "ci-loud", "deployed", "off.canaries", "all_on.longest"])
def test_values_are_those_of_the_other_command(name: str, capsys: Shown) -> None:
    assert main(["scenarios", name, "--values"]) == 0
    shown = capsys.readouterr()
    assert main(["values", name]) == 0
    assert capsys.readouterr() == shown
    assert shown.out


def test_what_helm_makes_of_one(capsys: Shown) -> None:
    assert main(["scenarios", "rich", "--render", f"--helm={toolchain.find().helm}"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("---\n# Source: toy/templates/config.yaml\n")
    assert 'data: {mode: "one"}' in shown.out
    assert shown.err == ""


def test_what_helm_makes_of_one_that_a_policy_derives(capsys: Shown) -> None:
    assert main(["scenarios", "all_on.one", "--render", f"--helm={toolchain.find().helm}"]) == 0
    assert "name: first-release-x7-config" in capsys.readouterr().out


def test_what_helm_refuses(capsys: Shown) -> None:
    assert main(["scenarios", "no_text", "--render", f"--helm={toolchain.find().helm}"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "mode" in shown.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--policies=kubernetes"], "--policies finds what policies derive: add --values or --render"),
        (["all_on.no", "--render"], "no scenario 'all_on.no' in tests/matrix.yaml: it would be derived from all_on"),
        (["all_on.one", "--render", "--policies=own"], "own: there is no such folder of policies, and no such pack"),
        (["--values"], "--values needs the name of a scenario"),
        (["--render"], "--render needs the name of a scenario"),
        (["off", "--values", "--render"], "--values and --render say two things: use one of them"),
        (["off", "--count"], "--count counts all scenarios, as text: leave the rest out"),
        (["--count", "--format=json"], "--count counts all scenarios, as text: leave the rest out"),
        (["off", "--render", "--infrastructure=a.yaml"], "name a scenario, or a file with --infrastructure=FILE: one"),
        (["ci-lowd"], "no scenario 'ci-lowd' in tests/matrix.yaml: did you mean ci-loud?"),
    ],
)
def test_what_cannot_be_shown(arguments: list[str], message: str, capsys: Shown) -> None:
    assert main(["scenarios", *arguments]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"chartgate: {message}")
    assert shown.err.count("\n") == 1
