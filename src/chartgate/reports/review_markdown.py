"""A review as Markdown, for the comment on a pull request: short at the top, long parts folded, never too long."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chartgate.reports.review_words import (
    HEADINGS,
    addresses,
    compared_scenarios,
    counts,
    entries_by_level,
    reasons,
    shortened,
    title,
    values_lines,
    version_verdict,
    where,
)
from chartgate.review.review import Entry, Level, Review

MOST_CHARACTERS = 60_000
"""A comment on GitHub holds 65,536, one on GitLab a million."""
_MARKER = "<!-- chartgate review -->"
_ICONS: dict[Level | None, str] = {"danger": "🔴", "caution": "🟠", "note": "🔵", None: "⚪"}
_OPEN = ("danger", "caution")


def markdown_report(review: Review) -> str:
    """Write a review as one comment; what does not fit is left out from the end, and the report says so."""
    head = [
        _MARKER,
        f"## {review.chart} {review.versions.before} → {review.versions.after}",
        "",
        f"**{counts(review)}**, in {compared_scenarios(review)} `{review.matrix}`.",
        "",
        f"- version: {version_verdict(review.versions)}",
        f"- base: {review.base}",
        f"- head: {review.head}",
        *(f"- {_plain(note)}" for note in review.notes),
    ]
    if review.newly_rendered:
        head.append(f"- renders now, and did not: {', '.join(review.newly_rendered)}")
    if review.refused:
        head.append(f"- refused by both: {', '.join(review.refused)}")
    return "\n".join([*head, *_fitting(review, MOST_CHARACTERS - len("\n".join(head)) - 400)]) + "\n"


def _fitting(review: Review, room: int) -> list[str]:
    """Give the chapters as far as there is room; what is dangerous comes first."""
    lines = _subcharts(review)
    room -= sum(len(line) + 1 for line in lines)
    left_out = 0
    for level, entries in entries_by_level(review):
        shown = []
        for item in shortened(entries):
            text = f"- {_plain(item)}" if isinstance(item, str) else _entry(item, review)
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
    about = f" {entry.fate}" if entry.fate != "changed" else ""
    origin = f" (from {entry.subchart})" if entry.subchart else ""
    lines = [
        f"- **{_plain(title(entry))}**{about}{origin}" + (f" {_code(addresses(entry))}" if entry.addresses else "")
    ]
    shown = values_lines(entry)
    if len(shown) == 1:
        old, arrow, new = shown[0].partition(" -> ")
        lines[0] += f": {_code(old)} → {_code(new)}" if arrow else f": {_code(old)}"
    lines += [f"  - {_reason(reason)}" for reason in reasons(entry)]
    lines += [f"  - {_plain(where(entry, review))}"] if entry.scenarios else []
    if len(shown) > 1:
        fence = "`" * max(3, 1 + max(len(run) for line in shown for run in _ticks(line)))
        lines += ["", "  <details><summary>difference</summary>", "", f"  {fence}diff"]
        lines += [*(f"  {line}" for line in shown), f"  {fence}", "", "  </details>", ""]
    return "\n".join(lines)


def _reason(reason: str) -> str:
    name, colon, why = reason.partition(": ")
    first, *rest = _plain(why).splitlines() or [""]
    return "\n".join([f"`{name}`{colon}{first}", *(f"    {line}" for line in rest)])


def _subcharts(review: Review) -> list[str]:
    if not review.subcharts:
        return []
    rows = [
        f"| {change.path} | {change.before or '-'} | {change.after or '-'} |"
        f" {sum(entry.subchart == change.path for entry in review.entries)} |"
        for change in review.subcharts
    ]
    return ["", "| Subchart | before | after | changes from it |", "| --- | --- | --- | --- |", *rows]


def _ticks(line: str) -> list[str]:
    return re.findall("`+", line) or [""]


def _code(text: str) -> str:
    """Write text as code, even if it has backticks itself."""
    return f"`{text}`" if "`" not in text else f"`` {text} ``"


def _plain(text: str) -> str:
    """Keep what a chart says from being read as Markdown or HTML."""
    for character in "\\`*_<>[]|#":
        text = text.replace(character, f"\\{character}")
    return text.replace("@", "@\u200b")
