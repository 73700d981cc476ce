"""The words that every format of a review shares."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.alignment import opcodes
from chartgate.documents.escaping import lines_of
from chartgate.documents.words import counted, listed
from chartgate.documents.yaml_texts import go_yaml
from chartgate.review.review import LEVELS, Entry, Level, Review

HEADINGS: dict[Level | None, str] = {"danger": "Danger", "caution": "Caution", "note": "Notes", None: "Other changes"}
EVERYWHERE = "in every scenario"
_SHORT = 100
"""Characters of a value that fit on its entry's line."""
_MOST_LINES = 40
_LONGEST = 200
"""Characters of a line: a certificate is one of thousands."""
_MOST_NAMES = 5


def entries_by_level(review: Review) -> Iterator[tuple[Level | None, list[Entry]]]:
    """Give the entries of each level that has any, the most dangerous first."""
    for level in (*reversed(LEVELS), None):
        entries = [entry for entry in review.entries if entry.level == level]
        if entries:
            yield level, entries


def counts(review: Review) -> str:
    """Say how much there is of each level."""
    return (
        ", ".join(counted(len(entries), level or "other change") for level, entries in entries_by_level(review))
        or "nothing changes"
    )


def compared_scenarios(review: Review) -> str:
    """Say in how many scenarios both sides were compared; the name of their matrix follows."""
    return f"{counted(review.compared, 'scenario') if review.compared else 'none of the scenarios'} of"


def title(entry: Entry) -> str:
    """Name what an entry is about: objects, a file, scenarios."""
    return listed(entry.subjects, _MOST_NAMES)


def addresses(entry: Entry) -> str:
    """Say where in them; empty for the objects themselves."""
    return listed(entry.addresses, _MOST_NAMES)


def where(entry: Entry, review: Review) -> str:
    """Say in which scenarios it happens; nothing for what is not of a scenario."""
    if not entry.scenarios:
        return ""
    if entry.section == "scenarios":
        return f"in {len(entry.scenarios)} scenarios" if len(entry.scenarios) > 1 else "in this scenario"
    if {*entry.scenarios} <= {*review.turned}:
        return f"where {entry.condition}"
    if len(entry.scenarios) >= review.compared:
        return EVERYWHERE
    return f"in {len(entry.scenarios)} of {review.compared} scenarios: {entry.condition}"


def _short_value(value: Any) -> str | None:
    """Write a value on one line, text as YAML has it; None where it is too long for that, or has several lines."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, str) and "\n" in value:
        return None
    is_plain = isinstance(value, str) and value == value.strip() and not go_yaml.reads_as_another_type(value)
    text = value if is_plain else json.dumps(value, default=str)
    return text if len(text) <= _SHORT else None


def _beginning(value: Any) -> str:
    return f"{json.dumps(value, default=str)[:_SHORT]}..."


def short_values(entry: Entry) -> tuple[str, str] | None:
    """Write old and new value, each on one line; None where one does not fit there, and for an object as a whole."""
    if entry.before is entry.after is ABSENT:
        return None
    old, new = _short_value(entry.before), _short_value(entry.after)
    if ABSENT in (entry.before, entry.after):  # all of it came or went: its beginning tells what it is
        old, new = old or _beginning(entry.before), new or _beginning(entry.after)
    return None if old is None or new is None else (old, new)


def difference(entry: Entry, most: int = _MOST_LINES) -> list[str]:
    """Show old and new value as a diff of their YAML, of at most so many lines; nothing for an object as a whole."""
    old, new = lines_of_value(entry.before), lines_of_value(entry.after)
    if old == new and entry.before != entry.after:
        return [f"{'+' if str(entry.after).endswith(chr(10)) else '-'} a line feed at the end"]
    return _shortened_lines([*_unified(old, new)], most)


def _unified(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Give the lines of a unified diff with one line around each change, without its headers."""
    steps = [*opcodes(old, new)]
    for number, (what, start, end, start_new, end_new) in enumerate(steps):
        if what != "equal":
            yield from (f"-{line}" for line in old[start:end])
            yield from (f"+{line}" for line in new[start_new:end_new])
            continue
        after = [start] if number else []
        before = [end - 1] if number < len(steps) - 1 else []
        yield from (f" {old[place]}" for place in dict.fromkeys(after + before))


def lines_of_value(value: Any) -> list[str]:
    """Give the lines of a value as YAML, or of a text as it is; none for what is not there."""
    if value is ABSENT:
        return []
    text = value if isinstance(value, str) else go_yaml.dump(value)
    return lines_of(text) if text else []


def _shortened_lines(lines: Sequence[str], most: int) -> list[str]:
    """Leave out what is too much to read, and say how much it is."""
    lines = [line if len(line) <= _LONGEST else f"{line[:_LONGEST]}... ({len(line)} characters)" for line in lines]
    more = len(lines) - most
    return [*lines[:most], *([f"... and {more} more lines"] if more > 0 else [])]


def reasons(entry: Entry) -> list[tuple[str, list[str]]]:
    """Give each risk of an entry: its name, and its reason with why it is accepted, which may have several lines."""
    return [
        (risk.name, lines_of(risk.reason + (f" (accepted: {risk.waiver})" if risk.waiver else "")))
        for risk in entry.risks
    ]
