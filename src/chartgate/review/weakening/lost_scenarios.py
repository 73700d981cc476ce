"""The scenarios that a matrix judged, or had helm refuse, and no longer does."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.walking import nodes
from chartgate.matrix.ci_files import fitting, patterns_of, read_ci_values, scenario_name
from chartgate.matrix.content import MatrixContent, Point
from chartgate.matrix.toggles import toggle_of
from chartgate.model import Chart
from chartgate.review.weakening.weakening import Weakening, Weakenings


@dataclass(frozen=True)
class MatrixSide:
    """A matrix, and the chart that it is for."""

    content: MatrixContent
    chart: Chart


def lost_scenarios(before: MatrixSide, after: MatrixSide) -> Weakenings:
    """Give what one matrix judges and the other does not.

    What only sets keys that the newer chart no longer has is none: a scenario goes with its feature.
    """
    was, now = before.content, after.content
    yield from _toggles(was, now, after.chart)
    yield from _axes(was, now, after.chart)
    yield from _rows(was, now)
    yield from _points(was, now, after.chart)
    yield from _ci_files(before, after)
    yield from _refusals(was, now, after.chart)


def _toggles(was: MatrixContent, now: MatrixContent, chart: Chart) -> Weakenings:
    kept = [toggle_of(written).switches for written in now.toggles.values()]
    for name, written in was.toggles.items():
        switches = toggle_of(written).switches
        if name in now.toggles and switches == toggle_of(now.toggles[name]).switches:
            continue
        if switches not in kept and _has_any(chart, switches):
            reason = "this switch is no longer judged on and off, with all others"
            yield Weakening("matrix", join("toggles", name), reason, written, now.toggles.get(name, ABSENT))


def _axes(was: MatrixContent, now: MatrixContent, chart: Chart) -> Weakenings:
    kept = [point for axis in (now.axes, {"": now.scenarios}) for points in axis.values() for point in points.values()]
    for axis, points in was.axes.items():
        for name, point in points.items():
            if name not in now.axes.get(axis, {}) and point not in kept and _still_applies(chart, point):
                yield Weakening("matrix", join("axes", axis, name), "nothing is judged with this value of the axis")
    known = was.exclusions
    for rule in now.exclude:
        pair = frozenset(rule.together.items())
        is_of_old_values = all(value in was.axes.get(axis, {}) for axis, value in pair)
        if pair not in known and is_of_old_values:
            both = " and ".join(f"{axis}={value}" for axis, value in sorted(pair))
            yield Weakening("matrix", "exclude", f"{both} are no longer judged together")


def _rows(was: MatrixContent, now: MatrixContent) -> Weakenings:
    if not was.axes or now.axes != was.axes or now.pairwise is None:
        return
    if was.pairwise is None and not (now.pairwise.all_on or now.pairwise.master_off):
        yield Weakening("matrix", "pairwise", "the values of the axes are no longer combined")
    for section in ("all_on", "master_off"):
        kept = list(getattr(now.pairwise, section).values())
        for name, row in (getattr(was.pairwise, section) if was.pairwise else {}).items():
            if row not in kept:
                yield Weakening("matrix", join("pairwise", section, name), "this row is no longer judged")


def _points(was: MatrixContent, now: MatrixContent, chart: Chart) -> Weakenings:
    there = [*now.scenarios.values(), *now.refusals.values()]
    for name, point in was.scenarios.items():
        kept = now.scenarios.get(name)
        if kept is None and name not in now.refusals and not _is_among(point, there) and _still_applies(chart, point):
            yield Weakening("matrix", join("scenarios", name), "this scenario is no longer judged")
        elif kept is not None and _set_by(point) and not _set_by(kept):
            yield Weakening("matrix", join("scenarios", name), "this scenario sets nothing any longer")


def _ci_files(before: MatrixSide, after: MatrixSide) -> Weakenings:
    there = _ci_names(after)
    kept = [read_ci_values(after.chart, name) for name in there]
    kept += [point.values or {} for point in after.content.scenarios.values()]
    for name in _ci_names(before):
        if name not in there and read_ci_values(before.chart, name) not in kept:
            yield Weakening(
                "matrix", join("ci_files", scenario_name(name)), "the chart's values file is no longer judged"
            )


def _ci_names(side: MatrixSide) -> list[str]:
    given = side.content.ci_files
    if given is False:
        return []
    return list(
        dict.fromkeys(name for pattern in patterns_of(given) for name in fitting(pattern, side.chart.ci_values))
    )


def _refusals(was: MatrixContent, now: MatrixContent, chart: Chart) -> Weakenings:
    for name, point in was.refusals.items():
        kept = now.refusals.get(name)
        if kept is None and not _is_among(point, now.refusals.values()) and _still_applies(chart, point):
            yield Weakening("matrix", join("refusals", name), "helm need no longer refuse this")
        elif kept is not None and {*kept.stderr} != {*point.stderr} and _is_implied(kept.stderr, point.stderr):
            words = list(point.stderr), list(kept.stderr)
            yield Weakening("matrix", join("refusals", name, "stderr"), "helm may refuse this in other words", *words)


def _is_implied(words: Sequence[str], by: Sequence[str]) -> bool:
    """Tell whether whoever says these has said those as well."""
    return all(any(word in other for other in by) for word in words)


def _has_any(chart: Chart, addresses: Sequence[str]) -> bool:
    return any(lookup(chart.defaults, address) is not ABSENT for address in addresses)


def _still_applies(chart: Chart, point: Point) -> bool:
    """Tell whether the chart still has any of the values that a point sets, or whether it sets none."""
    addresses = [join(*keys) for keys, value in nodes(point.values or {}, lists=False) if not isinstance(value, dict)]
    return not addresses or any(_is_known(chart.defaults, address) for address in addresses)


def _is_known(defaults: Mapping[str, Any], address: str) -> bool:
    """Tell whether values.yaml has a key, or something empty around it, which may hold keys of any name."""
    if lookup(defaults, address) is not ABSENT:
        return True
    above = address.rpartition(".")[0]
    return bool(above) and lookup(defaults, above) in ({}, [], None)


def _is_among(point: Point, others: Collection[Point]) -> bool:
    return bool(_set_by(point)) and any(_set_by(point) == _set_by(other) for other in others)


def _set_by(point: Point) -> dict[str, Any]:
    """Give all that a point says of what helm gets."""
    fields = (field.name for field in dataclasses.fields(Point) if field.name != "stderr")
    return {name: value for name in fields if (value := getattr(point, name))}
