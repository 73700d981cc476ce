"""Values in a report: on one line where they fit, text so that nobody takes it for a number."""

from __future__ import annotations

import json
from typing import Any

from chartgate.documents.escaping import lines_of
from chartgate.documents.yaml_texts import go_yaml

_SHORT = 100


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
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}..."


def _scalar(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f'"{value}"' if isinstance(value, str) and go_yaml.reads_as_another_type(value) else str(value)
