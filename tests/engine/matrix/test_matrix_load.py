"""A matrix becomes scenarios: the product of the toggles, pairwise rows, named ones, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.charts.reading.read import read_chart
from chartgate.errors import InputError
from chartgate.matrix.conventional import conventional_matrix
from chartgate.matrix.matrix import Matrix, PatchHook
from chartgate.matrix.scenarios import load_matrix
from chartgate.matrix.toggles import Toggle
from chartgate.model import Chart, External
from tests.engine.toys import MATRIX, TOY, chart_from, write

RICH = """
chart: ../toy
release: demo
namespace: shop
kube_version: 1.31.0
after_hooks: [{job: patcher, patch_file: PATCH, target: TARGET}]
keyed_lists: {"plugins": {key: package, name: "!(.+)$"}}
toggles: {secret: secret.enabled, cache: cache.enabled, extra: extra.enabled}
master: secret
axes:
  size:
    small: {}
    large: {values: {mode: large, size: {cpu: 4}}, release: big}
  place: {here: {}, there: {namespace: elsewhere, kube_version: 1.27.0, values: {size: {disk: 9}}}}
exclude: [{together: {size: small, place: there}, reason: "too far for the small one"}]
pairwise:
  all_on:
    mix_01: {size: large, place: there}
  master_off:
    off_mix_01: {size: large, place: here}
scenarios:
  defaults: {}
  from_files: {values_files: [one.yaml, two.yaml], values: {size: {cpu: 7}}}
  switched: {items: {plugins: {web: {disabled: false}, web-backend: {disabled: false, level: 2}}}, toggles: [cache]}
  gitops: {infrastructure: infrastructure.yaml, toggles: all, axes: {size: large}}
  spelled_out: {toggles: all, axes: {size: large, place: there}, release: own, values: {mode: own}}
refusals:
  wrong: {toggles: all, release: "Not Valid", values: {mode: [1]}, stderr: [mode, array]}
nothing_to_examine: {some_policy: "The toy has no such thing."}
echoes: ["ConfigMap *-values"]
external:
  - {kind: Namespace, name: made-before, reason: Another team makes it.}
  - {kind: Secret, name: token, namespace: prod, keys: [a], scenarios: [gitops], reason: Made by hand.}
"""

PLUGINS = """
plugins:
  - {package: "oci://x!web", disabled: true, level: 1}
  - {package: "oci://x!web-backend", disabled: true}
