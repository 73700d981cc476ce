"""A review as plain text, for a terminal."""

from __future__ import annotations

from chartgate.documents.escaping import lines_of, terminal_text
from chartgate.reports.review_words import (
    HEADINGS,
    addresses,
    compared_scenarios,
    counts,
    difference,
    entries_by_level,
    reasons,
    short_values,
    shortened,
    title,
    version_verdict,
    where,
)
from chartgate.review.review import Entry, Review

_MOST_ENTRIES = 200
"""Of each level: a longer list is for a program to read."""


def terminal_report(review: Review) -> str:
    """Write a review for a person at a terminal."""
    lines = [
        f"{review.chart} {review.versions.before} -> {review.versions.after}: {counts(review)}",
        f"  base:    {review.base}",
        f"  head:    {review.head}",
        f"  over:    {compared_scenarios(review)} {review.matrix}",
        f"  version: {version_verdict(review.versions)}",
    ]
    for first, *more in map(lines_of, review.notes):
        lines += [f"  note:    {first}", *(f"           {line}" for line in more)]
    lines += _list("  accepts now:       ", review.newly_rendered) + _list("  refused by both:   ", review.refused)
    for level, entries in entries_by_level(review):
        lines += ["", HEADINGS[level].upper()]
        items = list(shortened(entries))
        for item in items[:_MOST_ENTRIES]:
            lines += [f"  {item}"] if isinstance(item, str) else _entry(item, review)
        if len(items) > _MOST_ENTRIES:
            lines.append(f"  ... and {len(items) - _MOST_ENTRIES} more: --format=json lists all of them")
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


def _entry(entry: Entry, review: Review) -> list[str]:
    about = "" if entry.fate == "changed" else entry.fate
    head = " ".join(filter(None, [title(entry), about, f"(from {entry.subchart})" if entry.subchart else ""]))
    lines = [f"  {head}"]
    values = short_values(entry)
    shown = [" -> ".join(values)] if values else difference(entry)
    if entry.addresses:
        lines.append(f"    {addresses(entry)}" + (f": {shown.pop(0)}" if len(shown) == 1 else ""))
    lines += [f"      {line}" for line in shown]
    for name, (first, *more) in reasons(entry):
        lines += [f"    {name}: {first}", *(f"      {line}" for line in more)]
    lines += [f"    {where(entry, review)}"] if entry.scenarios else []
    return lines
