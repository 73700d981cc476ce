"""What is empty is filled where its name says with what, and only there."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import yaml

from chartgate.charts.chart_values.filled_values import fillings
from chartgate.charts.reading.read import read_chart

VOLUMES = [{"name": "filled", "emptyDir": {}}]
MOUNTS = [{"name": "filled", "mountPath": "/filled"}]


@pytest.mark.parametrize(
    ("values", "filled"),
    [
        ({"extraVolumes": []}, {"volumes": {"extraVolumes": VOLUMES}}),
        ({"web": {"extraVolumeMounts": []}}, {"volumes": {"web.extraVolumeMounts": MOUNTS}}),
        # `helm create` has both; alone, the list has a form that nobody can know.
        ({"volumes": [], "volumeMounts": []}, {"volumes": {"volumes": VOLUMES, "volumeMounts": MOUNTS}}),
        ({"volumes": [], "web": {"volumeMounts": []}}, {}),
        ({"tolerations": {}, "nodeSelector": []}, {}),
        ({"tolerations": None, "extraEnv": ""}, {}),
        ({"extraEnv": [{"name": "A"}]}, {}),
        ({"revisionHistoryLimit": None}, {"fields": {"revisionHistoryLimit": 5}}),
        ({"pdb": {"minAvailable": 1, "maxUnavailable": ""}}, {"budgets": {"pdb.maxUnavailable": 1}}),
        ({"pdb": {"maxUnavailable": ""}}, {}),
        ({"sources": [], "data": {}}, {}),
        ({}, {}),
    ],
)
def test_what_is_filled(values: dict[str, Any], filled: dict[str, Any], tmp_path: Path) -> None:
    chart = _chart(tmp_path, values)
    assert dict(fillings(chart, chart.defaults)) == filled


@pytest.mark.parametrize(
    ("said", "filled"), [("at least so many", 1), ("so many (null to omit)", 0), ("set only one", 0)]
)
def test_of_two_that_exclude_each_other_a_comment_says_how_to_leave_one_out(
    said: str, filled: int, tmp_path: Path
) -> None:
    chart = _chart(tmp_path, {})
    text = f"pdb:\n  ## @param minAvailable {said}\n  ##\n  minAvailable: 1\n  maxUnavailable: ''\n"
    values = {"pdb": {"minAvailable": 1, "maxUnavailable": ""}}
    chart = dataclasses.replace(chart, own_values=values, files={"values.yaml": text.encode()})
    assert len(dict(fillings(chart, values))) == filled


def test_what_a_schema_refuses_stays_empty(tmp_path: Path) -> None:
    (tmp_path / "values.schema.json").write_text('{"properties": {"extraVolumes": {"maxItems": 0}}}')
    chart = _chart(tmp_path, {"extraVolumes": [], "extraVolumeMounts": []})
    assert dict(fillings(chart, chart.defaults)) == {"volumes": {"extraVolumeMounts": MOUNTS}}


def test_a_list_that_a_schema_wants_as_a_map_is_filled_as_one(tmp_path: Path) -> None:
    (tmp_path / "values.schema.json").write_text('{"properties": {"tolerations": {"type": "object"}}}')
    chart = _chart(tmp_path, {"tolerations": {}, "sidecars": {}})
    assert dict(fillings(chart, chart.defaults)) == {
        "nodes": {"tolerations": {"filled": "chart", "filled-too": "chart"}}
    }


def test_where_the_values_fail_a_schema_helm_is_to_say(tmp_path: Path) -> None:
    """As those of a subchart do that is off, whose schema helm does not ask."""
    (tmp_path / "values.schema.json").write_text('{"required": ["host"], "properties": {"extraVolumes": {}}}')
    chart = _chart(tmp_path, {"extraVolumes": []})
    assert dict(fillings(chart, chart.defaults)) == {"volumes": {"extraVolumes": VOLUMES}}


def test_what_the_scenario_fills_is_tried_already(tmp_path: Path) -> None:
    chart = _chart(tmp_path, {"extraVolumes": [], "extraVolumeMounts": []})
    assert dict(fillings(chart, {"extraVolumes": ["any"], "extraVolumeMounts": []})) == {
        "volumes": {"extraVolumeMounts": MOUNTS}
    }


def _chart(folder: Path, values: dict[str, Any]) -> Any:
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (folder / "values.yaml").write_text(yaml.safe_dump(values))
    return read_chart(folder, "web")
