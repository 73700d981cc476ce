"""Values in a report: on one line where they fit, text so that nobody takes it for a number."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from chartgate.documents.escaping import lines_of
from chartgate.documents.json_documents.equality import canonical
from chartgate.documents.words import cut, listed
from chartgate.documents.yaml_texts import go_yaml

_SHORT = 100
_PLAIN = 2
"""Items on both sides together of which anybody sees what differs."""
_MOST_NAMED = 5


def value_lines(label: str, value: Any) -> list[str]:
    """Write a value on the label's line, or as a YAML block below it."""
    if isinstance(value, dict | list) and value:
        return [label.rstrip(), *(" " * 8 + line for line in lines_of(go_yaml.dump(value)))]
    if isinstance(value, str) and "\n" in value:
        return [label.rstrip(), *(" " * 8 + line for line in lines_of(value))]
    return [f"{label}{value!r}" if isinstance(value, str) and not value.strip() else f"{label}{_scalar(value)}"]


def short_value(value: Any) -> str:
    """Write a value on one line, the beginning of one that is long."""
    text = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else _scalar(value)
    return cut(text, _SHORT)


def difference_words(expected: Any, actual: Any) -> str:
    """Say what a list or a map has too much, and what it lacks: `missing: a; too much: b`; empty for all else."""
    if not (expected and actual) or canonical(expected) == canonical(actual):
        return ""
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) + len(actual) > _PLAIN:
        found = {"missing": _beyond(expected, actual), "too much": _beyond(actual, expected)}
        return _parts(found) or "in another order"
    if isinstance(expected, dict) and isinstance(actual, dict) and len(expected) + len(actual) > _PLAIN:
        missing, more = (
            [key for key in one if key not in two] for one, two in ((expected, actual), (actual, expected))
        )
        other = [key for key in expected if key in actual and canonical(expected[key]) != canonical(actual[key])]
        return _parts({"missing": missing, "too much": more, "other": other})
    return ""


def _parts(found: Mapping[str, list[Any]]) -> str:
    named = {words: listed(list(map(short_value, items)), _MOST_NAMED) for words, items in found.items() if items}
    return "; ".join(f"{words}: {items}" for words, items in named.items())


def _beyond(items: list[Any], others: list[Any]) -> list[Any]:
    """Give the items that the others do not have, or not as often."""
    left = Counter(map(canonical, others))
    left.subtract(map(canonical, reversed(items)))
    found = []
    for item in items:
        text = canonical(item)
        if left[text] < 0:
            left[text] += 1
            found.append(item)
    return found


def _scalar(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f'"{value}"' if isinstance(value, str) and go_yaml.reads_as_another_type(value) else str(value)
