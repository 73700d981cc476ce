"""The words in which every format of a review tells the same."""

from __future__ import annotations

import collections
import difflib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.documents import go_yaml
from chartgate.documents.addresses import ABSENT
from chartgate.reports.pytest_failure import reads_as_another_type
from chartgate.review.entries import Entry
from chartgate.review.levels import LEVELS, Level
from chartgate.review.review import Review
from chartgate.review.versions import Versions

HEADINGS: dict[Level | None, str] = {"danger": "Danger", "caution": "Caution", "note": "Notes", None: "Other changes"}
_COUNTED: dict[Level | None, tuple[str, str]] = {
    "danger": ("danger", "dangers"),
    "caution": ("caution", "cautions"),
    "note": ("note", "notes"),
    None: ("other change", "other changes"),
}
_SHORT = 100
"""Characters of a value that fit on its entry's line."""
_MOST_LINES = 40
_LONGEST = 200
"""Characters of a line: a certificate is one of thousands."""
_MOST_NAMES = 5
_MOST_OF_ONE = 10
"""Changes without a risk of the same object; a CustomResourceDefinition may have hundreds."""


def by_level(review: Review) -> Iterator[tuple[Level | None, list[Entry]]]:
    """Give the entries of each level that has any, the most dangerous first."""
    for level in (*reversed(LEVELS), None):
        entries = [entry for entry in review.entries if entry.level == level]
        if entries:
            yield level, entries


def told(entries: Sequence[Entry]) -> Iterator[Entry | str]:
    """Give what a person reads: every entry with a risk, and of one object only the first of many others.

    In the place of those that are left out stands a sentence that says how many they are.
    """
    plain = collections.Counter(entry.subjects for entry in entries if not entry.risks)
    seen = collections.Counter[tuple[str, ...]]()
    for entry in entries:
        seen[entry.subjects] += not entry.risks
        if entry.risks or seen[entry.subjects] <= _MOST_OF_ONE:
            yield entry
        elif seen[entry.subjects] == _MOST_OF_ONE + 1:
            more = counted(plain[entry.subjects] - _MOST_OF_ONE, "other change", "other changes")
            yield f"{title(entry)}: {more}, which --format=json tells"


def counts(review: Review) -> str:
    """Say how much there is of each level."""
    return (
        ", ".join(counted(len(entries), *_COUNTED[level]) for level, entries in by_level(review)) or "nothing changes"
    )


def counted(number: int, one: str, several: str) -> str:
    """Write a number with the noun that it is of."""
    return f"{number} {one if number == 1 else several}"


def compared(review: Review) -> str:
    """Say over what both sides were compared."""
    return f"{counted(review.compared, 'scenario', 'scenarios')} of"


def version_verdict(versions: Versions) -> str:
    """Say what the changes demand of the version, and what Chart.yaml makes of it."""
    if versions.required == "none":
        return f"nothing changed; the version went from {versions.before} to {versions.after}"
    demanded = f"the changes demand a {versions.enough} version"
    if versions.actual is None:
        return f"{demanded}; {versions.after} is no higher than {versions.before}"
    if versions.actual == "none":
        problem = "no longer allowed: it is released" if versions.is_released else "allowed: no tag carries it yet"
        return f"{demanded}; it is still {versions.after}, which is {problem}"
    agrees = "enough" if versions.is_enough else "too low"
    return f"{demanded}; {versions.before} to {versions.after} is {versions.actual}: {agrees}"


def title(entry: Entry) -> str:
    """Name what an entry is about: objects, a file, scenarios."""
    return _listed(entry.subjects)


def place(entry: Entry) -> str:
    """Say where in them; empty for the objects themselves."""
    return _listed(entry.addresses)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def where(entry: Entry, review: Review) -> str:
    """Say in which scenarios it happens; nothing for what is not of a scenario."""
    if not entry.scenarios:
        return ""
    if entry.section == "scenarios":
        return f"in {len(entry.scenarios)} scenarios" if len(entry.scenarios) > 1 else "in this scenario"
    if len(entry.scenarios) == review.compared:
        return "in every scenario"
    return f"in {len(entry.scenarios)} of {review.compared} scenarios: {entry.condition}"


def short_value(value: Any) -> str | None:
    """Write a value on one line, text as YAML has it; None where it is too long for that, or has several lines."""
    if value is ABSENT:
        return "nothing"
    if isinstance(value, str) and "\n" in value:
        return None
    is_plain = isinstance(value, str) and value == value.strip() and not reads_as_another_type(value)
    text = value if is_plain else json.dumps(value, default=str)
    return text if len(text) <= _SHORT else None


def values_lines(entry: Entry) -> list[str]:
    """Show old and new value, on one line or as a diff of their YAML; nothing for an object as a whole."""
    if entry.before is entry.after is ABSENT or (entry.before is None and entry.after is None):
        return []
    old, new = short_value(entry.before), short_value(entry.after)
    if old is not None and new is not None:
        return [f"{old} -> {new}"]
    lines = [*difflib.unified_diff(_yaml(entry.before), _yaml(entry.after), lineterm="", n=1)][2:]
    return cut([line for line in lines if not line.startswith("@@")])


def _yaml(value: Any) -> list[str]:
    if value is ABSENT:
        return []
    return (value if isinstance(value, str) else go_yaml.dump(value)).splitlines()


def cut(lines: Sequence[str], most: int = _MOST_LINES) -> list[str]:
    """Leave out what is too much to read, and say how much it is."""
    lines = [line if len(line) <= _LONGEST else f"{line[:_LONGEST]}... ({len(line)} characters)" for line in lines]
    return [*lines[:most], *([f"... and {len(lines) - most} more lines"] if len(lines) > most else [])]


def reasons(entry: Entry) -> list[str]:
    """Give each risk of an entry with its reason, and why it is accepted."""
    return [
        f"{risk.risk_class.name}: {risk.reason}" + (f" (accepted: {waiver})" if waiver else "")
        for risk, waiver in zip(entry.risks, entry.waivers, strict=True)
    ]
