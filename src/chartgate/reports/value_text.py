"""Values in a report: on one line where they fit, text so that nobody takes it for a number."""

from __future__ import annotations

from typing import Any

from chartgate.documents import go_yaml
from chartgate.documents.escaping import lines_of


def value_lines(label: str, value: Any) -> list[str]:
    """Write a value on the label's line, or as a YAML block below it."""
    if isinstance(value, dict | list) and value:
        return [label.rstrip(), *(" " * 8 + line for line in lines_of(go_yaml.dump(value)))]
    if isinstance(value, str) and "\n" in value:
        return [label.rstrip(), *(" " * 8 + line for line in lines_of(value))]
    return [f"{label}{value!r}" if isinstance(value, str) and not value.strip() else f"{label}{_scalar(value)}"]


def _scalar(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f'"{value}"' if isinstance(value, str) and go_yaml.reads_as_another_type(value) else str(value)
