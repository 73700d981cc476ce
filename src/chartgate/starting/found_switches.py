"""The booleans of values.yaml that decide what is rendered, found in the templates and tried."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from chartgate.charts.metadata.dependencies import condition_paths
from chartgate.charts.template_texts.key_readers import all_uses, conditions
from chartgate.charts.template_texts.template_reads import Use
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.shapes import map_of, maps_in
from chartgate.documents.walking import leaves
from chartgate.kubernetes.links.object_references import references
from chartgate.kubernetes.validity.bundled_schemas import bundled_versions, is_known
from chartgate.kubernetes.validity.scopes import is_built_in
from chartgate.model import Chart, Rendering, Resource
from chartgate.starting.asked_keys import asked_keys, read_addresses
from chartgate.starting.trials import Changes, Effect, Trials, words_of_helm

_MOST = 48
"""Booleans that are tried: each is a start of helm, and more than one where it does nothing alone."""
_USUAL = re.compile(r"(?i)enabled?$|^(?:create|install)")
_MOST_NEEDS = 3
_MOST_TRIALS = 240
"""After as many starts of helm, nobody looks any further for what a switch needs."""
_ROUNDS = 3
"""Of giving helm what it asks for."""
_BROUGHT = ("ServiceAccount", "ConfigMap", "Secret", "PersistentVolumeClaim")
"""What users bring in place of the chart's own."""


@dataclass(frozen=True)
class Switch:
    """A boolean that changes what is rendered."""

    address: str
    default: bool
    effect: Effect
    """Of the other state than the default."""
    needs: Changes
    """What else must be set for it to do anything."""
    api_versions: tuple[str, ...]
    """What the cluster must serve for that."""
    where: str
    """The template, with its line, that asks for it first; empty where none does by its name."""

    @property
    def makes(self) -> Effect:
        """What is different while it is on, compared with off."""
        return self.effect.reverse if self.default else self.effect

    @property
    def says(self) -> str:
        """What it brings, or takes away, and where that is decided: for a comment."""
        makes, place = self.makes, f" ({self.where})" if self.where else ""
        if makes.added or makes.removed:
            return f"{'' if makes.added else 'no '}{_kinds(makes.added or makes.removed)}{place}"
        return f"changes {_kinds(makes.changed)}{place}"

    @property
    def is_usual(self) -> bool:
        """Whether its name says that it switches something."""
        return bool(_USUAL.search(steps(self.address)[-1]))


