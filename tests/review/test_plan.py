"""What a review compares over: HEAD's matrix, what BASE cannot know of it, and what BASE's own matrix has."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from chartgate.errors import InputError
from chartgate.matrix.choice import Choice
from chartgate.review.comparison import compare
from chartgate.review.means import Means
from chartgate.review.plan import ReviewPlan, plan_review
from chartgate.review.review import Review
from chartgate.review.sides import Side, matrix_of, open_side
from chartgate.system.toolchain import Tools
from tests.engine.toys import write
from tests.review.repositories import cloned

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {mode: {{ .Values.mode | quote }}, speed: {{ .Values.speed | default "none" | quote }}}
"""
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: small\nversion: 1.0.0\n",
    "values.yaml": "mode: plain\n",
    "templates/config.yaml": CONFIG,
}
CLOSED = json.dumps({"additionalProperties": False, "properties": {"mode": {"type": "string"}, "global": {}}})
WIDER = json.dumps({"properties": {"mode": {"enum": ["plain", "loud"]}, "speed": {"type": "string"}}})


@dataclass(frozen=True)
class Charts:
    """A folder with two versions of a chart."""

    root: Path
    tools: Tools

    def plan(self, before: Mapping[str, str], after: Mapping[str, str], *files: str, matrix: str = "") -> ReviewPlan:
        return self._both(before, after, files, matrix)[1]

    def review(self, before: Mapping[str, str], after: Mapping[str, str], *files: str, matrix: str = "") -> Review:
        sides, plan = self._both(before, after, files, matrix)
        return compare(sides[0], sides[1], plan, Means(self.tools, self.root / "runs"))

    def _both(
        self, before: Mapping[str, str], after: Mapping[str, str], files: tuple[str, ...], matrix: str
    ) -> tuple[list[Side], ReviewPlan]:
        folder = self.root / str(len(list(self.root.iterdir())))
        write(folder, {"matrix.yaml": f"chart: new\nrelease: demo\nnamespace: shop\n{matrix}"} if matrix else {})
        choice = Choice(matrix=str(folder / "matrix.yaml") if matrix else "")
        sides = [
            open_side(str(write(folder / name, CHART | dict(files))), choice, folder / f"of-{name}")
            for name, files in (("old", before), ("new", after))
        ]
        return sides, plan_review(sides[0], sides[1], files, datetime.date(2026, 1, 1))


@pytest.fixture
def charts(tmp_path: Path, tools: Tools) -> Charts:
    """Give a place for two versions of a chart."""
    return Charts(tmp_path, tools)


def _summaries(review: Review) -> list[tuple[str, ...]]:
    return [
        (*entry.subjects, entry.address, *(risk.name for risk in entry.risks), entry.condition)
        for entry in review.entries
    ]


def test_without_a_matrix_its_own_values_files_or_its_defaults(charts: Charts) -> None:
    assert [s.name for s in charts.plan({}, {}).scenarios] == ["defaults"]


def test_the_values_files_of_head(charts: Charts) -> None:
    files = {"ci/loud-values.yaml": "mode: loud\n", "ci/fast-values.yaml": "speed: high\n"}
    plan = charts.plan({}, files)
    assert sorted(scenario.name for scenario in plan.scenarios) == ["fast", "loud"]
    assert plan.for_base["fast"].values == {"mode": "plain", "speed": "high"}


def test_the_values_files_of_head_in_a_matrix(charts: Charts) -> None:
    """What BASE has in files of these names is what somebody else once installed."""
    base = {"ci/fast-values.yaml": "speed: low\n", "ci/gone-values.yaml": "mode: gone\n"}
    head = {"ci/fast-values.yaml": "speed: high\n", "ci/new-values.yaml": "mode: new\n"}
    plan = charts.plan(base, head, matrix="ci_files: [fast, new]\n")
    assert [(s.name, plan.for_base[s.name].overrides) for s in plan.scenarios] == [
        ("ci-fast", {"speed": "high"}),
        ("ci-new", {"mode": "new"}),
    ]
    assert plan.for_base["ci-fast"].values == {"mode": "plain", "speed": "high"}


