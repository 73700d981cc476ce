"""Scenarios in which the lists, maps and texts that values.yaml leaves empty are filled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from chartgate.charts.chart_values.filled_values import (
    ALL_OF_THEM,
    FILLED,
    FILLINGS,
    OF_ONE_FORM,
    QUOTED_TEXTS,
    TEXTS,
    VOLUMES,
    WORDS,
    fillings,
    is_known_by_name,
)
from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.chart_values.shown_examples import shown_examples, shown_keys
from chartgate.charts.template_texts.compared_texts import words_around
from chartgate.charts.template_texts.template_reads import uses
from chartgate.charts.template_texts.text_lists import item_fields, joined_lists, text_lists, text_maps
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.walking import Keys, nodes, scalars
from chartgate.kubernetes.validity.cron import schedule_problem
from chartgate.matrix.derivations.derived import accepted, changes_at, chart_of, fullest, with_values
from chartgate.matrix.derivations.switch_turns import SWITCHES, all_on, may_be_refused
from chartgate.model import Case, Scenario

AS_SHOWN, ODD = "filled.as-shown", "filled-odd"
_MOST_ODD, _MOST_HALVES = 8, 2
"""Keys that are filled one by one, and how often examples that do not render together are halved.

Each is one more start of helm.
"""
_PROSE = re.compile(r"\be\.g\.|\bA list of\b")
"""What says in words what belongs there, and shows none of it."""
_OF_SWITCHES = re.compile(r"(?:gates?|toggles?|featureFlags|features?)\Z", re.IGNORECASE)
"""Maps of what is true or false."""
_OF_WORDS = re.compile(r"(?:labels|annotations|envs?|vars)\Z", re.IGNORECASE)
"""Maps that are filled by their names."""
_OF_TWO_FORMS = re.compile(r"(?:securityContext|pullSecrets)\Z", re.IGNORECASE)
"""Of which an example says whether it is of a pod or of a container, of maps or of texts."""
_OF_A_BUDGET = ("minAvailable", "maxUnavailable")
_OF_SELECTORS = re.compile(r"Override\Z|(?:selector|match)Labels\Z", re.IGNORECASE)
_SCHEDULE = re.compile(r"(?:schedule|cron)\Z", re.IGNORECASE)


def empty_keys_filled(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give a case for each group of empty keys: the scenario that sets most, and the same with the group filled.

    Of labels and annotations, which charts join, also every second key of them, with all of them for a third. What a
    switch is above that is off, is filled all at once, with every switch on; and then each key with what a comment
    shows for it, or with texts where templates join a list of them.
    """
    base = fullest(scenarios)
    if base is None or base.chart is None:
        return
    tried: set[str] = set()
    for group, changes in fillings(chart_of(base), base.values):
        tried |= {key for key in changes if not _is_below_off(key, base)}
        where = f"where {group} that are empty are filled"
        filled = _filled_with(base, group, changes)
        yield Case(f"filled {group}", (base, filled), where)
        keys = list(changes) if group == WORDS and len(changes) > 1 else []
        for n in (1, 2) if keys else ():
            half = _filled_with(base, f"{group} {n}", {key: changes[key] for key in keys[n - 1 :: 2]})
            yield Case(f"filled {group} {n}", (base, half, filled), where)
    if items := _items_filled(base):
        filled = with_values(base, "filled.items", changes_at(base.values, items))
        yield Case("filled items", (base, filled), "where keys that items of lists may have are filled")
    shown = _shown(base)
    yield from _as_shown(base, {key: value for key, value in shown.items() if not _is_below_off(key, base)})
    on = all_on(scenarios)
    yield from _commented(on or base)
    yield from _odd_texts(base)
    if on is None:
        return
    yield from _odd_texts(on)
    # Helm may refuse to have everything on.
    yield from _as_shown(on, {key: value for key, value in shown.items() if _is_below_off(key, base)})
    for group, changes in fillings(chart_of(on), on.values):
        # Volumes of the chart and of its user are often written by two templates.
        if rest := {key: value for key, value in changes.items() if key not in tried or group == VOLUMES}:
            where = f"where {group} that are empty are filled, all on"
            yield Case(f"filled {group} of all", (on, _filled_with(on, group, rest)), where)