class LeftOut(NamedTuple):
    """What is not in the starting matrix, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


def find_switches(chart: Chart, trials: Trials, served: tuple[str, ...]) -> tuple[list[Switch], list[LeftOut]]:
    """Give the booleans that change something, the most effective first, and those that helm refuses to be changed.

    Args:
        chart: whose values they are.
        trials: renders it.
        served: the API versions that its templates ask the cluster for.

    Raises:
        ToolError: helm is missing or hangs.
    """
    values = trials.base.values
    uses = all_uses(chart)
    every = _candidates(chart, values, uses)
    addresses = every[:_MOST]
    flips = [{address: not lookup(values, address)} for address in addresses]
    found: list[Switch] = []
    left_out = [LeftOut(", ".join(every[_MOST:]), f"not tried; the {_MOST} that decide most were")] * (
        len(every) > _MOST
    )
    for address, flip, rendering in zip(addresses, flips, trials.of(flips), strict=True):
        needs: Changes = {}
        apis: tuple[str, ...] = ()
        if served and (rendering.error or not trials.effect(rendering)):
            [again] = trials.of([flip], [served])
            if not again.error and trials.effect(again, api_versions=served):
                rendering, apis = again, served
        if not apis and trials.count < _MOST_TRIALS and (rendering.error or not trials.effect(rendering)):
            needs, again = _with_needs(flip, rendering, trials, uses)
            rendering = again
        if rendering.error:
            left_out.append(LeftOut(_setting(flip), words_of_helm(rendering.error)))
            continue
        effect = trials.effect(rendering, needs, apis)
        if why := why_left_out(effect, rendering):
            left_out.append(LeftOut(_setting(flip), why))
        elif effect:
            where = _where([use for use in uses if join(*use.path) == address], effect)
            found.append(Switch(address, bool(lookup(values, address)), effect, needs, apis, where))
    return sorted(found, key=lambda s: (bool(s.effect.objects), s.is_usual, s.effect.size), reverse=True), left_out


def _where(uses: Sequence[Use], effect: Effect) -> str:
    """Give the place of the first use: in a template of an object that comes or goes, where there is one."""
    templates = {one.template.partition("/")[2] for one in effect.objects or effect.changed}
    found = [use for use in uses if use.template in templates] or uses
    return f"{found[0].template}:{found[0].action.line}" if found else ""


def _candidates(chart: Chart, values: Mapping[str, Any], uses: Collection[Use]) -> list[str]:
    """Give the addresses of booleans that templates, or conditions of dependencies, decide by; weighty ones first."""
    weights: Counter[str] = Counter()
    for use in uses:
        if use.action.word in ("if", "with", "else"):
            weights[join(*use.path)] += 1 if use.action.conditions else 3
    for entry in chart.metadata.get("dependencies") or ():
        for path in condition_paths(entry):
            weights[path] += 10
    booleans = [
        address
        for address, value in leaves(chart.own_values)
        if isinstance(value, bool)
        and isinstance(lookup(values, address), bool)
        and (address in weights or _USUAL.search(steps(address)[-1]))
    ]
    return sorted(booleans, key=lambda address: -weights[address])


def _with_needs(flip: Changes, first: Rendering, trials: Trials, uses: Collection[Use]) -> tuple[Changes, Rendering]:
    """Give what must be set beside a switch so that it does something, and what is rendered then; else what was.

    First what helm's message asks for, then what the conditions around the templates' uses of it demand.
    """
    [address] = flip
    read = read_addresses([*(use.path for use in uses), *(tuple(steps(a)) for a, _ in leaves(trials.base.values))])
    needs: dict[str, Any] = {}
    rendering = first
    for _ in range(_ROUNDS):
        if not rendering.error:
            break
        asked = asked_keys(rendering.error, address, rendering.scenario.values, read)
        if not asked or asked.keys() <= needs.keys():
            break
        needs |= asked
        [rendering] = trials.of([{**flip, **needs}])
    if not rendering.error and trials.effect(rendering, needs):
        return needs, rendering
    more = list(_conditions(address, uses, trials.base.values))
    for beside, again in zip(more, trials.of([{**flip, **each} for each in more]), strict=True):
        if not again.error and trials.effect(again, beside):
            return beside, again
    return {}, rendering


def _conditions(address: str, uses: Collection[Use], values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give what other keys may have to be so that a switch does something: booleans and texts that are compared."""
    seen: list[dict[str, Any]] = []
    for needed in conditions(tuple(steps(address)), uses, values):
        usable = {key: value for key, value in needed.items() if _is_plain(value) and key != address}
        if usable and usable not in seen and len(seen) < _MOST_NEEDS:
            seen.append(usable)
            yield usable


def _is_plain(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, str) and value not in ("", "changed"))


def _setting(changes: Changes) -> str:
    return ", ".join(f"{address}: {str(value).lower()}" for address, value in changes.items())


def _kinds(resources: Iterable[Resource]) -> str:
    """Give how many of each kind there are: `Ingress, 2 of Service`."""
    counts = Counter(one.kind for one in resources)
    return ", ".join(kind if count == 1 else f"{count} of {kind}" for kind, count in counts.items())


def why_left_out(effect: Effect, rendering: Rendering) -> str:
    """Give why a scenario with a switch turned would only be red: in words, empty where it would not.

    Args:
        effect: of the switch.
        rendering: with it turned.
    """
    gone = {(one.kind, one.name, one.namespace): one for one in effect.removed if one.kind in _BROUGHT}
    named = ((found.kind, found.name, found.namespace) for one in rendering.resources for found in references(one))
    if missed := next((this for this in named if this in gone), None):
        return f"users bring {missed[0]} {missed[1]} then; in a scenario of your own, declare it under `external`"
    for one in effect.added:
        version = one.identity.api_version
        if is_built_in(version) and not is_known(version, one.kind, bundled_versions()[-1]):
            return f"it makes a {one.kind} ({version}), which no Kubernetes of today has"
        if lacking := _lacking(one):
            return f"who turns it on gives {lacking}, too; put both into a scenario of your own"
    return ""


def _lacking(one: Resource) -> str:
    """Give what an object lacks that values.yaml leaves empty, as it mostly does."""
    rules = maps_in(one.at("spec.rules"))
    if one.kind == "Ingress" and one.at("spec.defaultBackend") is ABSENT:
        return "" if rules and all(map_of(rule.get("http")).get("paths") for rule in rules) else "hosts and paths"
    spec = map_of(one.at("spec"))
    is_idle = spec.get("minAvailable") is None and spec.get("maxUnavailable") is None
    return "minAvailable or maxUnavailable" if one.kind == "PodDisruptionBudget" and is_idle else ""