def test_a_matrix_inside_the_chart_brings_its_files_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a commit, where a git reference is a side."""
    clone = cloned(tmp_path / "repository")
    matrix = "chart: ..\nrelease: demo\nnamespace: shop\nscenarios: {far: {values_files: [../../far.yaml]}}\n"
    chart = {f"chart/{name}": text for name, text in CHART.items()}
    clone.commit(chart | {"chart/ci/matrix.yaml": matrix, "far.yaml": "mode: then\n"})
    write(clone.top, {"far.yaml": "mode: now\n"})
    monkeypatch.chdir(clone.top)
    choice = Choice(chart="chart")
    base, head = (open_side(given, choice, tmp_path / name) for given, name in (("HEAD", "base"), ("", "head")))
    assert matrix_of(base).scenarios["far"].overrides == {"mode": "then"}
    plan = plan_review(base, head, (), datetime.date(2026, 1, 1))
    assert [s.name.partition(" (")[0] for s in (*plan.scenarios, *plan.dropped)] == ["far", "far of BASE"]
    assert plan.for_base["far"].overrides == {"mode": "now"}


SERVED = (
    '{{ if .Capabilities.APIVersions.Has "x.io/v1" }}apiVersion: x.io/v1\nkind: Widget\nmetadata: {name: w}{{ end }}'
)
CLUSTERS = """
toggles: {}
axes: {widgets: {absent: {}, there: {api_versions: [x.io/v1]}}}
"""


def test_both_sides_are_for_the_same_cluster(charts: Charts) -> None:
    """An object that is there only where the cluster serves its kind is compared there."""
    widget = {"templates/widget.yaml": SERVED}
    review = charts.review({}, widget, matrix=CLUSTERS)
    assert [(e.fate, e.subjects, e.condition) for e in review.entries if "Widget" in str(e.subjects)] == [
        ("added", ("Widget shop/w",), "all with widgets=there")
    ]
    changed = {"templates/widget.yaml": SERVED.replace("{{ end }}", "\nspec: {size: 2}\n{{ end }}")}
    review = charts.review(widget, changed, matrix=CLUSTERS)
    assert [e.condition for e in review.entries if "Widget" in str(e.subjects)] == ["all with widgets=there"]


def test_a_key_that_a_closed_schema_of_base_does_not_know(charts: Charts) -> None:
    matrix = "scenarios: {fast: {values: {speed: high}}, plain: {values: {}}}\n"
    review = charts.review({"values.schema.json": CLOSED}, {"values.schema.json": WIDER}, matrix=matrix)
    assert [note.rpartition(" has no ")[2] for note in review.notes[:1]] == ["speed: it is rendered without."]
    assert ("ConfigMap shop/a", "data.speed", "fast") in _summaries(review)
    assert review.compared == 2


def test_a_key_of_a_form_that_a_closed_schema_allows_stays(charts: Charts) -> None:
    schema = json.dumps({"additionalProperties": False, "properties": {"mode": {}}, "patternProperties": {"^sp": {}}})
    review = charts.review({"values.schema.json": schema}, {"ci/a-values.yaml": "speed: high\nother: 1\n"})
    assert [note.rpartition(" has no ")[2] for note in review.notes[:1]] == ["other: it is rendered without."]
    assert review.compared == 1


def test_a_schema_that_refers_to_another_site_is_not_fetched(charts: Charts) -> None:
    schema = json.dumps(
        {"additionalProperties": False, "properties": {"mode": {"$ref": "https://example.invalid/mode"}}}
    )
    plan = charts.plan({"values.schema.json": schema}, {"ci/a-values.yaml": "mode: loud\nspeed: high\n"})
    assert plan.for_base["a"].overrides["mode"] == "loud"


def test_a_matrix_that_does_not_fit_base(charts: Charts) -> None:
    matrix = "keyed_lists: {parts: {key: name, name: '(.*)'}}\nscenarios: {more: {items: {parts: {new: {on: true}}}}}\n"
    lists = [{"values.yaml": f"mode: plain\nparts: [{{name: {name}}}]\n"} for name in ("old", "new")]
    review = charts.review(lists[0], lists[1], matrix=matrix)
    assert [note for note in review.notes if note.startswith("The matrix does not fit ")]
    assert review.compared == 1


def test_what_users_of_base_have_and_head_refuses(charts: Charts) -> None:
    files = {
        "values.schema.json": CLOSED,
        "ci/old-values.yaml": "mode: silent\n",
        "ci/fine-values.yaml": "mode: loud\n",
    }
    review = charts.review(files, {"values.schema.json": WIDER, "ci/new-values.yaml": "mode: plain\n"})
    refused = [entry for entry in review.entries if entry.section == "scenarios"]
    assert [name.partition(" of ")[0] for entry in refused for name in entry.scenarios] == ["old"]
    assert [risk.name for entry in refused for risk in entry.risks] == ["values_refused"]


def test_a_values_file_is_compared_too(charts: Charts) -> None:
    write(charts.root, {"mine.yaml": "mode: mine\n", "none.yaml": ""})
    mine, none = (str(charts.root / name) for name in ("mine.yaml", "none.yaml"))
    review = charts.review({}, {"templates/config.yaml": CONFIG.replace('"none"', '"low"')}, mine, none)
    assert review.compared == 3
    review = charts.review({}, {"values.schema.json": WIDER}, mine, none)
    assert [entry.scenarios for entry in review.entries if entry.section == "scenarios"] == [(mine,)]


def test_a_values_file_with_the_name_of_a_scenario(charts: Charts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(charts.root)
    write(charts.root, {"defaults": "mode: mine\n"})
    with pytest.raises(InputError, match="--values=defaults: the matrix has a scenario of this name"):
        charts.plan({}, {}, "defaults")


def test_what_only_base_refuses_is_accepted_now(charts: Charts) -> None:
    matrix = "scenarios: {slow: {values: {mode: slow}}, plain: {values: {}}}\n"
    refusing = {"templates/check.yaml": '{{ if eq .Values.mode "slow" }}{{ fail "too slow" }}{{ end }}'}
    review = charts.review(refusing, {}, matrix=matrix)
    assert (review.newly_rendered, review.compared) == (("slow",), 1)
    assert review.entries == ()
    review = charts.review(refusing, refusing, matrix=matrix)
    assert (review.refused, review.newly_rendered) == (("slow",), ())


@pytest.mark.parametrize(
    ("tags", "is_released", "notes"),
    [
        (["v1.0.0"], True, 0),
        (["small-1.0.0"], True, 0),
        (["v0.9.0"], False, 0),
        (["other-1.0.0"], False, 0),
        ([], False, 1),
    ],
)
def test_a_version_that_a_tag_carries_is_released(
    tags: list[str], is_released: bool, notes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = cloned(tmp_path / "repository")
    clone.commit({f"chart/{name}": text for name, text in CHART.items()})
    for tag in tags:
        clone.git("tag", tag)
    monkeypatch.chdir(clone.top)
    choice = Choice(chart="chart")
    base, head = (open_side(given, choice, tmp_path / name) for given, name in (("HEAD", "base"), ("", "head")))
    plan = plan_review(base, head, (), datetime.date(2026, 1, 1))
    assert (plan.is_released, len(plan.notes), plan.files_differ) == (is_released, notes, False)


@pytest.mark.parametrize(
    ("edit", "differ"),
    [
        ({"Chart.yaml": CHART["Chart.yaml"].replace("1.0.0", "1.0.1")}, False),
        ({"Chart.yaml": CHART["Chart.yaml"] + "# a comment\n"}, False),
        ({"Chart.yaml": CHART["Chart.yaml"] + "appVersion: '7'\n"}, True),
        ({"Chart.yaml": CHART["Chart.yaml"] + "description: small\n"}, True),
        ({"templates/NOTES.txt": "hello"}, True),
        ({"README.md": "hello"}, True),
    ],
)
def test_whether_the_chart_changed_at_all(edit: dict[str, str], differ: bool, charts: Charts) -> None:
    assert charts.plan({}, edit).files_differ is differ


def test_a_matrix_of_the_repository_is_read_where_each_side_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tools: Tools
) -> None:
    """BASE's scenarios are of BASE; a values file outside the repository is not a traceback."""
    clone = cloned(tmp_path / "repository")
    matrix = "chart: ../chart\nrelease: demo\nnamespace: shop\nscenarios:\n"
    chart = {f"chart/{name}": text for name, text in CHART.items()}
    old = matrix + "  theirs: {values_files: [theirs.yaml]}\n  same: {values: {}}\n"
    clone.commit(chart | {"tests/matrix.yaml": old, "tests/theirs.yaml": "mode: theirs\n"}, tag="v1.0.0")
    clone.commit({"tests/matrix.yaml": matrix + "  same: {values: {}}\n", "chart/values.schema.json": WIDER})
    monkeypatch.chdir(clone.top)
    choice = Choice(default_matrix="tests/matrix.yaml")
    base, head = (open_side(given, choice, tmp_path / name) for given, name in (("v1.0.0", "base"), ("", "head")))
    review = compare(
        base, head, plan_review(base, head, (), datetime.date(2026, 1, 1)), Means(tools, tmp_path / "runs")
    )
    refused = [entry for entry in review.entries if entry.section == "scenarios"]
    assert [name.partition(" (")[0] for entry in refused for name in entry.scenarios] == ["theirs of BASE"]

    clone.commit({"tests/matrix.yaml": old.replace("[theirs.yaml]", "[../../outside.yaml]")}, tag="v1.0.1")
    write(tmp_path, {"outside.yaml": "mode: loud\n"})
    clone.commit({"tests/matrix.yaml": matrix + "  same: {values: {}}\n"})
    side = open_side("v1.0.1", choice, tmp_path / "deep" / "outside")
    notes = plan_review(side, head, (), datetime.date(2026, 1, 1)).notes
    assert [note for note in notes if note.startswith("The matrix of v1.0.1") and "outside.yaml" in note]
