"""A review as plain text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.escaping import lines_of, terminal_text
from chartgate.documents.words import counted
from chartgate.reports.review_points import About, ReviewPoint, told
from chartgate.reports.review_verdict import affected, reasons_by_weight, restarted, verdict
from chartgate.reports.review_words import (
    EVERYWHERE,
    HEADINGS,
    addresses,
    compared_scenarios,
    counts,
    difference,
    reasons,
    short_values,
    title,
    where,
)
from chartgate.review.review import Entry, Review

_MOST = 200
"""Of each level: a longer list is for a program to read."""
_MOST_LINES = 12
"""Of one difference."""


def terminal_report(review: Review) -> str:
    """Write a review for a person at a terminal: the first ten lines decide."""
    versions = review.versions
    lines = [f"{review.chart} {versions.before} -> {versions.after}: {verdict(review)}"]
    lines += [f"  {counts(review)}"] if review.entries else []
    lines += [f"  {level + ':':<9}{text}" for level, text in reasons_by_weight(review)]
    for label, text in (("affects:", affected(review)), ("restarts:", restarted(review))):
        lines += [f"  {label:<9}{' ' * (len(label) == 9)}{text}"] if text else []
    lines += [
        f"  base:    {review.base}",
        f"  head:    {review.head}",
        *([f"  tools:   {review.tool_change}"] if review.tool_change else []),
        f"  over:    {compared_scenarios(review)} {review.matrix}",
    ]
    for first, *more in map(lines_of, review.notes):
        lines += [f"  note:    {first}", *(f"           {line}" for line in more)]
    lines += _list("  accepts now:       ", review.newly_rendered) + _list("  refused by both:   ", review.refused)
    for level, _, abouts in told(review):
        lines += ["", HEADINGS[level].upper()]
        for about in abouts[:_MOST]:
            lines += _about(about, review)
        if len(abouts) > _MOST:
            lines.append(f"  ... and {len(abouts) - _MOST} more: --format=json lists all of them")
    if review.subcharts:
        lines += ["", "SUBCHARTS"]
        for change in review.subcharts:
            number = sum(entry.subchart == change.path for entry in review.entries)
            lines.append(
                f"  {change.path} {change.before or 'nothing'} -> {change.after or 'nothing'}: {number} of the above"
            )
    return terminal_text(lines)


def _list(label: str, names: tuple[str, ...]) -> list[str]:
    return [label + ", ".join(names)] if names else []


def _about(about: About, review: Review) -> list[str]:
    if about.summary:
        return [f"  {about.summary}"]
    entry = about.entry
    fate = "" if entry.fate == "changed" else entry.fate
    head = " ".join(filter(None, [title(entry), fate, f"(from {entry.subchart})" if entry.subchart else ""]))
    return [f"  {head}", *(line for point in about.points for line in _point(point, review))]


def _point(point: ReviewPoint, review: Review) -> Iterator[str]:
    """Give the reason, then the values, then where."""
    for name, (first, *more) in reasons(point.lead):
        yield f"    {name}: {first}"
        yield from (f"      {line}" for line in more)
    indent = " " * (6 if point.lead.risks else 4)
    for entry in point.entries:
        yield from (indent + line for line in _values(entry))
    if point.more:
        yield f"{indent}and {counted(point.more, 'other change')}, which --format=json lists"
    yield from (indent + words for words in point.also)
    if (place := where(point.lead, review)) and place != EVERYWHERE:
        yield f"{indent}{place}"


def _values(entry: Entry) -> list[str]:
    """Give the place, and the values behind it where they fit on its line, else as a difference."""
    place = addresses(entry)
    if values := short_values(entry):
        shown = " -> ".join(values)
        return [f"{place}: {shown}" if place else shown]
    lines = difference(entry, _MOST_LINES)
    if len(lines) == 1 and place:
        return [f"{place}: {lines[0]}"]
    return [*[place] * bool(place), *(f"  {line}" for line in lines)]
