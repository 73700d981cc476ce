"""Which keys of values.yaml change something: many are tried at once, and only those that show nothing apart.

First all keys are marked, and whose mark shows up has an effect. The rest gets other values, those keys together that
different templates read: with all toggles on, with the switches above them on, with what the templates ask for, and in
the other scenarios.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from chartgate.charts.template_texts.key_readers import readers
from chartgate.documents.addresses import around_it, steps
from chartgate.documents.very_objects import once_for
from chartgate.matrix.derivations.derived import fullest
from chartgate.matrix.derivations.marked_values import all_marked, kind_of_marks, narrowed
from chartgate.model import Case, Rendering, Scenario

from .key_changes import KeysOfChart, switches_off
from .key_effects import has_effect, keys_shown, touched
from .tries_together import ChangesTogether, KeyTry

ALL_KEYS = "every_key"
_FEW = 4


def every_key_changed(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give one case for all keys: the scenario with all toggles on; `closer_look` asks for the rest."""
    base = fullest(scenarios)
    if base is not None and not base.declared.is_conventional:  # else nobody has said what there is to switch on
        tried = (base, *(s for s in scenarios if s is not base))
        yield Case(ALL_KEYS, tried, "where one key at a time is set")


def closer_look(renderings: Sequence[Rendering]) -> list[Scenario]:
    """Give the scenarios that are still needed: marks under all keys, then other values for those without an effect."""
    return list(key_tries(renderings).wanted.values())


class KeyTries:
    """What was tried with the keys of a chart, by the renderings of a case, and what is to be tried next."""

    def __init__(self, renderings: Sequence[Rendering]) -> None:
        for rendering in renderings:
            rendering.settle()  # so that its texts are made once
        self._all = renderings
        self._done = {rendering.scenario.name: rendering for rendering in renderings}
        self._given = [r.scenario for r in renderings[1:] if not r.scenario.origin]
        self._about = _about(renderings[0])
        self.keys = self._about.addresses
        self.uses = self._about.uses
        self.wanted: dict[str, Scenario] = {}
        """What is to be rendered next, by name; nothing once each key has shown an effect, or all was tried."""
        self.without_effect = frozenset(self._rest())
        """The keys that showed none so far; as long as something is still to be rendered, nobody knows of them."""

    @property
    def judged(self) -> list[str]:
        """The keys of which one knows; not those that were still to be tried when a run had seen enough."""
        return [key for key in self.keys if not (self.wanted and key in self.without_effect)]

    def _rest(self) -> list[str]:
        """Go through all that was tried, as far as it is rendered, and give the keys that showed no effect."""
        base, switched = self._about.base, self._about.switched_on
        rest = self._unmarked([base, *all_marked(base)], self.keys)
        if switched is not None and not self.wanted and any(switches_off(base, key) for key in rest):
            marked = self._about.with_marks(frozenset(rest))
            rest = self._unmarked([switched, marked] if marked else [], rest)
        for number in count():
            tries = [found for key in rest if (found := self._about.attempt(key, number, self._given))]
            if self.wanted or not tries:
                break
            shown = self._shown_by(tries)
            rest = [key for key in rest if key not in shown]
        for scenario in self._given:
            if self.wanted or not rest:
                break
            shown = self._shown_by([t for key in rest if (t := self._about.attempt_in(scenario, key, self._given))])
            rest = [key for key in rest if key not in shown]
        return rest

    def _unmarked(self, scenarios: Sequence[Scenario], keys: Sequence[str]) -> list[str]:
        """Give the keys whose marks show up nowhere in a scenario with marks: the first is the same without."""
        if not scenarios or self._need(*scenarios) or self._done[scenarios[0].name].error:
            return list(keys)
        base = scenarios[0]
        tried = [self._done[base.name], *(r for r in self._all if kind_of_marks(base, r.scenario))]
        if self._need(*narrowed(tried)):
            return list(keys)
        shown = {address for rendering in tried[1:] for address in keys_shown(tried[0], rendering)}
        around = {key for address in shown for key in around_it(address)}
        return [key for key in keys if key not in around]

    def _need(self, *scenarios: Scenario) -> bool:
        """Ask for what is not rendered yet, and tell whether there is any."""
        missing = {scenario.name: scenario for scenario in scenarios if scenario.name not in self._done}
        self.wanted |= missing
        return bool(missing)

    def _shown_by(self, tries: Sequence[KeyTry]) -> set[str]:
        """Give the keys that show an effect in one of these tries; nothing as long as renderings are missing."""
        groups: list[ChangesTogether] = []
        for each in tries:
            place = next((number for number, group in enumerate(groups) if group.takes(each)), None)
            if place is None:
                groups.append(ChangesTogether.of([each]))
            else:
                groups[place] = ChangesTogether.of([*groups[place].tries, each])
        return {key for group in groups for key in self._shown_in(group)}

    def _shown_in(self, group: ChangesTogether) -> Iterator[str]:
        tries = group.tries
        before, after = self._about.scenarios(group)
        if self._need(before, after):
            return
        was, now = self._done[before.name], self._done[after.name]
        if len(tries) == 1:
            if has_effect(was, now):
                yield tries[0].key
        elif was.error and not group.needed:
            return
        elif was.error or now.error or (tries[0].is_unlikely and has_effect(was, now)):
            # Of a few keys of which one shows something, most do.
            half = len(tries) // 2 if len(tries) > _FEW else 1
            for first in range(0, len(tries), half):
                yield from self._shown_in(ChangesTogether.of(tries[first : first + half]))
        elif tries[0].has_mark:
            shown = keys_shown(was, now)
            yield from (each.key for each in tries if each.key in shown)
        else:
            found = touched(was, now)
            for each in tries:
                if each.named_in & found:
                    yield each.key
                elif each.files & found or len(each.needed) < len(group.needed):
                    yield from self._shown_in(ChangesTogether.of([each]))  # one cannot tell, with the others

    def told(self, key: str) -> tuple[str, str]:
        """Give which template reads a key, with its line, and on what condition; empty where none does.

        What reads the key itself, or what is nearest above it, says more than what reads a section around it.
        """
        path = tuple(steps(key))
        found = readers(path, self.uses)
        if not found:
            return "", ""
        nearest = max(min(len(use.path), len(path)) for use in found)
        found = [use for use in found if len(use.path) >= nearest]
        use = next((use for use in found if use.action.conditions), found[0])
        return f"{use.template}:{use.action.line}", ", ".join(f"`{text}`" for text in use.action.conditions)


def key_tries(renderings: Sequence[Rendering]) -> KeyTries:
    """Give what the renderings of a case tell of the keys; once for all policies that ask for it."""
    return _key_tries(*renderings)


@once_for(2)
def _key_tries(*renderings: Rendering) -> KeyTries:
    return KeyTries(renderings)


_about = once_for(4)(KeysOfChart)
