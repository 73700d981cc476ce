"""Names by chance or the clock: what of them stays the same, so that a finding about them does."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.gate.chance_names import chance_names
from chartgate.model import Rendering
from tests.engine.toys import chart_from, rendering_of


def _named(folder: Path, *names: str, template: str = "") -> Rendering:
    chart = chart_from(folder, {"templates/all.yaml": template})
    return rendering_of(
        chart, "\n---\n".join(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: '{name}'}}" for name in names)
    )


@pytest.mark.parametrize(
    ("names", "again", "expected"),
    [
        (["web"], [["web"]], {}),
        (["web-a1b2c"], [["web-zzzzz"]], {"web-a1b2c": "web-<random>"}),
        # What two have in common by chance is no part of the name.
        (["web-a1b2c"], [["web-a1zzz"]], {"web-a1b2c": "web-<random>"}),
        (["web-a1b2c-test"], [["web-zzzzz-test"]], {"web-a1b2c-test": "web-<random>-test"}),
        (["web1-a.b"], [["web1-c.d"]], {"web1-a.b": "web1-<random>.<random>"}),
        (["a1b2c"], [["zzzzz"]], {"a1b2c": "<random>"}),
        # The same at the second rendering, and another one at the third.
        (["web-7"], [["web-7"], ["web-3"]], {"web-7": "web-<random>"}),
        (["web-7-8"], [["web-1-8"], ["web-7-2"]], {"web-7-8": "web-<random>-<random>"}),
        (["web-1f-2e-x"], [["web-3d-x"]], {"web-1f-2e-x": "web-<random>-x"}),
        (["web-a1", "job-b2"], [["web-c3", "job-d4"]], {"web-a1": "web-<random>", "job-b2": "job-<random>"}),
        (["web", "job-b2"], [["web", "job-d4"]], {"job-b2": "job-<random>"}),
        (["web-a1"], [], {}),
        (["web-a1"], [[]], {}),
    ],
)
def test_what_differs_by_chance(names: list[str], again: list[list[str]], expected: object, tmp_path: Path) -> None:
    others = [_named(tmp_path, *other) for other in again]
    assert chance_names(_named(tmp_path, *names), others) == expected


@pytest.mark.parametrize(
    ("line", "name", "expected"),
    [
        ('name: web-{{ now | date "20060102150405" }}', "web-20261127171200", {"web-20261127171200": "web-<time>"}),
        ("name: web-{{ now | unixEpoch }}", "web-1795799520-a", {"web-1795799520-a": "web-<time>-a"}),
        ('name: {{ now | date "2006-01-02" }}', "2026-11-27", {"2026-11-27": "<time>"}),
        ('at: {{ now | date "2006" }}', "web-2026", {}),
        ("name: web-{{ .Chart.Version }}", "web-20261127", {}),
        ("name: web-{{ .Values.now }}", "web-20261127", {}),
    ],
)
def test_what_the_clock_names(line: str, name: str, expected: object, tmp_path: Path) -> None:
    rendering = _named(tmp_path, name, template=line)
    assert chance_names(rendering, [rendering]) == expected
