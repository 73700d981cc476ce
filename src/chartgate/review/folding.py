"""Folds the changes of all scenarios into entries: what a reader sees as one change is one entry."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from chartgate.model import Scenario
from chartgate.review.review import Entry
from chartgate.review.scenario_changes import Change

Describe = Callable[[Sequence[str]], str]
"""Gives the condition that holds in just these scenarios, in words."""

_SHORTEST = 4
"""Characters of a release's name or namespace; a shorter one is part of many words by chance."""


@dataclass
class _Object:
    """One object, under whatever name and namespace a scenario gives it, that changes in one way."""

    changes: list[Change]
    scenarios: dict[str, None]


def folded(found: Iterable[tuple[Scenario, Change]], describe: Describe) -> list[Entry]:
    """Fold changes, each with the scenario that it is of.

    One change of one object is one entry for all scenarios, even if the object's name or namespace varies with them.
    The same change of several objects is one entry, too. If it is risky, they must change in the same scenarios, so
    that its condition is exact.
    """
    entries: dict[tuple[str, ...], list[_Object]] = {}
    for item in _objects(found):
        change = item.changes[0]
        where = tuple(sorted(item.scenarios)) if change.risks else ()
        entries.setdefault((change.content, subchart_of(change.template), *where), []).append(item)
    return [_entry(group, describe) for group in entries.values()]


def _objects(found: Iterable[tuple[Scenario, Change]]) -> list[_Object]:
    same: dict[tuple[str, str, str], tuple[Scenario, _Object]] = {}
    for scenario, change in found:
        _, item = same.setdefault(change.key, (scenario, _Object([change], {})))
        item.scenarios[scenario.name] = None
    alike = _joined((item, _without_release(item.changes[0], scenario)) for scenario, item in same.values())
    return _joined((item, _without_name(item.changes[0])) for item in alike)


def _joined(items: Iterable[tuple[_Object, tuple[str, ...]]]) -> list[_Object]:
    """Join objects of one key; in one scenario, they are two: a Secret that is rendered into two namespaces, say."""
    found: dict[tuple[str, ...], list[_Object]] = {}
    for item, key in items:
        objects = found.setdefault(key, [])
        other = next((other for other in objects if not other.scenarios.keys() & item.scenarios.keys()), None)
        if other is None:
            objects.append(item)
        else:
            other.changes += item.changes
            other.scenarios |= item.scenarios
    return [item for objects in found.values() for item in objects]


def _without_release(change: Change, scenario: Scenario) -> tuple[str, ...]:
    """Say what is changed and how, the same for every release and namespace."""
    kind, _, name = change.subject.partition(" ")
    texts = (kind, name.rpartition("/")[2], change.place, change.content)
    return tuple(_anonymous(text, scenario) for text in texts)


def _without_name(change: Change) -> tuple[str, ...]:
    """Say what one template changes and how: a release with `fullnameOverride` calls everything by another name."""
    kind, _, label = change.subject.partition(" ")
    name = label.rpartition("/")[2]
    texts = (kind, change.template, change.place, change.content)
    return tuple(text.replace(name, "<name>") for text in texts)


def _anonymous(text: str, scenario: Scenario) -> str:
    """Replace the names of a scenario's release, anywhere, and of its namespace, as a whole word, by placeholders."""
    if len(scenario.release) >= _SHORTEST:
        text = text.replace(scenario.release, "<release>")
    if len(scenario.namespace) >= _SHORTEST:
        text = re.sub(rf"(?<![a-z0-9-]){re.escape(scenario.namespace)}(?![a-z0-9-])", "<namespace>", text)
    return text


def _entry(group: Sequence[_Object], describe: Describe) -> Entry:
    changes = [change for item in group for change in item.changes]
    scenarios = tuple(dict.fromkeys(name for item in group for name in item.scenarios))
    first = changes[0]
    addresses: dict[str, str] = {}
    for change in changes:
        addresses.setdefault(change.place, change.address)
    return Entry(
        section="resources",
        fate=first.fate,
        subjects=tuple(dict.fromkeys(change.subject for change in changes)),
        addresses=tuple(filter(None, addresses.values())),
        before=first.before,
        after=first.after,
        risks=first.risks,
        scenarios=scenarios,
        condition=describe(scenarios),
        subchart=subchart_of(first.template),
    )


def subchart_of(template: str) -> str:
    """Give the subchart that a template is of, as a path of names; empty for the chart's own."""
    parts = template.partition(",")[0].split("/charts/")[1:]
    return "/".join(part.partition("/")[0] for part in parts)
