"""A review as Markdown, for the comment on a pull request: short at the top, long parts folded, never too long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartgate.documents.escaping import Markdown, code, fenced, joined, lines_of, markup
from chartgate.documents.words import counted, cut, listed
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
        markup("**{}**", _cut(verdict(review))),
        Markdown(""),
        markup("{} in {} {}.", counts(review), compared_scenarios(review), code(_cut(review.matrix))),
        Markdown(""),
        *(markup("- {} {}", level, _cut(text)) for level, text in reasons_by_weight(review)),
        *(markup("- affects: {}", _cut(text)) for text in filter(None, [affected(review)])),
        *(markup("- restarts: {}", _cut(text)) for text in filter(None, [restarted(review)])),
        *(markup("- tools: {}", _cut(text)) for text in filter(None, [review.tool_change])),
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
    for level, number, abouts in told(review):
        shown = []
        for about in abouts:
            text = _about(about, review)
            if len(text) + 1 > room:
                left_out += 1
                continue
            room -= len(text) + 1
            shown.append(text)
        lines += _chapter(level, shown, number)
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


def _about(about: About, review: Review) -> str:
    if about.summary:
        return _item(about.summary).source
    entry = about.entry
    head = [markup("- **{}**", title(entry))]
    head += [markup(" {}", entry.fate)] if entry.fate != "changed" else []
    head += [markup(" (from {})", entry.subchart)] if entry.subchart else []
    return "\n".join([joined("", head).source, *(line for point in about.points for line in _point(point, review))])


def _point(point: ReviewPoint, review: Review) -> Iterator[str]:
    """Give the reason, then the values, then where."""
    for name, (first, *more) in reasons(point.lead):
        yield markup("  - {}: {}", code(name), first).source
        yield from (markup("    {}", line).source for line in more)
    indent = "    " if point.lead.risks else "  "
    for entry in point.entries:
        yield from _values(entry, indent)
    if point.more:
        yield markup(f"{indent}- and {{}}, which `--format=json` lists", counted(point.more, "other change")).source
    yield from (markup(f"{indent}- {{}}", words).source for words in point.also)
    if (place := where(point.lead, review)) and place != EVERYWHERE:
        yield markup(f"{indent}- {{}}", place).source


def _values(entry: Entry, indent: str) -> Iterator[str]:
    """Give the place, and the values behind it where they fit on its line, else as a difference below it."""
    values, place = short_values(entry), addresses(entry)
    shown = [markup("{}", code(place))] if entry.addresses else []
    shown += [markup("{} → {}", *map(code, values))] if values else []
    if shown:
        yield f"{indent}- {joined(': ', shown).source}"
    if lines := [] if values else difference(entry):
        yield from ("", f"{indent}  <details><summary>difference</summary>", "")
        yield from fenced(lines, "diff", f"{indent}  ")
        yield from ("", f"{indent}  </details>", "")


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
    return cut(text, _LONGEST)
