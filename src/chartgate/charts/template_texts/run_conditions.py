"""With which values helm comes to an action of a template: the plain conditions around it and its includes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from chartgate.charts.template_texts.template_actions import Action
from chartgate.charts.template_texts.template_calls import actions_by_definition
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.model import Chart, Values

_PATH = r"\$?\.Values((?:\.[A-Za-z_]\w*+)++)"
_BLOCK = re.compile(r"(?:if|with|range(?:\s++\$\w++\s*+(?:,\s*+\$\w++\s*+)?:=)?)\s++(?:and\s++(?=[^|]*+$))?([^|]*+)")
_WORD = re.compile(r'\((?:[^()]|\([^()]*+\))*+\)|"[^"]*+"|[^\s()"]++')
_TRUTH = re.compile(_PATH)
_EQUALITY = re.compile(rf'\(?\s*+eq\s++{_PATH}\s++"([^"]*+)"\s*+\)?')
_MENTION = re.compile(r'["`]([^"`]++)["`](\s++[.$](?=[\s)]|$))?+')
"""What may be the name of a template, and whether it is handed the dot, so that `.Values` is the same there."""
_COMPUTED = re.compile(r'\b(?:include|template)\s++(?!["`])(?!\([^()]*?\bTemplate\.BasePath\b)')
"""What includes anything; a file, by the path of this one, runs as it does by itself."""
_CHANGES = re.compile(r'\b(set|unset|(?:must)?[mM]erge\w*+)\s++\(?([\w.$]*+)(?:\s++"([^"]++)")?')
_VARIABLE = re.compile(r"\$\w++")
_MOST_WAYS = 64
_MOST_CALLS, _DEEPEST = 10_000, 50
"""That are followed back from one action: beyond them, helm may come there always. Helm ends at 1,000 in each other."""
_NOTES = "NOTES.txt"


class _Need(NamedTuple):
    """What a value has to be: a text, or anything that counts as true."""

    path: tuple[str, ...]
    text: str | None

    def may_hold(self, values: Values) -> bool:
        """Tell whether it may be; what is in none of the values is nothing for a template."""
        value = lookup(values, join(*self.path))
        return value is not ABSENT and (bool(value) if self.text is None else value == self.text)


@dataclass(frozen=True)
class WayThere:
    """What values have to be, so that helm comes somewhere; nothing where it may always."""

    needs: tuple[_Need, ...] = ()

    def may_hold(self, values: Values) -> bool:
        """Tell whether all of it may be so with these values, the defaults included."""
        return all(need.may_hold(values) for need in self.needs)


class _Site(NamedTuple):
    """An action, and where it is."""

    chart: tuple[str, ...]
    """The names of the subcharts down to it."""
    definition: str
    """The named template that it is in; empty outside of all."""
    action: Action

    def needs(self, changed: _Changed) -> tuple[_Need, ...]:
        """Give what the conditions around it need, but for what templates change."""
        return tuple(
            need._replace(path=(*self.chart, *need.path))
            for condition in self.action.conditions
            for need in _needs(condition)
            if not changed.has(need.path)
        )


class _Changed(NamedTuple):
    """What templates change of the values that they are given."""

    names: frozenset[str]
    """Keys that they set or take away, wherever."""
    sections: frozenset[tuple[str, ...]]
    """Maps that they merge others into."""

    def has(self, path: tuple[str, ...]) -> bool:
        """Tell whether a value may be another one than was given."""
        return not self.names.isdisjoint(path) or any(path[: len(section)] == section for section in self.sections)

    @classmethod
    def by(cls, texts: list[str]) -> _Changed:
        """Read what the actions of templates change; what is not plain changes all."""
        assigned = (text.partition("=") for text in texts)
        taken = {name for left, _, right in assigned if ".Values" in right for name in _VARIABLE.findall(left)}
        names: set[str] = set()
        sections: set[tuple[str, ...]] = set()
        for does, target, key in (found for text in texts for found in _CHANGES.findall(text)):
            _, is_given, below = target.partition("Values")
            if not is_given and target.partition(".")[0] not in taken and key != "Values":
                continue
            if key not in ("", "Values") and "set" in does:
                names.add(key)
            else:
                sections.add(tuple(below.split(".")[1:]))
        return cls(frozenset(names), frozenset(sections))


def ways_to_run(chart: Chart, is_meant: Callable[[str], bool]) -> Iterator[WayThere]:
    """Give, for each action whose text is meant, the conditions on each way by which helm may come to it.

    Only conditions that can be read are told: a value, or that it is a certain text, and neither where templates change
    it. There are none in a chart that includes by computed names. What is in NOTES.txt alone is left out: `helm
    template` does not print it.
    """
    sites = [
        _Site(names, definition, action)
        for names, one in chart.with_subcharts()
        for path, text in one.templates.items()
        for definition, action in actions_by_definition(text)
        if definition or not path.endswith(_NOTES)
    ]
    texts = [site.action.text for site in sites]
    reached = _Reached(sites, _Changed.by(texts))
    is_plain = not any(map(_COMPUTED.search, texts))
    for site in sites:
        if is_meant(site.action.text):
            ways = list(islice(reached.ways_to(site), _MOST_WAYS + 1)) if is_plain else [()]
            yield from (WayThere(needs) for needs in (ways if len(ways) <= _MOST_WAYS else [()]))


class _Reached:
    """How helm comes to the actions of a chart."""

    def __init__(self, sites: list[_Site], changed: _Changed) -> None:
        self._changed = changed
        self._left = 0
        self._callers: dict[str, list[tuple[_Site, bool]]] = {}
        for site in sites:
            # A block runs where it is.
            caller = site._replace(definition="") if site.action.word == "block" else site
            for name, dot in _MENTION.findall(site.action.text) if site.action.word != "define" else ():
                self._callers.setdefault(name, []).append((caller, bool(dot)))

    def ways_to(self, site: _Site) -> Iterator[tuple[_Need, ...]]:
        """Give what is needed on each way to an action; of a named template, by each of those that include it."""
        self._left = _MOST_CALLS
        return self._ways(site, ())

    def _ways(self, site: _Site, through: tuple[str, ...]) -> Iterator[tuple[_Need, ...]]:
        needs = site.needs(self._changed)
        self._left -= 1
        if self._left < 0 or len(through) > _DEEPEST:
            yield ()
        elif not site.definition:
            yield needs
        elif site.definition not in through:
            for caller, hands_on in self._callers.get(site.definition, ()):
                # With another dot, `.Values` may be anything in there.
                own = needs if hands_on and caller.chart == site.chart else ()
                yield from ((*above, *own) for above in self._ways(caller, (*through, site.definition)))


def _needs(condition: str) -> Iterator[_Need]:
    """Read the parts of a condition of which each has to hold: `if and .Values.a (eq .Values.b "c")`."""
    block = _BLOCK.fullmatch(condition.strip())
    if block is None:
        return
    whole = block[1].strip()
    is_one_of_several = "and " in condition[: block.start(1)]
    for part in _WORD.findall(whole) if is_one_of_several else [whole]:
        if truth := _TRUTH.fullmatch(part):
            yield _Need(tuple(truth[1].split(".")[1:]), None)
        elif equality := _EQUALITY.fullmatch(part):
            yield _Need(tuple(equality[1].split(".")[1:]), equality[2])
