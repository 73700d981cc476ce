"""Which keys of values.yaml change something: many are tried at once, and only those that show nothing one by one.

First all keys get marks in one rendering, and whose mark shows up has an effect. Only the rest is tried key by key:
with all toggles on, with the switches above the key on, with what the templates ask for, in the other scenarios.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chartgate.charts.key_readers import all_uses, compared, conditions, readers
from chartgate.charts.samples import Rules, values_elsewhere
from chartgate.charts.template_reads import Use
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.equality import canonical, same, unequal
from chartgate.documents.walking import leaves
from chartgate.kubernetes.contents import texts as texts_of
from chartgate.matrix.derived import chart_of, fullest, with_values
from chartgate.matrix.key_marks import marks_in, with_marks
from chartgate.model import Case, Chart, Identity, Rendering, Resource, Resources, Scenario, Values

from .isolation import is_named_by

_FEWEST = 4
"""Keys of a group that helm refuses and that is worth halving; fewer are tried one by one."""
ALL_KEYS = "every_key"
_SWITCHES = ("enabled", "create")
_REFUSED_BY_SCHEMA = "meet the specifications of the schema"
"""What helm says where values miss a schema; any other refusal is a template's, which then reads the value."""
_CHECKSUM = re.compile(r"checksum|sha\d+|hash", re.IGNORECASE)


def own_keys(chart: Chart, *above: str) -> Iterator[str]:
    """Give the address of every key in values.yaml, and in those of the subcharts that are not another's archive."""
    yield from (join(*above, *steps(address)) for address, _ in leaves(chart.own_values))
    for subchart in chart.subcharts:
        if not subchart.source.endswith(".tgz"):
            yield from own_keys(subchart, *above, subchart.name)


def switches_off(scenario: Scenario, key: str) -> dict[str, bool]:
    """Give the switches above a key that are off in a scenario, each with the value that turns it on."""
    path = steps(key)
    switches = (join(*path[:depth], switch) for depth in range(1, len(path)) for switch in _SWITCHES)
    return {switch: True for switch in switches if switch != key and lookup(scenario.values, switch) is False}


def changed(scenario: Scenario, key: str, rules: Rules, elsewhere: Sequence[Values]) -> Scenario:
    """Derive a scenario in which one key has another value that the schema accepts, or its own, where none is found.

    What other scenarios have there comes first: those values are known to fit.
    """
    value = lookup(scenario.values, key)
    suffix = f"changed.{key}"
    candidates = itertools.chain(
        values_elsewhere(key, value, elsewhere), rules.others(key, None if value is ABSENT else value)
    )
    tried: list[object] = [value]
    for other in candidates:
        if not any(same(other, old) for old in tried):
            tried.append(other)
            found = with_values(scenario, suffix, {key: other})
            if not same(value, lookup(found.values, key)) and rules.accept(found.values):
                return found
    return with_values(scenario, suffix, {key: None if value is ABSENT else value})


class Trial(NamedTuple):
    """A scenario, and the same with other values of some keys."""

    before: Scenario
    after: Scenario