"""

RICH_TOY = TOY | {"values.yaml": TOY["values.yaml"] + "extra: {enabled: false}\nsize: {cpu: 1, disk: 2}\n" + PLUGINS}


@pytest.fixture
def rich(tmp_path: Path) -> tuple[Path, Chart]:
    write(
        tmp_path / "tests",
        {
            "matrix.yaml": RICH,
            "one.yaml": "mode: one\nsize: {cpu: 5, disk: 5}\n",
            "two.yaml": "mode: two\nextra: null\n",
            "infrastructure.yaml": "charts:\n- {chart: toy, namespace: prod, values: {mode: gitops}}\n",
        },
    )
    return tmp_path / "tests" / "matrix.yaml", chart_from(tmp_path / "toy", RICH_TOY)


@pytest.fixture
def rich_matrix(rich: tuple[Path, Chart]) -> Matrix:
    return load_matrix(*rich)


def _on(on: str) -> dict[str, object]:
    return {name: {"enabled": name in on.split("+")} for name in ("secret", "cache", "extra")}


def test_names_and_their_order(rich_matrix: Matrix) -> None:
    assert list(rich_matrix.scenarios) == [
        *("off", "secret", "cache", "extra", "secret+cache", "secret+extra", "cache+extra", "all_on"),
        *("mix_01", "off_mix_01", "defaults", "from_files", "switched", "gitops", "spelled_out", "wrong"),
    ]
    assert [s.name for s in rich_matrix.refused] == ["wrong"]
    assert [s.name for s in rich_matrix.rendering] == list(rich_matrix.scenarios)[:-1]


@pytest.mark.parametrize(
    ("name", "place", "overrides"),
    [
        ("off", ("demo", "shop", "1.31.0"), _on("")),
        ("secret+extra", ("demo", "shop", "1.31.0"), _on("secret+extra")),
        ("all_on", ("demo", "shop", "1.31.0"), _on("secret+cache+extra")),
        (
            "mix_01",
            ("big", "elsewhere", "1.27.0"),
            {**_on("secret+cache+extra"), "mode": "large", "size": {"cpu": 4, "disk": 9}},
        ),
        ("off_mix_01", ("big", "shop", "1.31.0"), {**_on("cache+extra"), "mode": "large", "size": {"cpu": 4}}),
        ("defaults", ("demo", "shop", "1.31.0"), {}),
        ("from_files", ("demo", "shop", "1.31.0"), {"mode": "two", "size": {"cpu": 7, "disk": 5}, "extra": None}),
        (
            "switched",
            ("demo", "shop", "1.31.0"),
            {
                **_on("cache"),
                "plugins": [
                    {"package": "oci://x!web", "disabled": False, "level": 1},
                    {"package": "oci://x!web-backend", "disabled": False, "level": 2},
                ],
            },
        ),
        ("gitops", ("big", "prod", "1.31.0"), {**_on("secret+cache+extra"), "mode": "gitops", "size": {"cpu": 4}}),
        (
            "spelled_out",
            ("own", "elsewhere", "1.27.0"),
            {**_on("secret+cache+extra"), "mode": "own", "size": {"cpu": 4, "disk": 9}},
        ),
        ("wrong", ("Not Valid", "shop", "1.31.0"), {**_on("secret+cache+extra"), "mode": [1]}),
    ],
)
def test_scenarios(name: str, place: tuple[str, ...], overrides: dict[str, object], rich_matrix: Matrix) -> None:
    scenario = rich_matrix.scenarios[name]
    assert (scenario.release, scenario.namespace, scenario.kube_version) == place
    assert scenario.overrides == overrides
    assert scenario.refusal == (("mode", "array") if name == "wrong" else ())


def test_values_are_merged_as_helm_does(rich_matrix: Matrix) -> None:
    values = rich_matrix.scenarios["from_files"].values
    assert (values["mode"], values["size"], values["secret"]["enabled"]) == ("two", {"cpu": 7, "disk": 5}, False)
    assert "extra" not in values


def test_what_else_a_matrix_holds(rich_matrix: Matrix, rich: tuple[Path, Chart]) -> None:
    assert rich_matrix.source == str(rich[0])
    assert rich_matrix.hooks == (PatchHook("patcher", "PATCH", "TARGET"),)
    assert rich_matrix.nothing_to_examine == {"some_policy": "The toy has no such thing."}
    assert rich_matrix.toggles == {name: Toggle((f"{name}.enabled",)) for name in ("secret", "cache", "extra")}
    assert not rich_matrix.is_conventional


def test_what_is_there_without_the_chart(rich_matrix: Matrix) -> None:
    namespace = External("Namespace", "made-before", "Another team makes it.")
    secret = External("Secret", "token", "Made by hand.", namespace="prod", keys=("a",), scenarios=("gitops",))
    assert rich_matrix.scenarios["off"].external == (namespace,)
    assert rich_matrix.scenarios["gitops"].external == (namespace, secret)


def test_one_kubernetes_for_all_that_renders(rich: tuple[Path, Chart]) -> None:
    matrix = load_matrix(*rich, "1.35")
    assert {scenario.kube_version for scenario in matrix.rendering} == {"1.35"}
    assert matrix.scenarios["wrong"].kube_version == "1.31.0"


def test_without_toggles_there_is_no_product(tmp_path: Path) -> None:
    text = MATRIX.replace("toggles: {secret: secret.enabled, cache: cache.enabled}\n", "").replace("toggles: [], ", "")
    write(tmp_path, {"matrix.yaml": text})
    assert list(load_matrix(tmp_path / "matrix.yaml", chart_from(tmp_path / "toy", TOY)).scenarios) == [
        "loud",
        "no_text",
    ]


def test_scenarios_share_nothing(rich: tuple[Path, Chart]) -> None:
    one, two = load_matrix(*rich), load_matrix(*rich)
    one.scenarios["mix_01"].values["size"]["cpu"] = "changed"
    one.scenarios["mix_01"].overrides["size"]["cpu"] = "changed"
    assert one.scenarios["off_mix_01"] == two.scenarios["off_mix_01"]
    assert one.scenarios["off"] == two.scenarios["off"]


def test_conventional_matrix(tmp_path: Path) -> None:
    toy = chart_from(
        tmp_path / "toy",
        TOY | {"ci/Loud-values.yaml": "mode: loud", "ci/-values.yaml": "", "ci/notes": "x", "ci/a-values.yaml": "{}"},
    )
    matrix = conventional_matrix(toy, "1.30")
    assert matrix.is_conventional
    assert all(scenario.declared.is_conventional for scenario in matrix.rendering)
    assert matrix.source == f"3 files of {toy.source}/ci"
    assert [(s.name, s.release, s.namespace, s.kube_version, s.overrides) for s in matrix.rendering] == [
        ("ci", "release-name", "default", "1.30", {}),
        ("Loud", "release-name", "default", "1.30", {"mode": "loud"}),
        ("a", "release-name", "default", "1.30", {}),
    ]
    assert matrix.scenarios["Loud"].value("mode") == "loud"
    assert matrix.scenarios["Loud"].value("secret.enabled") is False


def test_conventional_matrix_without_files(tmp_path: Path) -> None:
    toy = chart_from(tmp_path, TOY)
    assert conventional_matrix(toy).source == f"the defaults of {tmp_path}"
    assert list(conventional_matrix(toy).scenarios) == ["defaults"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"- a", "line 1, column 1: expected a map of values, found list"),
        (b"a: [", "line 2, column 1: "),
        (b"a: 1\nb: \xff", "cannot be read: line 2 is not UTF-8 (byte 0xff): save it as UTF-8"),
    ],
)
def test_conventional_values_that_are_not_values(content: bytes, message: str, tmp_path: Path) -> None:
    write(tmp_path, TOY)
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci" / "bad-values.yaml").write_bytes(content)
    with pytest.raises(InputError, match=r"/ci/bad-values\.yaml") as error:
        conventional_matrix(read_chart(tmp_path, str(tmp_path)))
    assert message in str(error.value)


def test_what_a_policy_derives_by(rich_matrix: Matrix, rich: tuple[Path, Chart]) -> None:
    everything = [*rich_matrix.scenarios.values(), rich_matrix.base]
    assert all(scenario.declared.echoes == ("ConfigMap *-values",) for scenario in everything)
    assert all(scenario.chart is rich[1] for scenario in everything)


def test_a_chart_without_a_matrix_gives_its_scenarios_the_chart(toy: Chart) -> None:
    matrix = conventional_matrix(toy)
    assert all(scenario.chart is toy for scenario in [*matrix.rendering, matrix.base])
