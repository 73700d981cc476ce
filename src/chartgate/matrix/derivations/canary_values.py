"""Canaries: under every secret value of a chart a text that is nowhere else, to see where the values go."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.charts.chart_values.samples import Rules
from chartgate.charts.chart_values.scalars import SecretPlace
from chartgate.charts.chart_values.secret_values import secret_places
from chartgate.documents.addresses import join, steps
from chartgate.documents.secret_texts.writings import VARIABLE
from chartgate.documents.very_objects import once_for
from chartgate.documents.walking import Keys
from chartgate.matrix.derivations.chosen_words import of_other_words
from chartgate.matrix.derivations.derived import changes_at, chart_of, corners, with_values
from chartgate.matrix.derivations.filled_keys import AS_SHOWN, empty_keys_filled
from chartgate.matrix.derivations.switch_turns import all_on, turned_last
from chartgate.model import Chart, Scenario

MARKED, NAMED = "canaries", "named-canaries"
"""How scenarios with canaries end: under what a schema marks, and under what is only called like a secret."""

_MARK = "Canary"
# The first that the schema accepts: with everything that quoting and encoding change, without white space, plain.
# Always plain where only the name says that the value is secret: it may be that of an object, which nobody quotes.
_SHAPES = ("{} p+a/ss w'o\"rd: #1\\ =", "{}+/'\"#1\\=", "{}-_", "{}")


def _accepted(chart: Chart, scenario: Scenario, *, is_marked: bool) -> dict[Keys, Any]:
    """Give a canary for each secret value of a chart, by its keys; none where the schema accepts no such text.

    Nor for a value that is only called like a secret, and names the variable that holds it (`${PASSWORD}`).
    """
    rules = Rules(chart)
    found: dict[Keys, Any] = {}
    for place in secret_places(chart, scenario.values):
        if place.is_marked != is_marked or (not is_marked and VARIABLE.fullmatch(str(place.value))):
            continue
        for value in _shaped(canary_mark(join(*place.keys)), place):
            if rules.accept(with_values(scenario, MARKED, changes_at(scenario.values, {place.keys: value})).values):
                found[place.keys] = value
                break
    return found


def _shaped(mark: str, place: SecretPlace) -> Iterator[Any]:
    """Give canaries of every shape; where a schema marks what is not there, it may be an object or a list."""
    shapes = [shape.format(mark) for shape in (_SHAPES if place.is_marked else _SHAPES[-1:])]
    yield from shapes
    if place.is_marked and place.value is None:
        yield from ({"canary": shape} for shape in shapes)
        yield from ([shape] for shape in shapes)


def canary_mark(address: str) -> str:
    """Give what every canary under a key begins with, and nothing else does."""
    return f"{_MARK}{hashlib.sha256(address.encode()).hexdigest()[:20]}"


def is_canary(text: str) -> bool:
    """Tell whether a text is a canary."""
    return text.startswith(_MARK)


def with_canaries(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Derive the scenarios with all toggles off and all on, each with a canary under every secret value.

    What is only called like a secret is for a scenario of its own: a template may take it for something else.
    """
    return [derived for corner in corners(scenarios) for derived in canary_scenarios(corner)]


def with_canaries_behind_choices(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """Derive scenarios with canaries, by name, from what no file in ci/ tries: all on, and words with secrets.

    A word that decides, `storage.type: minio`, where its section, or one of its name, has a secret. And what comments
    show for empty lists and maps: `users: [{name: ann, password: ...}]`.
    """
    tried = [*filter(None, [all_on(scenarios)]), *(after for _, after in of_other_words(scenarios) if _chooses(after))]
    tried += [case.scenarios[-1] for case in empty_keys_filled(scenarios) if case.scenarios[-1].name.endswith(AS_SHOWN)]
    return [derived for one in tried for derived in canary_scenarios(one) if derived.name.endswith(NAMED)]


def _chooses(scenario: Scenario) -> bool:
    """Tell whether the word that was chosen last decides about a part with a secret."""
    key, word = turned_last(scenario)
    section = tuple(steps(key)[:-1])
    found = [place.keys for place in secret_places(chart_of(scenario), scenario.values)]
    return any((section and keys[: len(section)] == section) or word in keys for keys in found)


@once_for(256)
def canary_scenarios(scenario: Scenario) -> tuple[Scenario, ...]:
    """Derive the scenarios with canaries from one; none for a chart without secrets."""
    chart = chart_of(scenario)
    known = {place.is_marked for place in secret_places(chart, scenario.values)}
    return tuple(
        with_values(scenario, suffix, changes_at(scenario.values, _accepted(chart, scenario, is_marked=is_marked)))
        for suffix, is_marked in ((MARKED, True), (NAMED, False))
        if is_marked in known
    )
