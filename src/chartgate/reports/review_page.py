"""A review as one HTML page that needs nothing else: no network, no script, light and dark."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

import jinja2

from chartgate.documents.addresses import ABSENT
from chartgate.documents.alignment import opcodes
from chartgate.documents.escaping import one_line
from chartgate.documents.words import listed
from chartgate.reports.review_points import told
from chartgate.reports.review_verdict import affected_groups, reasons_by_weight, restarted, verdict
from chartgate.reports.review_words import (
    HEADINGS,
    compared_scenarios,
    counts,
    lines_of_value,
    reasons,
    short_values,
    title,
    where,
)
from chartgate.review.review import Entry, Review

_MOST = 200
"""Of each level, as at a terminal."""
_MOST_SCENARIOS = 20
_AROUND = 3
"""Lines that are shown before and after a change."""
_MOST_ROWS = 200
_LONGEST = 400
"""Characters of a line."""


def page_report(review: Review) -> str:
    """Write a review as a page; whatever a chart says is text in it, with what nobody sees as escapes."""
    levels = [(level, number, abouts[:_MOST]) for level, number, abouts in told(review)]
    weights = list(reasons_by_weight(review))
    facts = [
        ("restarts", restarted(review)),
        ("base", review.base),
        ("head", review.head),
        ("tools", review.tool_change),
        ("over", f"{compared_scenarios(review)} {review.matrix}"),
        ("accepts now", listed(review.newly_rendered, _MOST_SCENARIOS)),
        ("refused by both", listed(review.refused, _MOST_SCENARIOS)),
    ]
    return _template().render(
        review=review,
        verdict=verdict(review),
        counts=counts(review),
        weights=weights,
        worst=weights[0][0] if weights else "",
        facts=facts,
        who=affected_groups(review),
        levels=levels,
        headings=HEADINGS,
        title=title,
        reasons=reasons,
        rows=_rows,
        shows=_shows,
        where=functools.partial(where, review=review),
    )


def _rows(entry: Entry) -> list[Row]:
    """Give the lines of both values beside each other; two short ones as they are on one line elsewhere."""
    values = short_values(entry)
    if values is None or ABSENT in (entry.before, entry.after):
        return rows(entry.before, entry.after)
    return [Row("changed", *values)]


def _shows(entry: Entry) -> bool:
    """Tell whether there is a value to show, and not the object as a whole."""
    return not (entry.before is ABSENT and entry.after is ABSENT)


@functools.cache
def _template() -> jinja2.Template:
    text = resources.files(__package__).joinpath("review_page.html.j2").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, finalize=_visible)
    return environment.from_string(text)


def _visible(value: Any) -> Any:
    """Show what nobody sees, or what reorders a line, as an escape; what a macro has made is shown already."""
    return value if hasattr(value, "__html__") else one_line(str(value))


@dataclass(frozen=True)
class Row:
    """A line of each side; empty on the side that does not have it."""

    what: Literal["same", "changed", "removed", "added", "left_out"]
    before: str = ""
    after: str = ""


def rows(before: Any, after: Any) -> list[Row]:
    """Align two values as YAML; equal lines far from a change, and what is too much, are left out and counted."""
    found = list(_aligned(lines_of_value(before), lines_of_value(after)))
    more = len(found) - _MOST_ROWS
    text = f"... and {more} more lines"
    return [*found[:_MOST_ROWS], *([Row("left_out", text, text)] if more > 0 else [])]


def _aligned(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    steps = [*opcodes(old, new)]
    for number, (what, start, end, start_new, end_new) in enumerate(steps):
        if what == "equal":
            yield from _same(old[start:end], number > 0, number < len(steps) - 1)
            continue
        gone, come = old[start:end], new[start_new:end_new]
        for place in range(max(len(gone), len(come))):
            was, now = (_cut(side[place]) if place < len(side) else "" for side in (gone, come))
            is_both = place < min(len(gone), len(come))
            yield Row("changed" if is_both else "removed" if place < len(gone) else "added", was, now)


def _same(lines: Sequence[str], is_after_a_change: bool, is_before_one: bool) -> Iterator[Row]:
    first, last = _AROUND * is_after_a_change, _AROUND * is_before_one
    if len(lines) > first + last + 1:
        text = f"... {len(lines) - first - last} equal lines"
        yield from (Row("same", _cut(line), _cut(line)) for line in lines[:first])
        yield Row("left_out", text, text)
        lines = lines[len(lines) - last :]
    yield from (Row("same", _cut(line), _cut(line)) for line in lines)


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}... ({len(line)} characters)"
