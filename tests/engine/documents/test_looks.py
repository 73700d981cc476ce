"""Whether somebody looked at a field is known, whichever way it was read."""

from __future__ import annotations

import copy
import dataclasses
import threading
from collections.abc import Callable

import pytest

from chartgate.documents.looks import counting_looks, looks
from chartgate.documents.very_objects import TheVery


@counting_looks("chart")
@dataclasses.dataclass(frozen=True)
class Rendered:
    name: str
    chart: str | None = None


GIVEN = Rendered("a", "b")
LOOKING: dict[str, Callable[[], object]] = {
    "by its name": lambda: GIVEN.chart,
    "by a text": lambda: getattr(GIVEN, "cha" + "rt"),
    "in a copy": lambda: copy.deepcopy(GIVEN).chart,
    "for another object": lambda: dataclasses.replace(GIVEN, name="b"),
    "as a map": lambda: dataclasses.asdict(GIVEN),
    "to compare": lambda: Rendered("a", "c") == GIVEN,
    "to show": lambda: repr(GIVEN),
    "for a set": lambda: hash(GIVEN),
    "for something that is remembered of it": lambda: TheVery(GIVEN),
}


@pytest.mark.parametrize("look", LOOKING.values(), ids=LOOKING)
def test_a_look_counts(look: Callable[[], object]) -> None:
    before = looks()
    look()
    assert looks() > before


def test_other_fields_do_not_count() -> None:
    before = looks()
    assert GIVEN.name == "a"
    assert TheVery(GIVEN.name).it == "a"
    assert looks() == before


def test_what_other_threads_look_at_does_not_count() -> None:
    before = looks()
    found: list[object] = []
    other = threading.Thread(target=lambda: found.append(GIVEN.chart))
    other.start()
    other.join()
    assert (found, looks()) == (["b"], before)


def test_the_class_is_as_before() -> None:
    assert Rendered("a") == Rendered("a", None)
    assert Rendered("a").chart is None
    assert dataclasses.replace(GIVEN, chart="c") == Rendered("a", "c")
    with pytest.raises(dataclasses.FrozenInstanceError):
        GIVEN.chart = "c"  # type: ignore[misc]
