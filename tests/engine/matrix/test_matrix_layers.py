"""What lies under and beside the points of a matrix: common values, companions of toggles, what a cluster serves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chartgate.matrix.matrix import Matrix
from chartgate.matrix.scenarios import load_matrix
from chartgate.matrix.served_apis import with_their_groups
from chartgate.matrix.toggles import Toggle, switched_values, toggle_of
from tests.engine.toys import TOY, chart_from, write

MONITORS, GATEWAYS = "monitoring.coreos.com/v1", "gateway.networking.k8s.io/v1"
HEAD = "chart: ../toy\nrelease: demo\nnamespace: shop\n"
MONITORING = f"  monitoring: {{absent: {{}}, there: {{api_versions: [{MONITORS}/ServiceMonitor]}}}}\n"
GATEWAY = f"  gateway: {{absent: {{}}, there: {{api_versions: [{GATEWAYS}]}}}}\n"


def matrix_of(folder: Path, text: str, **chart: str) -> Matrix:
    """Write a matrix beside a toy, and read both."""
    write(folder / "tests", {"matrix.yaml": HEAD + text, "charts.yaml": "- {chart: toy, namespace: prod}\n"})
    return load_matrix(folder / "tests" / "matrix.yaml", chart_from(folder / "toy", TOY | chart))


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ([], {"web": {"enabled": False, "tls": False}, "cache": {"enabled": False}}),
        (["web"], {"web": {"enabled": True, "tls": True, "hosts": ["a"]}, "cache": {"enabled": True, "size": 3}}),
        (["cache"], {"web": {"enabled": False, "tls": False}, "cache": {"enabled": True}}),
        (
            ["web", "cache"],
            {"web": {"enabled": True, "tls": True, "hosts": ["a"]}, "cache": {"enabled": True, "size": 3}},
        ),
    ],
)
def test_on_sets_all_and_off_the_switches_only(on: list[str], expected: dict[str, Any]) -> None:
    """What one toggle needs may be the switch of another: it is on where either is."""
    web: dict[str, Any] = {"web.enabled": True, "web.tls": True, "web.hosts": ["a"], "cache.size": 3}
    toggles = {"web": toggle_of(web | {"cache.enabled": True}), "cache": toggle_of("cache.enabled")}
    assert switched_values(toggles, on) == expected


def test_a_companion_never_switches_off_what_is_on() -> None:
    toggles = {"cache": toggle_of("cache.enabled"), "plain": toggle_of({"plain.enabled": True, "cache.enabled": False})}
    assert switched_values(toggles, ["cache", "plain"])["cache"] == {"enabled": True}
    assert switched_values(toggles, ["plain"])["cache"] == {"enabled": False}


@pytest.mark.parametrize(
    ("values", "is_on"),
    [
        ({"a": {"on": True, "b": True}}, True),
        ({"a": {"on": True}}, False),
        ({"a": {"on": True, "b": "true"}}, False),
        ({"a": None}, False),
        ({}, False),
    ],
)
def test_a_toggle_is_on_where_all_its_switches_are(values: dict[str, Any], is_on: bool) -> None:
    assert Toggle(("a.on", "a.b"), {"a.c": 1}).is_on(values) is is_on


def test_companions_in_a_matrix(tmp_path: Path) -> None:
    matrix = matrix_of(
        tmp_path,
        "toggles: {secret: {secret.enabled: true, secret.token: abc, extra.deep.key: [1]}, cache: cache.enabled}\n",
    )
    assert list(matrix.scenarios) == ["off", "secret", "cache", "all_on"]
    given = {name: scenario.overrides for name, scenario in matrix.scenarios.items()}
    assert given["cache"] == {"secret": {"enabled": False}, "cache": {"enabled": True}}
    on = {"secret": {"enabled": True, "token": "abc"}, "extra": {"deep": {"key": [1]}}}
    assert given["secret"] == on | {"cache": {"enabled": False}}
    assert given["all_on"] == on | {"cache": {"enabled": True}}
    assert matrix.scenarios["all_on"].traits == {"secret", "cache"}


COMMON = """
values: {mode: common, secret: {token: shared}}
toggles: {cache: cache.enabled}
axes: {size: {small: {}, large: {values: {mode: large}}}}
scenarios:
  plain: {}
  own: {values: {mode: own}}
  deployed: {infrastructure: charts.yaml}
