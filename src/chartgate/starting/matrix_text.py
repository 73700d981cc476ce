"""A starting matrix as the text of its file: each line says why it is there."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.charts.chart_values.coalescing import nested
from chartgate.documents.escaping import one_line
from chartgate.documents.yaml_texts import go_yaml
from chartgate.starting.start import Axis, StartingMatrix, Way, written

_WIDTH = 116


def matrix_text(
    start: StartingMatrix, chart: str, name: str, all_ci_files: Sequence[str], unjudged: Sequence[str] = ()
) -> str:
    """Write a matrix.

    Args:
        start: what is in it.
        chart: where the chart is, relative to the file.
        name: what the chart is called.
        all_ci_files: the values files in the chart's ci/.
        unjudged: the kinds, with their apiVersions, that there is no schema of.
    """
    line = go_yaml.dump_line
    parts = [
        _comment(
            f"What the gate of {name} renders; `chartgate scenarios` lists it. `chartgate init` wrote what the chart"
            " itself tells and helm accepts: change it as you like."
        ),
        f"chart: {line(chart)}\n"
        f"release: {line(start.release)} # what you deploy it as, and where; write your own names\n"
        f"namespace: {line(start.namespace)}\n",
    ]
    if start.api_versions:
        parts.append(
            _comment("Every cluster serves these kinds, and templates ask for them; helm without a cluster knows none.")
            + f"api_versions: {line(list(start.api_versions))}\n"
        )
    if start.values:
        parts.append(
            _comment(f"Set in every scenario, as in {start.values_from}: the chart does not render without.")
            + "values:\n"
            + textwrap.indent(go_yaml.dump(start.values), "  ")
        )
    if start.toggles:
        parts.append("".join(_toggles(start)))
    if start.shared:
        parts.append(
            _comment("What a toggle changes of objects that are not its own, as it is today; more is a finding.")
            + "shared:\n"
            + "".join(f"  {name}: {line(list(patterns))}\n" for name, patterns in start.shared.items())
        )
    if start.axes:
        head = "Each two values of different axes are together in some scenario"
        parts.append(
            _comment(f"{head}{', with all toggles on' * bool(start.toggles)}.")
            + "axes:\n"
            + "".join(text for axis in start.axes for text in _axis(axis))
        )
    if start.ci_files:
        files = "true" if set(start.ci_files) == set(all_ci_files) else line(list(start.ci_files))
        parts.append(f"ci_files: {files} # the chart's ci/*-values.yaml, each a scenario\n")
    if start.has_defaults or start.without:
        parts.append("".join(_scenarios(start)))
    if unjudged:
        parts.append(
            _comment(
                "Of these kinds there is no schema: name the files of their CRDs under `crds`, and they are judged."
            )
            + "schemas:\n  unjudged:\n"
            + "".join(f"    {kind}: its CRD is not in the chart\n" for kind in unjudged)
        )
    if start.left_out:
        parts.append(_comment("Not in here:") + "".join(_comment(f"- {each}", "  ") for each in start.left_out))
    return "\n".join(parts)


def _toggles(start: StartingMatrix) -> Iterator[str]:
    names = list(start.toggles)
    shown = ["off", *names[:1], *(["+".join(names[:2])] if len(names) > 2 else [])] if len(names) > 1 else ["off"]
    yield _comment(f"Every combination of these is a scenario: {', '.join(shown)}, ... all_on.")
    yield "toggles:\n"
    for name, switch in start.toggles.items():
        what = written(switch)
        if isinstance(what, str):
            yield f"  {name}: {go_yaml.dump_line(what)} # {one_line(switch.says)}\n"
        else:
            yield f"  {name}: # {one_line(switch.says)}; it needs what is set besides\n"
            yield textwrap.indent(go_yaml.dump(what), "    ")


def _axis(axis: Axis) -> Iterator[str]:
    yield f"  {axis.name}: # {one_line(axis.why)}\n"
    for name, way in axis.ways.items():
        note = "" if any(way) else " # sets nothing"
        yield f"    {go_yaml.dump_line(name)}: {go_yaml.dump_line(_point(way))}{note}\n"


def _scenarios(start: StartingMatrix) -> Iterator[str]:
    if start.without:
        yield _comment("What is on by default is turned off by itself, and not together with all that leads to it.")
    yield "scenarios:\n"
    if start.has_defaults:
        yield f"  defaults: {{}} # what they get who set nothing{' more than the values above' * bool(start.values)}\n"
    for name, axis in start.without.items():
        _, off = axis.ways.values()
        yield f"  {name}: {go_yaml.dump_line(_point(off))} # {one_line(axis.why)}\n"


def _point(way: Way) -> Mapping[str, Any]:
    point: dict[str, Any] = {}
    if way.sets:
        point["values"] = nested(way.sets)
    if way.api_versions:
        point["api_versions"] = list(way.api_versions)
    return point


def _comment(text: str, indent: str = "") -> str:
    lines = textwrap.wrap(
        one_line(text), _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return "".join(f"# {line}\n" for line in lines)
