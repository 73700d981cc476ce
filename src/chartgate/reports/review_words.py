"""The words that every format of a review shares."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.documents import go_yaml
from chartgate.documents.addresses import ABSENT
from chartgate.documents.alignment import opcodes
from chartgate.documents.escaping import lines_of
from chartgate.documents.words import counted, listed
from chartgate.review.review import LEVELS, Entry, Level, Review, Versions

HEADINGS: dict[Level | None, str] = {"danger": "Danger", "caution": "Caution", "note": "Notes", None: "Other changes"}
_SHORT = 100
"""Characters of a value that fit on its entry's line."""
_MOST_LINES = 40
_LONGEST = 200
"""Characters of a line: a certificate is one of thousands."""
_MOST_NAMES = 5
_MOST_OF_ONE = 10
"""Changes without a risk of the same object; a CustomResourceDefinition may have hundreds."""


def entries_by_level(review: Review) -> Iterator[tuple[Level | None, list[Entry]]]:
    """Give the entries of each level that has any, the most dangerous first."""
    for level in (*reversed(LEVELS), None):
        entries = [entry for entry in review.entries if entry.level == level]
        if entries:
            yield level, entries


def shortened(entries: Sequence[Entry]) -> Iterator[Entry | str]:
    """Give what a person is to read: every entry with a risk, and at most ten others per object.

    A sentence in place of the others says how many they are.
    """
    plain = collections.Counter(entry.subjects for entry in entries if not entry.risks)
    seen = collections.Counter[tuple[str, ...]]()
    for entry in entries:
        seen[entry.subjects] += not entry.risks
        if entry.risks or seen[entry.subjects] <= _MOST_OF_ONE:
            yield entry
        elif seen[entry.subjects] == _MOST_OF_ONE + 1:
            more = counted(plain[entry.subjects] - _MOST_OF_ONE, "other change")
            yield f"{title(entry)}: {more}, which --format=json lists"


def counts(review: Review) -> str:
    """Say how much there is of each level."""
    return (
        ", ".join(counted(len(entries), level or "other change") for level, entries in entries_by_level(review))
        or "nothing changes"
    )


def compared_scenarios(review: Review) -> str:
    """Say in how many scenarios both sides were compared; the name of their matrix follows."""
    return f"{counted(review.compared, 'scenario')} of"


def version_verdict(versions: Versions) -> str:
    """Say what the changes demand of the version, and what Chart.yaml makes of it."""
    if versions.required == "none":
        return f"nothing changed; the version went from {versions.before} to {versions.after}"
    demanded = f"the changes demand a {versions.enough} version"
    if versions.actual is None:
        return f"{demanded}; {versions.after} is not higher than {versions.before}"
    if versions.actual == "none":
        problem = "no longer allowed: it is released" if versions.is_released else "allowed: no tag carries it yet"
        return f"{demanded}; it is still {versions.after}, which is {problem}"
    agrees = "enough" if versions.is_enough else "too low"
    return f"{demanded}; {versions.before} to {versions.after} is {versions.actual}: {agrees}"


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
    if len(entry.scenarios) == review.compared:
        return "in every scenario"
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


def short_values(entry: Entry) -> tuple[str, str] | None:
    """Write old and new value, each on one line; None where one does not fit there, and for an object as a whole."""
    if entry.before is entry.after is ABSENT:
        return None
    old, new = _short_value(entry.before), _short_value(entry.after)
    return None if old is None or new is None else (old, new)


def difference(entry: Entry) -> list[str]:
    """Show old and new value as a diff of their YAML; nothing for an object as a whole."""
    old, new = _yaml(entry.before), _yaml(entry.after)
    if old == new and entry.before != entry.after:
        return [f"{'+' if str(entry.after).endswith(chr(10)) else '-'} a line feed at the end"]
    return _shortened_lines([*_unified(old, new)])


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


def _yaml(value: Any) -> list[str]:
    if value is ABSENT:
        return []
    text = value if isinstance(value, str) else go_yaml.dump(value)
    return lines_of(text) if text else []


def _shortened_lines(lines: Sequence[str]) -> list[str]:
    """Leave out what is too much to read, and say how much it is."""
    lines = [line if len(line) <= _LONGEST else f"{line[:_LONGEST]}... ({len(line)} characters)" for line in lines]
    more = len(lines) - _MOST_LINES
    return [*lines[:_MOST_LINES], *([f"... and {more} more lines"] if more > 0 else [])]


def reasons(entry: Entry) -> list[tuple[str, list[str]]]:
    """Give each risk of an entry: its name, and its reason with why it is accepted, which may have several lines."""
    return [
        (risk.name, lines_of(risk.reason + (f" (accepted: {risk.waiver})" if risk.waiver else "")))
        for risk in entry.risks
    ]
