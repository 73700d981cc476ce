"""Conditions hold exactly where they should, and no shorter one does: proved by trying all of them."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Mapping

import pytest

from chartgate.matrix.conditions import Conditions

TABLE = {
    "off": frozenset[str](),
    "a": frozenset(["a"]),
    "b": frozenset(["b"]),
    "a+b": frozenset(["a", "b"]),
    "large": frozenset(["a", "size=large"]),
}


@pytest.mark.parametrize(
    ("scenarios", "expected"),
    [
        (["off", "a", "b", "a+b", "large"], "all"),
        (["b", "a+b"], "all with b"),
        (["off", "b"], "all without a"),
        (["a+b"], "all with a and b"),
        (["b"], "all with b and without a"),
        (["a"], "all with a and without b and without size=large"),
        (["off", "a", "a+b", "large"], "all but those with b and without a"),
        (["large"], "all with size=large"),
        (["b", "large"], "all with size=large, and all with b and without a"),
    ],
)
def test_in_words(scenarios: list[str], expected: str) -> None:
    assert Conditions(TABLE).describe(scenarios) == expected


@pytest.mark.parametrize(
    ("toggles", "expected"),
    [
        ("ab", "all with a and b"),
        ("abc", "all with a and b and c"),
        ("abcd", "all with a and b and c and d"),
        # A longer condition says less than a name.
        ("abcde", "a+b+c+d+e"),
    ],
)
def test_how_long_a_condition_may_get(toggles: str, expected: str) -> None:
    every = [on for size in range(len(toggles) + 1) for on in itertools.combinations(toggles, size)]
    conditions = Conditions({"+".join(on): frozenset(on) for on in every})
    assert conditions.describe(["+".join(toggles)]) == expected


def test_what_no_few_traits_explain_is_named() -> None:
    alike = {f"number-{number}": frozenset[str]() for number in range(9)}
    alike |= {f"other-{number}": frozenset[str]() for number in range(9)}
    conditions = Conditions(alike)
    assert conditions.describe(["number-1", "number-2"]) == "number-1, number-2"
    assert conditions.describe(list(alike)[:8]).endswith("number-5 and 2 more")
    assert conditions.describe(list(alike)[3:]) == "all but number-0, number-1, number-2"
    assert conditions.describe(list(alike)[4:]).endswith("other-0 and 8 more")


@pytest.mark.parametrize("seed", range(60))
def test_a_condition_holds_where_it_should_and_none_is_shorter(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    names = [f"s{number}" for number in range(rng.randint(2, 14))]
    every = ["a", "b", "c", "d", "axis=x", "axis=y"][: rng.randint(2, 6)]
    table = {name: frozenset(trait for trait in every if rng.random() < 0.5) for name in names}
    conditions = Conditions(table)
    for _ in range(12):
        wanted = [name for name in names if rng.random() < rng.choice([0.2, 0.5, 0.8])] or names[:1]
        described = conditions.describe(wanted)
        if not described.startswith("all"):
            assert described.split(" and ")[0].split(", ") == wanted[:6]
            assert _shortest(table, wanted) is None
            continue
        assert _holding(table, described) == set(wanted), described
        if re.fullmatch(r"all( with.*)?", described) and ", and all" not in described:
            assert len(_literals(described)) == _shortest(table, wanted)
        else:
            assert _shortest(table, wanted) is None


def _holding(table: Mapping[str, frozenset[str]], described: str) -> set[str]:
    """Evaluate a condition as a reader would."""
    if described.startswith("all but those "):
        return set(table) - _of_conjunction(table, described.removeprefix("all but those "))
    if described.startswith("all but "):
        return set(table) - set(described.removeprefix("all but ").split(", "))
    parts = [part.removeprefix("all").strip() for part in described.split(", and ")]
    return set().union(*(_of_conjunction(table, part) for part in parts))


def _of_conjunction(table: Mapping[str, frozenset[str]], words: str) -> set[str]:
    literals = _literals(words)
    return {name for name, found in table.items() if all((trait in found) is is_there for trait, is_there in literals)}


def _literals(words: str) -> list[tuple[str, bool]]:
    found, is_there = [], True
    for word in words.removeprefix("all").split():
        if word in ("with", "without"):
            is_there = word == "with"
        elif word != "and":
            found.append((word, is_there))
    return found


def _shortest(table: Mapping[str, frozenset[str]], wanted: list[str]) -> int | None:
    """Give the number of literals of the shortest conjunction of at most four that holds exactly there."""
    every = sorted(set().union(*table.values()))
    literals = [(trait, is_there) for trait in every for is_there in (True, False)]
    for size in range(5):
        for chosen in itertools.combinations(literals, size):
            held = {n for n, found in table.items() if all((trait in found) is there for trait, there in chosen)}
            if held == set(wanted):
                return size
    return None