def every_key_changed(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give one case for all keys: the scenario with all toggles on; `closer_look` asks for the rest."""
    base = fullest(scenarios)
    if base is not None and not base.declared.is_conventional:  # else nobody has said what there is to switch on
        yield Case(ALL_KEYS, (base, *(s for s in scenarios if s is not base)))


def closer_look(renderings: Sequence[Rendering]) -> list[Scenario]:
    """Give the scenarios that are still needed: marks under many keys, then one key after the other."""
    tries = KeyTries(renderings)
    wanted = [scenario for trial in tries.next() for scenario in trial]
    return list({scenario.name: scenario for scenario in wanted if scenario.name not in tries.done}.values())


class KeyTries:
    """What was tried with the keys of a chart, by the renderings of a case, and what is to be tried next."""

    def __init__(self, renderings: Sequence[Rendering]) -> None:
        base = dataclasses.replace(renderings[0].scenario, chart=renderings[0].chart)
        for rendering in renderings:
            rendering.settle()  # so that its texts are made once
        self.done = {rendering.scenario.name: rendering for rendering in renderings}
        self._given = [r.scenario for r in renderings if not r.scenario.origin]
        self._base = base
        self.keys = list(dict.fromkeys(own_keys(chart_of(base))))
        self._rules = Rules(chart_of(base))
        self.uses = list(_uses_outside_echoes(renderings[0]))
        self._elsewhere = [scenario.values for scenario in self._given]

    def next(self) -> Iterator[Trial]:
        """Give the trials whose renderings are not there yet; none once each key is settled."""
        groups = list(self._groups())
        waiting = [trial for trial, _ in groups if trial.after.name not in self.done]
        if waiting:
            yield from waiting
            return
        for key in self.unsettled(groups):
            untried = (t for t in self._trials(key) if t.after.name not in self.done or t.before.name not in self.done)
            yield from itertools.islice(untried, 1)

    def without_effect(self) -> Iterator[str]:
        """Give the keys of which no trial has shown an effect."""
        return self.unsettled(list(self._groups()))

    def unsettled(self, groups: Sequence[tuple[Trial, Mapping[int, str]]]) -> Iterator[str]:
        """Give the keys that have shown no effect so far, neither by a mark nor by themselves."""
        shown: set[str] = set()
        for trial, keys in groups:
            before, after = self.done.get(trial.before.name), self.done.get(trial.after.name)
            if before and after and not after.error:
                numbers = marks_in(_difference(before, after))
                shown |= {key for number, key in keys.items() if number in numbers}
        yield from (key for key in self.keys if key not in shown and not self._is_settled(key))

    def _is_settled(self, key: str) -> bool:
        for trial in self._trials(key):
            before, after = self.done.get(trial.before.name), self.done.get(trial.after.name)
            if before is None or after is None:
                return False
            if has_effect(before, after):
                return True
        return False

    def _groups(self) -> Iterator[tuple[Trial, Mapping[int, str]]]:
        """Give the trials with many keys, those that are set and those that are empty; halves where helm refuses.

        Once as it is, once with every switch on that is above some key.
        """
        off = {name: True for key in self.keys for name in switches_off(self._base, key)}
        for base in (self._base, *([with_values(self._base, "with.all-switches", off)] if off else [])):
            of_sort: dict[str, list[tuple[int, str]]] = {"set": [], "empty": []}
            for number, key in enumerate(self.keys):
                value = lookup(base.values, key)
                if not isinstance(value, bool):
                    of_sort["empty" if value is ABSENT or not value else "set"].append((number, key))
            for sort, keys in of_sort.items():
                yield from self._halves(base, sort, keys)

    def _halves(
        self, base: Scenario, sort: str, keys: Sequence[tuple[int, str]]
    ) -> Iterator[tuple[Trial, Mapping[int, str]]]:
        before = self.done.get(base.name)
        if not keys or (before is not None and before.error):
            return
        suffix = f"marked-{sort}.{keys[0][0]}-{keys[-1][0]}"
        numbers = {key: number for number, key in keys}
        trial = Trial(base, with_marks(base, suffix, numbers, self._rules))
        yield trial, dict(keys)
        rendering = self.done.get(trial.after.name)
        if rendering is not None and rendering.error and len(keys) >= _FEWEST:
            middle = len(keys) // 2
            yield from self._halves(base, sort, keys[:middle])
            yield from self._halves(base, sort, keys[middle:])

    def _trials(self, key: str) -> Iterator[Trial]:
        """Give the trials with one key, the likeliest first."""
        yield self._trial(self._base, key)
        off = switches_off(self._base, key)
        if off:
            yield self._trial(_with(self._base, off), key)
        was = lookup(self._base.values, key)
        if was is ABSENT or isinstance(was, str):
            for text in compared(tuple(steps(key)), self.uses):
                yield Trial(self._base, with_values(self._base, f"changed.{key}={text}", {key: text}))
        for needed in conditions(tuple(steps(key)), self.uses, self._base.values):
            yield self._trial(_with(self._base, off | needed), key)
        for scenario in self._given[1:]:
            if same_values(scenario, self._base):
                continue
            yield self._trial(scenario, key)

    def _trial(self, before: Scenario, key: str) -> Trial:
        return Trial(before, changed(before, key, self._rules, self._elsewhere))

    def told(self, key: str) -> tuple[str, str]:
        """Give which template reads a key, with its line, and on what condition; empty where none does."""
        found = readers(tuple(steps(key)), self.uses)
        if not found:
            return "", ""
        use = next((use for use in found if use.action.conditions), found[0])
        return f"{use.template}:{use.action.line}", ", ".join(f"`{text}`" for text in use.action.conditions)


def _with(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    return with_values(
        scenario, "with." + "+".join(f"{key}={_short(value)}" for key, value in changes.items()), changes
    )


def _short(value: Any) -> str:
    return (value if isinstance(value, str) and value else "on") if value else "off"


def same_values(one: Scenario, two: Scenario) -> bool:
    """Tell whether two scenarios set the same values."""
    return same(one.values, two.values)


def _uses_outside_echoes(rendering: Rendering) -> Iterator[Use]:
    """Give what the templates read, but for those that render nothing but echoes of the values."""
    echoes = rendering.scenario.declared.echoes
    others = {resource.template for resource in rendering.resources if not is_named_by(resource, echoes)}
    echoing = {resource.template for resource in rendering.resources} - others
    for use in all_uses(rendering.chart):
        if not any(template.endswith(f"/{use.template}") for template in echoing):
            yield use


def _difference(before: Rendering, after: Rendering) -> str:
    """Give all that differs between two renderings as one text, Secrets decoded."""
    was = _contents(before)
    texts = [canonical(r.manifest) for identity, r in _contents(after).items() if identity not in was]
    secrets: dict[Identity, Resource] = {}
    for resource, address, value in _differing(before, after):
        texts.append(f"{address} {canonical(value)}")
        if resource.kind == "Secret":
            secrets[resource.identity] = resource
    texts += [text for secret in secrets.values() for _, text in texts_of(secret)]
    return "\n".join(texts)


def _contents(rendering: Rendering) -> dict[Identity, Resource]:
    echoes = rendering.scenario.declared.echoes
    return {resource.identity: resource for resource in rendering.resources if not is_named_by(resource, echoes)}


def has_effect(before: Rendering, after: Rendering) -> bool:
    """Tell whether another value of a key changes a resource, or is refused by a template.

    Not where only a schema refuses it, nor where there is no other value.
    """
    if before.error or _REFUSED_BY_SCHEMA in after.error or same(before.scenario.values, after.scenario.values):
        return False
    if after.error:
        return True
    was, now = _contents(before), _contents(after)
    return was.keys() != now.keys() or any(True for _ in _differing(before, after))


def _differing(before: Rendering, after: Rendering) -> Iterator[tuple[Resource, str, Any]]:
    """Give what differs in the resources that both renderings have: where, and what is there now."""
    was, now = before.resources.indexed(_texts), after.resources.indexed(_texts)
    old = _contents(before)
    for identity, resource in _contents(after).items():
        if identity in old and was[identity] != now[identity]:
            for address, _, value in unequal(old[identity].manifest, resource.manifest):
                if not _is_checksum(address):
                    yield resource, address, value


def _texts(resources: Resources) -> dict[Identity, str]:
    return {resource.identity: canonical(resource.manifest) for resource in resources}


def _is_checksum(address: str) -> bool:
    """Tell whether this is the annotation of a checksum: what it sums up is compared itself."""
    *above, last = steps(address) or [""]
    return "annotations" in above and bool(_CHECKSUM.search(last))
