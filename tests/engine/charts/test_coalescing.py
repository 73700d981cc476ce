"""Values are merged as helm merges them."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.chart_values.coalescing import coalesce, overlay
from chartgate.charts.reading.archives import packed
from chartgate.charts.reading.read import read_chart
from chartgate.documents.yaml_texts import go_yaml
from chartgate.model import Chart
from chartgate.system.toolchain import OLDEST, PINNED, Release
from tests.engine.chart_trees import chart_tree
from tests.engine.helm_verdicts import without_nulls
from tests.engine.toys import write

DUMP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Chart.Name | quote }}}
data: {values: {{ .Values | toJson | quote }}}
"""
CASES: dict[str, dict[str, Any]] = go_yaml.load(
    (Path(__file__).parent / "coalescing_cases.yaml").read_text("utf-8"), "coalescing_cases.yaml"
)


def _chart(folder: Path, case: dict[str, Any]) -> Chart:
    files = {}
    for place in ["top", *(key for key in case if key in ("s", "s/u"))]:
        name = place.rpartition("/")[2]
        below = "".join(f"charts/{part}/" for part in place.split("/") if part != "top")
        declared = [{"version": "0.1.0", **entry} for entry in case.get("declares", {}).get(name, [])]
        metadata = {"apiVersion": "v2", "name": name, "version": "0.1.0"}
        files[f"{below}Chart.yaml"] = go_yaml.dump(metadata | ({"dependencies": declared} if declared else {}))
        files[f"{below}values.yaml"] = go_yaml.dump(case.get(place, {}))
        files[f"{below}templates/dump.yaml"] = DUMP
    return read_chart(write(folder, files), str(folder))


def _helms_values(release: Release, chart: Chart, given: Any) -> dict[str, Any]:
    """Give the values that each chart's templates see, by chart name, less what is null."""
    command = [str(release.tool("helm")), "template", "toy", str(chart.folder), "--values", "-"]
    done = subprocess.run(command, input=go_yaml.dump(given).encode(), capture_output=True, check=True)
    dumps = go_yaml.load_all(done.stdout.decode(), "helm")
    return {d["metadata"]["name"]: without_nulls(json.loads(d["data"]["values"])) for d in dumps}


@pytest.fixture(scope="module", params=[PINNED, OLDEST], ids=lambda release: release.helm)
def answers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Chart, dict[str, Any]]]:
    """Ask helm about every case, as many at a time as there are processors."""
    if not request.param.tool("helm").is_file():
        pytest.skip(f"helm {request.param.helm} is not provisioned: chartgate provision --all")
    charts = {name: _chart(tmp_path_factory.mktemp("case"), case) for name, case in CASES.items()}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        helms = pool.map(lambda name: _helms_values(request.param, charts[name], CASES[name].get("given", {})), charts)
    return {name: (charts[name], values) for name, values in zip(charts, helms, strict=True)}


@pytest.mark.parametrize("name", CASES)
def test_coalesce_is_what_helm_computes(name: str, answers: dict[str, tuple[Chart, dict[str, Any]]]) -> None:
    chart, helms = answers[name]
    values = coalesce(chart, CASES[name].get("given", {}))
    assert values == helms["top"]
    for subchart in chart.subcharts:
        if subchart.name in helms:
            assert values[subchart.name] == helms[subchart.name]


def test_a_null_default_for_a_subchart_counts_as_in_the_pinned_helm(tmp_path: Path) -> None:
    """Here helm 3.17 and 4.2 differ: 3.17 lets the parent's null delete the subchart's default."""
    chart = _chart(tmp_path, {"top": {"s": {"p": None}}, "s": {"p": 1}})
    assert coalesce(chart, {}) == _helms_values(PINNED, chart, {})["top"]


TREES, SUBCHARTS = 16, 20
"""How many random charts there are for each helm, and how many subcharts each of them has, with two of their own."""


@pytest.mark.parametrize("release", [PINNED, OLDEST], ids=lambda release: release.helm)
def test_random_charts_have_the_values_that_helm_computes(release: Release, tmp_path: Path) -> None:
    if not release.tool("helm").is_file():
        pytest.skip(f"helm {release.helm} is not provisioned: chartgate provision --all")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        compared = sum(pool.map(lambda number: _compare_tree(number, release, tmp_path), range(TREES)))
    assert compared > TREES * SUBCHARTS * 2


def _compare_tree(number: int, release: Release, folder: Path) -> int:
    """Compare what the templates of one chart and all its subcharts see; give how many these are."""
    tree = chart_tree(number, subcharts=SUBCHARTS, is_old=release == OLDEST)
    file = folder / f"{number}.tgz"
    file.write_bytes(packed({name: text.encode() for name, text in tree.files.items()}))
    values = coalesce(read_chart(file, f"number {number}"), tree.given)
    command = [str(release.tool("helm")), "template", "toy", str(file), "--values", "-"]
    done = subprocess.run(command, input=json.dumps(tree.given).encode(), capture_output=True, check=True, timeout=120)
    dumps = [dump["data"] for dump in go_yaml.load_all(done.stdout.decode(), "helm")]
    for dump in dumps:
        seen: Any = values
        for name in dump["from"].removesuffix("/templates").split("/charts/")[1:]:
            seen = seen[name]
        assert seen == without_nulls(json.loads(dump["values"])), f"number {number}: {dump['from']}"
    return len(dumps)


def test_coalesce_changes_neither_chart_nor_overrides(tmp_path: Path) -> None:
    chart = _chart(tmp_path, {"top": {"a": {"b": 1}, "s": {"q": {"x": 1}}}, "s": {"q": {"r": 2, "t": 3}}})
    given = {"a": {"c": [1]}, "s": {"q": {"r": None}}}
    values = coalesce(chart, given)
    values["a"]["c"].append(2)
    values["s"]["q"]["t"] = 9
    assert given == {"a": {"c": [1]}, "s": {"q": {"r": None}}}
    assert chart.own_values == {"a": {"b": 1}, "s": {"q": {"x": 1}}}
    assert chart.subcharts[0].own_values == {"q": {"r": 2, "t": 3}}


def test_overlay_lays_files_over_files() -> None:
    assert overlay({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": None}, "d": [2]}, {"e": {}}) == {
        "a": {"b": None, "c": 2},
        "d": [2],
        "e": {},
    }
    assert overlay() == {}