def labels_filled(scenarios: Sequence[Scenario]) -> Iterator[Case]:
    """Give the same cases, but for labels that are for selectors by their name, and those with an override of one."""
    for case in empty_keys_filled(scenarios):
        if not any(_OF_SELECTORS.search(key) for one in case.scenarios for key in one.changes):
            yield case


def _filled_with(base: Scenario, group: str, changes: Mapping[str, Any]) -> Scenario:
    return with_values(base, f"filled.{group.replace(' ', '-')}", changes)


def _as_shown(base: Scenario, changes: Mapping[str, Any]) -> Iterator[Case]:
    for filled, half, _ in _shown_together(base, changes):
        yield Case(f"{base.name} {half}as shown", (base, filled), "where what comments show is filled in")


def _shown_together(
    base: Scenario, changes: Mapping[str, Any], depth: int = _MOST_HALVES, half: str = ""
) -> Iterator[tuple[Scenario, str, bool]]:
    """Give a scenario with what comments show, or one for each half where helm refuses to render that together.

    Each with the name of the half, and whether its halves would take its place.
    """
    if not changes:
        return
    filled = with_values(base, f"{half.replace(' ', '.')}{AS_SHOWN}", changes)
    is_divisible = depth > 0 and len(changes) > 1
    if not (is_divisible and filled.refused_in):
        yield filled, half, is_divisible
        return
    keys = list(changes)
    for n, those in enumerate((keys[: len(keys) // 2], keys[len(keys) // 2 :])):
        yield from _shown_together(base, {key: changes[key] for key in those}, depth - 1, f"half-{n} {half}")


def refusable(scenarios: Sequence[Scenario]) -> Iterator[Scenario]:
    """Give the scenarios with every switch on, and with what comments show, in whose place others are if refused."""
    base, on = fullest(scenarios), all_on(scenarios)
    if base is None or base.chart is None:
        return
    if on is not None and may_be_refused(on):
        yield on
    shown = _shown(base)
    for one in (base,) if on is None or on.refused_in else (base, on):
        changes = {key: value for key, value in shown.items() if _is_below_off(key, base) == (one is on)}
        yield from (filled for filled, _, is_divisible in _shown_together(one, changes) if is_divisible)


def _commented(base: Scenario) -> Iterator[Case]:
    """Give a case in which the keys have values that comments show beside others."""
    chart = chart_of(base)
    read = {use.path for use in uses(chart)}
    # Of none that need be there, templates print nothing.
    shown = {k: v or (1 if k.endswith(_OF_A_BUDGET) else v) for k, v in shown_keys(chart, read).items()}
    shown = {k: v for k, v in shown.items() if lookup(base.values, k) in (ABSENT, None)}
    shown = {k: v for k, v in shown.items() if isinstance(v, Mapping) or _is_read(tuple(steps(k)), read)}
    if shown := accepted(base, shown):
        words = words_around([tuple(steps(k)) for k in shown], chart)
        words = accepted(base, {k: v for k, v in words.items() if lookup(base.values, k) not in (ABSENT, v)})
        base = with_values(base, "worded", words) if words else base
        filled = with_values(base, f"commented.{AS_SHOWN}", shown)
        yield Case(f"{base.name} as commented", (base, filled), "where keys have what comments show for them")


def _is_read(path: Keys, read: Set[Keys]) -> bool:
    """Tell whether templates read a key, or print the section that it is in as it is."""
    return any(path[:length] in read for length in range(1, len(path) + 1)) and path[-1][:1].islower()


def _odd_texts(base: Scenario) -> Iterator[Case]:
    """Give cases in which a list that is joined, or a map of texts, has one that YAML reads in another way."""
    chart, rules = chart_of(base), Rules(chart_of(base))
    odd: dict[str, Any] = {key: ALL_OF_THEM for key in joined_lists(chart) if lookup(base.values, key) == []}
    odd |= {k: QUOTED_TEXTS for k in text_maps(chart) if lookup(base.values, k) == {} and not _OF_SWITCHES.search(k)}
    for key, value in sorted(odd.items())[:_MOST_ODD]:
        filled = with_values(base, f"{ODD}.{key}", {key: value})
        if rules.accept(filled.values):
            yield Case(f"{base.name} odd {key}", (base, filled), "where texts are filled that YAML may misread")


def _shown(base: Scenario) -> dict[str, Any]:
    """Give the empty lists and maps of unknown names, with what a comment of values.yaml shows for them.

    And labels and annotations, of which a comment may show one that the template has as well. What no comment shows,
    and templates join or print text by text, is a list of texts. Schedules begin with an asterisk, as they often do:
    YAML takes it for an alias where nothing quotes them.
    """
    chart = chart_of(base)
    told = shown_examples(chart)
    named = {key for _, changes in fillings(chart, base.values) for key in changes}
    maps = {*_only_asked(base), *(k for k in text_maps(chart) - named if lookup(base.values, k) == {})}
    shown = {key: {FILLED: "chart"} for key in sorted(maps)} | dict.fromkeys(text_lists(chart), TEXTS) | told
    shown = {key: _with_a_second(value) for key, value in shown.items()}
    empty = {k: v for k, v in shown.items() if lookup(base.values, k) in ([], {}, None, ABSENT)}
    # Of what is null, no name says whether it takes a list.
    by_example = {k for k in told if _OF_TWO_FORMS.search(k) or lookup(base.values, k) in (None, ABSENT)}
    empty = {k: v for k, v in empty.items() if k in by_example or k not in named or not is_known_by_name(k)}
    examples = {k: v for k, v in empty.items() if not any(map(_PROSE.search, scalars(v)))} | dict(_with_asterisks(base))
    return accepted(base, examples)


def _only_asked(base: Scenario) -> list[str]:
    """Give the empty maps that templates ask about, and print nothing of: something else is rendered with them."""
    read: dict[str, set[str]] = {}
    above: set[str] = set()
    for use in uses(chart_of(base)):
        read.setdefault(join(*use.path), set()).add(use.action.word)
        above |= {join(*use.path[:depth]) for depth in range(1, len(use.path))}
    asked = [key for key, words in read.items() if words <= {"if", "else"} and lookup(base.values, key) == {}]
    return [key for key in asked if key not in above and not _OF_WORDS.search(key)]


def _with_a_second(example: Any) -> Any:
    """Give an example of a map with one file in it a second one, which may come out inside of the first."""
    if not isinstance(example, Mapping) or len(example) != 1:
        return example
    [(name, text)] = example.items()
    is_file = isinstance(text, str) and "." in str(name)
    return {name: text, f"{FILLED}-{name}": text} if is_file else example


def _items_filled(base: Scenario) -> dict[Keys, Any]:
    """Give what fills the keys of known names that templates read of the items of a list, and its first one lacks."""
    samples = {name: filling.sample for filling in FILLINGS for name in filling.names if filling.group in OF_ONE_FORM}
    rules, found = Rules(chart_of(base)), {}
    for address, fields in item_fields(chart_of(base)).items():
        items = lookup(base.values, address)
        first = items[0] if isinstance(items, list) and items else None
        if not isinstance(first, dict):
            continue
        for field in fields:
            sample, keys = samples.get(field.lower()), (*steps(address), "0", field)
            if sample is None or first.get(field):
                continue
            if rules.accept(with_values(base, "", changes_at(base.values, {keys: sample})).values):
                found[keys] = sample
    return found


def _with_asterisks(base: Scenario) -> Iterator[tuple[str, str]]:
    for keys, value in nodes(base.values, lists=False):
        if isinstance(value, str) and _SCHEDULE.search(join(*keys)) and not schedule_problem(value):
            yield join(*keys), "*/15 * * * *"


def _is_below_off(key: str, scenario: Scenario) -> bool:
    path = steps(key) or [key]
    above = (path[:depth] for depth in range(1, len(path)))
    return any(lookup(scenario.values, join(*part, switch)) is False for part in above for switch in SWITCHES)
