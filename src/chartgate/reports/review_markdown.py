"""A review as Markdown, for the comment on a pull request: short at the top, long parts folded, never too long."""

from __future__ import annotations

from collections.abc import Sequence

from chartgate.documents.escaping import Markdown, code, fenced, joined, lines_of, markup
from chartgate.documents.words import counted, listed
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
from chartgate.review.review import Entry, Level, Review

MOST_CHARACTERS = 60_000
"""A comment on GitHub holds 65,536, one on GitLab a million."""
_MARKER = "<!-- chartgate review -->"
_ICONS: dict[Level | None, str] = {"danger": "🔴", "caution": "🟠", "note": "🔵", None: "⚪"}
_OPEN = ("danger", "caution")
_MOST_SCENARIOS = _MOST_NOTES = 20
_LONGEST = 500
"""Characters of a name: its chart made it, and it must leave room for the rest."""


def markdown_report(review: Review) -> str:
    """Write a review as one comment; what does not fit is left out from the end, and the report says so."""
    versions = review.versions
    head = [
        Markdown(_MARKER),
        markup("## {} {} → {}", *map(_cut, (review.chart, versions.before, versions.after))),
        Markdown(""),
        markup("**{}**, in {} {}.", counts(review), compared_scenarios(review), code(_cut(review.matrix))),
        Markdown(""),
        markup("- version: {}", _cut(version_verdict(versions))),
        markup("- base: {}", _cut(review.base)),
        markup("- head: {}", _cut(review.head)),
        *(_item(_cut(note)) for note in review.notes[:_MOST_NOTES]),
    ]
    if len(review.notes) > _MOST_NOTES:
        head.append(_item(f"{counted(len(review.notes) - _MOST_NOTES, 'more note')}, which --format=json lists"))
    if review.newly_rendered:
        head.append(markup("- renders now, and did not: {}", _names(review.newly_rendered)))
    if review.refused:
        head.append(markup("- refused by both: {}", _names(review.refused)))
    text = joined("\n", head).source
    return "\n".join([text, *_fitting(review, MOST_CHARACTERS - len(text) - 400)]) + "\n"


def _fitting(review: Review, room: int) -> list[str]:
    """Give the chapters as far as there is room; what is dangerous comes first."""
    lines = _subcharts(review)
    room -= sum(len(line) + 1 for line in lines)
    left_out = 0
    for level, entries in entries_by_level(review):
        shown = []
        for item in shortened(entries):
            text = _item(item).source if isinstance(item, str) else _entry(item, review)
            if len(text) + 1 > room:
                left_out += 1
                continue
            room -= len(text) + 1
            shown.append(text)
        lines += _chapter(level, shown, len(entries))
    if left_out:
        lines += ["", f"_{left_out} more did not fit: `chartgate review --format=json` lists all of them._"]
    return lines


def _chapter(level: Level | None, texts: Sequence[str], number: int) -> list[str]:
    heading = f"{_ICONS[level]} {HEADINGS[level]} ({number})"
    if not texts:
        return []
    if level in _OPEN:
        return ["", f"### {heading}", "", *texts]
    return ["", "<details>", f"<summary>{heading}</summary>", "", *texts, "", "</details>"]


def _entry(entry: Entry, review: Review) -> str:
    head = [markup("- **{}**", title(entry))]
    head += [markup(" {}", entry.fate)] if entry.fate != "changed" else []
    head += [markup(" (from {})", entry.subchart)] if entry.subchart else []
    head += [markup(" {}", code(addresses(entry)))] if entry.addresses else []
    values = short_values(entry)
    head += [markup(": {} → {}", *map(code, values))] if values else []
    lines = [joined("", head).source]
    for name, (first, *more) in reasons(entry):
        lines.append(markup("  - {}: {}", code(name), first).source)
        lines += [markup("    {}", line).source for line in more]
    lines += [markup("  - {}", where(entry, review)).source] if entry.scenarios else []
    if shown := [] if values else difference(entry):
        lines += ["", "  <details><summary>difference</summary>", "", *fenced(shown, "diff", "  ")]
        lines += ["", "  </details>", ""]
    return "\n".join(lines)


def _subcharts(review: Review) -> list[str]:
    if not review.subcharts:
        return []
    rows = [
        markup(
            "| {} | {} | {} | {} |",
            change.path,
            change.before or "-",
            change.after or "-",
            str(sum(entry.subchart == change.path for entry in review.entries)),
        ).source
        for change in review.subcharts
    ]
    return ["", "| Subchart | before | after | changes from it |", "| --- | --- | --- | --- |", *rows]


def _item(text: str) -> Markdown:
    first, *more = lines_of(text)
    return joined("\n", [markup("- {}", first), *(markup("  {}", line) for line in more)])


def _names(scenarios: Sequence[str]) -> str:
    return _cut(listed(scenarios, _MOST_SCENARIOS))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
