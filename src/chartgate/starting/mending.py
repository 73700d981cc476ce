"""What was tried one by one, tried together: what helm refuses in combination is left out, with helm's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chartgate.matrix.toggles import combinations
from chartgate.model import Rendering
from chartgate.starting.found_switches import LeftOut, Switch
from chartgate.starting.start import Axis, rows, switched
from chartgate.starting.trials import Trials, words_of_helm


def mended_toggles(toggles: Mapping[str, Switch], trials: Trials) -> tuple[dict[str, Switch], list[LeftOut]]:
    """Give as many toggles as all combinations of which render, and what was in the way of the others.

    Raises:
        ToolError: helm is missing or hangs.
    """
    kept, left_out = dict(toggles), []
    while kept:
        every = list(combinations(list(kept)))
        made = trials.of([switched(kept, on) for on in every])
        failed = [(on, rendering) for on, rendering in zip(every, made, strict=True) if rendering.error]
        if not failed:
            break
        # Without a toggle, only those combinations are left in which it is as the chart has it.
        worst = min(reversed(kept), key=lambda name: sum((name in on) == kept[name].default for on, _ in failed))
        on, rendering = next((each for each in failed if (worst in each[0]) != kept[worst].default), failed[0])
        left_out.append(LeftOut(f"{kept[worst].address} with {_words(kept, on)}", words_of_helm(rendering.error)))
        del kept[worst]
    return kept, left_out


def _words(toggles: Mapping[str, Switch], on: Sequence[str]) -> str:
    return ", ".join(f"{switch.address}: {str(name in on).lower()}" for name, switch in toggles.items())


def mended_axes(axes: Sequence[Axis], on: Mapping[str, Any], trials: Trials) -> tuple[list[Axis], list[LeftOut]]:
    """Give the axes with those values whose rows render, and what was in the way of the others.

    Args:
        axes: what is to be combined.
        on: what the toggles set when all of them are on, as in every row.
        trials: renders the chart.

    Raises:
        ToolError: helm is missing or hangs.
    """
    kept, left_out = list(axes), []
    while kept:
        refused = next((pair for pair in _rendered(kept, on, trials) if pair[1].error), None)
        if refused is None:
            break
        row, rendering = refused
        axis = _culprit(kept, row, on, trials)
        left_out.append(LeftOut(f"{axis.name}: {row[axis.name]}", words_of_helm(rendering.error)))
        smaller = axis.without(row[axis.name])
        kept = [smaller if each is axis else each for each in kept if each is not axis or len(smaller.ways) > 1]
    return kept, left_out


def _rendered(axes: Sequence[Axis], on: Mapping[str, Any], trials: Trials) -> list[tuple[dict[str, str], Rendering]]:
    every = rows(axes)
    settings = [_of_row(axes, row, on) for row in every]
    made = trials.of([changes for changes, _ in settings], [apis for _, apis in settings])
    return list(zip(every, made, strict=True))


def _of_row(
    axes: Sequence[Axis], row: Mapping[str, str], on: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Give what a row sets, and what the cluster serves in it; an axis that it does not name sets nothing."""
    ways = [axis.ways[row[axis.name]] for axis in axes if axis.name in row]
    changes = dict(on)
    for way in ways:
        changes |= way.sets
    return changes, tuple(sorted({name for way in ways for name in way.api_versions}))


def _culprit(axes: Sequence[Axis], row: Mapping[str, str], on: Mapping[str, Any], trials: Trials) -> Axis:
    """Find the axis without which a row renders; else one that does not render alone, else the least important one."""
    setting = [axis for axis in axes if axis.ways[row[axis.name]] != axis.ways[next(iter(axis.ways))]] or list(axes)
    without = [_of_row(axes, {name: way for name, way in row.items() if name != axis.name}, on) for axis in setting]
    alone = [_of_row(axes, {axis.name: row[axis.name]}, on) for axis in setting]
    settings = [*without, *alone]
    made = trials.of([changes for changes, _ in settings], [apis for _, apis in settings])
    for axis, rendering in reversed(list(zip(setting, made[: len(setting)], strict=True))):
        if not rendering.error:
            return axis
    for axis, rendering in reversed(list(zip(setting, made[len(setting) :], strict=True))):
        if rendering.error:
            return axis
    return setting[-1]