refusals:
  wrong: {values: {mode: [1]}, stderr: [mode]}
"""


def test_common_values_lie_under_every_point(tmp_path: Path) -> None:
    matrix = matrix_of(tmp_path, f"{COMMON}ci_files: true\n", **{"ci/one-values.yaml": "mode: one\n"})
    modes = {name: scenario.overrides.get("mode") for name, scenario in matrix.scenarios.items()}
    common = dict.fromkeys(["off", "all_on", "mix_01", "plain"], "common")
    assert modes == common | {"mix_02": "large", "own": "own", "ci-one": "one", "wrong": [1], "deployed": None}
    assert matrix.base.overrides == {"mode": "common", "secret": {"token": "shared"}}
    # Exactly what the file deploys: what it lacks would not be there either.
    assert matrix.scenarios["deployed"].overrides == {}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], ()),
        (["v1", MONITORS], ("v1", MONITORS)),
        ([f"{MONITORS}/ServiceMonitor"], (MONITORS, f"{MONITORS}/ServiceMonitor")),
        ([f"{MONITORS}/B", MONITORS, f"{MONITORS}/A"], (MONITORS, f"{MONITORS}/B", f"{MONITORS}/A")),
        (["v1/Pod"], ("v1", "v1/Pod")),
    ],
)
def test_a_kind_brings_its_group_along(given: list[str], expected: tuple[str, ...]) -> None:
    assert with_their_groups(given) == expected


def test_points_add_to_what_the_cluster_serves(tmp_path: Path) -> None:
    matrix = matrix_of(
        tmp_path,
        f"api_versions: [example.com/v1]\naxes:\n{MONITORING}{GATEWAY}scenarios:\n  plain: {{}}\n"
        "  own: {api_versions: [example.com/v2]}\n",
    )
    served = {name: scenario.api_versions for name, scenario in matrix.scenarios.items()}
    kinds = (MONITORS, f"{MONITORS}/ServiceMonitor")
    assert served["plain"] == matrix.base.api_versions == ("example.com/v1",)
    assert served["own"] == ("example.com/v1", "example.com/v2")
    rows = {name: served for name, served in served.items() if name.startswith("mix_")}
    assert set(rows.values()) == {
        ("example.com/v1",),
        ("example.com/v1", *kinds),
        ("example.com/v1", GATEWAYS),
        ("example.com/v1", *kinds, GATEWAYS),
    }
    there = {name for name, s in matrix.scenarios.items() if "monitoring=there" in s.traits}
    assert there == {name for name, served in served.items() if MONITORS in served}
    absent = {name for name, s in matrix.scenarios.items() if "monitoring=absent" in s.traits}
    assert absent == {*matrix.scenarios} - there


def test_what_is_derived_is_for_the_same_cluster(tmp_path: Path) -> None:
    scenario = matrix_of(tmp_path, f"api_versions: [{MONITORS}]\nscenarios: {{plain: {{}}}}\n").scenarios["plain"]
    assert scenario.derived("longest", release="a" * 53).api_versions == (MONITORS,)
    assert scenario.again(1).api_versions == (MONITORS,)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("values: {mode: common}\n", ["defaults"]),
        ("values: {mode: common}\nrefusals: {wrong: {values: {mode: [1]}, stderr: [mode]}}\n", ["wrong", "defaults"]),
        ("values: {mode: common}\nscenarios: {own: {}}\n", ["own"]),
        ("values: {mode: common}\naxes: {size: {small: {}, large: {}}}\npairwise: {}\n", ["defaults"]),
    ],
)
def test_a_matrix_always_has_something_to_render(text: str, names: list[str], tmp_path: Path) -> None:
    matrix = matrix_of(tmp_path, text)
    assert list(matrix.scenarios) == names
    assert matrix.rendering[0].overrides == {"mode": "common"}
