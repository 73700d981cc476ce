"""Names that chance or the clock gives objects, and what of them stays the same at the next rendering."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.model import Rendering
from chartgate.policy.chance import paired

_SEPARATOR = re.compile(r"([-._])")
_CLOCK = re.compile(r"(?<![\w.$])now\b")
_OF_THE_CLOCK = re.compile(r"[0-9]{8,}+|[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""A day, a second, or the number of one, in the name of what a template makes that asks what time it is."""
_RANDOM, _TIME = "<random>", "<time>"


def chance_names(rendering: Rendering, again: Iterable[Rendering]) -> dict[str, str]:
    """Give the names that differ each time, as they are here, with `<random>` or `<time>` for what differs.

    Args:
        rendering: where the names are from.
        again: the same input, rendered once more, or several times.
    """
    found: dict[str, str] = {}
    for other in again:
        for one, two in paired(rendering.resources, other.resources, {}, {}, any_left=True):
            if one is not None and two is not None and one.name != two.name:
                found[one.name] = _common(found.get(one.name, one.name), two.name)
    calls = calls_of(rendering.chart)
    for resource in rendering.resources:
        # Two renderings of one run may be of the same day.
        name = found.get(resource.name, resource.name)
        if _OF_THE_CLOCK.search(name) and any(map(_CLOCK.search, calls.behind(resource.template))):
            found[resource.name] = _OF_THE_CLOCK.sub(_TIME, name)
    return found


def _common(one: str, two: str) -> str:
    """Keep the parts between separators that two names share, at their beginning and at their end."""
    ours, theirs = _SEPARATOR.split(one), _SEPARATOR.split(two)
    if len(ours) == len(theirs):
        return "".join(our if our == their else _RANDOM for our, their in zip(ours, theirs, strict=True))
    before = _shared(ours, theirs)
    after = min(_shared(ours[::-1], theirs[::-1]), min(len(ours), len(theirs)) - before)
    return "".join([*ours[:before], _RANDOM, *ours[len(ours) - after :]])


def _shared(one: list[str], two: list[str]) -> int:
    """Count the parts at the beginning that two names share."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, two, strict=False)))
