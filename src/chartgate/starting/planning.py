"""From a chart to a starting matrix: what is found is tried, put together, tried together, and some left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.charts.chart_values.secret_values import value_texts
from chartgate.charts.template_texts.meant_namespace import meant_namespace
from chartgate.documents.secret_texts.masking import Masker, masker_of
from chartgate.errors import InputError
from chartgate.matrix.ci_files import read_ci_values, scenario_name
from chartgate.matrix.derivations.derived import chart_of
from chartgate.matrix.matrix import CONVENTIONAL
from chartgate.matrix.toggles import combinations
from chartgate.model import Chart, Identity, Rendering, Resource, Scenario, Values
from chartgate.rendering.renderings import Renderings
from chartgate.starting.axes import (
    Enumeration,
    asked_api_versions,
    asked_kinds_of_kubernetes,
    digests,
    enumerations,
    nullable_sections,
)
from chartgate.starting.found_switches import LeftOut, Switch, find_switches
from chartgate.starting.mending import mended_axes, mended_toggles
from chartgate.starting.start import Axis, StartingMatrix, Way, switched, word, words
from chartgate.starting.trials import Changes, Effect, Progress, Trials, words_of_helm

MOST_TOGGLES = 3
"""All combinations of them are rendered."""
_MOST_AXES = 24
_MOST_MAKING, _MOST_LISTED, _MOST_FIELDS = 16, 2, 4
"""Axes of booleans that make objects, of enumerations of either sort, of booleans that only change objects."""
_MOST_WITHOUT = 8
"""Parts that are on by default, and off in a scenario of their own."""


def plan(
    chart: Chart, renderings: Renderings, release: str, given: Mapping[str, Values], progress: Progress
) -> StartingMatrix:
    """Make the starting matrix of a chart.

    Args:
        chart: what it is for.
        renderings: of that chart.
        release: the name of the release, and of the namespace.
        given: the values to begin with, by the file that they are from; where it is empty, the chart's defaults, or
            else the first file of ci/ with which it renders.
        progress: told how many trials are done.

    Raises:
        InputError: the chart does not render with any of these.
        ToolError: helm is missing or hangs.
    """
    values_from, base = _base(chart, renderings, release, given)
    trials = Trials(base, renderings, progress)
    served = asked_api_versions(chart)
    switches, left_out = find_switches(chart, trials, served)
    toggles, dropped = mended_toggles(_toggles(switches, [scenario_name(file) for file in chart.ci_values]), trials)
    chosen = {switch.address for switch in toggles.values()}
    rest = [switch for switch in switches if switch.address not in chosen]
    # Whoever turns off what is on by default means the release without it, and not with all that leads to it.
    given_up = [switch for switch in rest if switch.default and switch.effect.objects][:_MOST_WITHOUT]
    others = [switch for switch in rest if switch not in given_up]
    axes = list(_axes(chart, trials, others, served, left_out, toggles))[:_MOST_AXES]
    kept, refused = mended_axes(axes, switched(toggles, toggles), trials)
    ci_files, broken = _ci_files(chart, renderings, trials.base)
    mask = masker_for(trials.base).text
    every = (*left_out, *dropped, *refused, *broken)
    return StartingMatrix(
        release=release,
        namespace=trials.base.namespace,
        values=trials.base.overrides,
        values_from=values_from,
        api_versions=trials.base.api_versions,
        toggles=toggles,
        shared=_shared_objects(toggles, trials),
        axes=tuple(kept),
        without=_without(given_up, [*toggles, *map(scenario_name, ci_files)]),
        ci_files=ci_files,
        has_defaults="defaults" not in map(scenario_name, ci_files),
        left_out=(*(LeftOut(what, mask(why)) for what, why in every), *_not_looked_at(others, axes)),
    )


def _base(chart: Chart, renderings: Renderings, release: str, given: Mapping[str, Values]) -> tuple[str, Scenario]:
    """Find values with which the chart renders."""
    # One that is called the default is more of a beginning than the first by the alphabet.
    files = sorted(chart.ci_values, key=lambda name: "default" not in name)
    of_ci = {f"ci/{name}": read_ci_values(chart, name) for name in files}
    errors: list[str] = []
    for name, values in (given or {"": {}, **of_ci}).items():
        scenario = dataclasses.replace(
            CONVENTIONAL,
            name="start",
            release=release,
            namespace=meant_namespace(chart) or release,
            overrides=values,
            values=coalesce(chart, values),
            chart=chart,
            api_versions=asked_kinds_of_kubernetes(chart),
        )
        if not (error := renderings.render(scenario).error):
            return name, scenario
        errors.append(f"with {name or 'its defaults'}, {masker_for(scenario).text(words_of_helm(error))}")
    tries = "" if given else ", and there is no file in its ci/ that it renders with" * (not of_ci)
    raise InputError(
        f"{chart.source} does not render: {'; '.join(errors)}{tries}. Write the values that it needs into a file, and"
        " name that with --values=FILE"
    )


def masker_for(scenario: Scenario) -> Masker:
    """Give what masks the secret values of a scenario: helm's words may show them.

    Raises:
        ValueError: the scenario belongs to no chart.
    """
    texts = value_texts([(chart_of(scenario), scenario.values)])
    return masker_of(texts.secrets, texts.plain, frozenset())


def _toggles(switches: Sequence[Switch], taken: Sequence[str]) -> dict[str, Switch]:
    """Choose the toggles: what brings most objects, and needs nothing of the cluster."""
    chosen: list[Switch] = []
    covered: set[Identity] = set()
    for switch in switches:
        made = {one.identity for one in switch.effect.objects}
        # What only a part of another toggle switches is an axis: else one feature would take all places.
        if made - covered and not switch.api_versions and len(chosen) < MOST_TOGGLES:
            chosen.append(switch)
            covered |= made
    addresses = {switch.address for switch in chosen}
    toggles: dict[str, Switch] = {}
    for switch in chosen:
        # What is a toggle itself is on in half of the combinations anyway.
        needs = {address: value for address, value in switch.needs.items() if address not in addresses}
        toggles[word(switch.address, [*toggles, *taken])] = dataclasses.replace(switch, needs=needs)
    return toggles


def _axes(
    chart: Chart,
    trials: Trials,
    switches: Sequence[Switch],
    served: tuple[str, ...],
    left_out: list[LeftOut],
    toggles: Mapping[str, Switch],
) -> Iterator[Axis]:
    """Give everything that has several forms, what matters most first."""
    taken = list(toggles)
    on = switched(toggles, toggles)

    def named(address: str) -> str:
        taken.append(word(address, taken))
        return taken[-1]

    def of_switch(switch: Switch) -> Axis:
        # What the toggles set is so in every row.
        needs = {address: value for address, value in switch.needs.items() if on.get(address) != value}
        return _of_switch(named(switch.address), dataclasses.replace(switch, needs=needs))

    if served:
        yield Axis(named("served_apis"), {"kubernetes_only": Way(), "all": Way({}, served)}, "templates ask for these")
    if found := _accepted([("digests of images", digests(trials.base))], trials, left_out):
        yield Axis(named("images"), {"by_tag": Way(), "by_digest": Way(found)}, "an image may be given by its digest")
    if nulls := _accepted(nullable_sections(trials.base), trials, left_out):
        yield Axis(named("sections"), {"as_given": Way(), "unset": Way(nulls)}, "users may set these to null")
    listed = enumerations(chart, trials.base)
    making = [switch for switch in switches if switch.effect.objects]
    for key in [key for key in listed if key.decides][:_MOST_LISTED]:
        if ways := _of_texts(key, trials, left_out):
            yield Axis(named(key.address), ways, "templates compare it with these")
    yield from map(of_switch, making[:_MOST_MAKING])
    for key in [key for key in listed if not key.decides][:_MOST_LISTED]:
        if ways := _of_texts(key, trials, left_out):
            yield Axis(named(key.address), ways, "values.schema.json lists these")
    yield from map(of_switch, [switch for switch in switches if not switch.effect.objects][:_MOST_FIELDS])


def _of_switch(name: str, switch: Switch) -> Axis:
    chart_has, other = ("enabled", "disabled") if switch.default else ("disabled", "enabled")
    sets = {switch.address: not switch.default, **switch.needs}
    return Axis(name, {chart_has: Way(), other: Way(sets, switch.api_versions)}, switch.says)


def _without(switches: Sequence[Switch], taken: Sequence[str]) -> dict[str, Axis]:
    found: dict[str, Axis] = {}
    for switch in switches:
        name = word(f"without.{switch.address}", [*found, *taken])
        found[name] = _of_switch(name, switch)
    return found


_OWN = "who has one already names it as well; put both into a scenario of your own"


def _of_texts(key: Enumeration, trials: Trials, left_out: list[LeftOut]) -> dict[str, Way]:
    """Give the values of an enumeration that helm accepts, and that make a difference; nothing for a single one."""
    found: dict[str, Way] = {}
    changes = [{key.address: text} for text in key.texts]
    for name, change, rendering in zip(words(key.texts), changes, trials.of(changes), strict=True):
        if rendering.error:
            left_out.append(LeftOut(f"{key.address}: {change[key.address]}", words_of_helm(rendering.error)))
        elif "existing" in change[key.address].lower():
            left_out.append(LeftOut(f"{key.address}: {change[key.address]}", _OWN))
        elif not found or trials.effect(rendering):
            found[name] = Way(change)
    return found if len(found) > 1 else {}


def _accepted(settings: Sequence[tuple[str, Changes]], trials: Trials, left_out: list[LeftOut]) -> dict[str, Any]:
    """Put together what helm accepts of some changes; each of them has a name for messages."""
    together: dict[str, Any] = {}
    for (name, changes), rendering in zip(settings, trials.of([changes for _, changes in settings]), strict=True):
        if rendering.error:
            left_out.append(LeftOut(name, words_of_helm(rendering.error)))
        else:
            together |= changes
    return together


def _ci_files(chart: Chart, renderings: Renderings, base: Scenario) -> tuple[tuple[str, ...], list[LeftOut]]:
    """Give the values files of ci/ that render, beside the one that every scenario has."""
    kept: list[str] = []
    broken: list[LeftOut] = []
    for name in chart.ci_values:
        values = read_ci_values(chart, name)
        scenario = dataclasses.replace(base, name=f"ci-{name}", overrides=values, values=coalesce(chart, values))
        rendering: Rendering = renderings.render(scenario)
        if rendering.error:
            broken.append(LeftOut(f"ci/{name}", words_of_helm(rendering.error)))
        else:
            kept.append(name)
    return tuple(kept), broken


def _not_looked_at(switches: Sequence[Switch], axes: Sequence[Axis]) -> Iterator[LeftOut]:
    used = {address for axis in axes for way in axis.ways.values() for address in way.sets}
    if others := [switch.address for switch in switches if switch.address not in used]:
        yield LeftOut(", ".join(others), "each changes something as well; left out to keep the matrix small")


def _shared_objects(toggles: Mapping[str, Switch], trials: Trials) -> dict[str, list[str]]:
    """Give the objects that a toggle changes, or takes away, in any combination with the others.

    That a pod gets another account, or an argument more, is what most toggles are for: nobody has to be told of it, but
    of what comes to it later.

    Returns:
        Patterns of `Kind name` by toggle. What is in front of the name may be another release's.

    Raises:
        ToolError: helm is missing or hangs.
    """
    every = [frozenset(on) for on in combinations(list(toggles))]
    made = dict(zip(every, trials.of([switched(toggles, sorted(on)) for on in every]), strict=True))
    shared: dict[str, list[str]] = {}
    for name in toggles:
        effects = [trials.between(made[on], made[on | {name}]) for on in every if name not in on]
        if found := {f"{one.kind} *{one.name}" for effect in effects for one in _not_its_own(effect)}:
            shared[name] = sorted(found)
    return shared


def _not_its_own(effect: Effect) -> Iterator[Resource]:
    yield from effect.changed
    for old in effect.removed:
        # Else the toggle chooses between two forms of one thing.
        if not any(new.name == old.name or new.template == old.template for new in effect.added):
            yield old
