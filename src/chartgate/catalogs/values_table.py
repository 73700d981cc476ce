"""The values of a chart as a Markdown table, from the `# -- ` comments of its values.yaml (helm-docs' convention)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.escaping import code_in_table
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.system.files import read_text, write_whole

BEGIN, END = "<!-- values:begin -->", "<!-- values:end -->"
_LONGEST = 100
"""Characters of a default that the table shows; a longer one is for values.yaml to show."""


def write_values_table(chart: Path) -> None:
    """Replace the table between the markers of a chart's README.md; the rest of it stays to the letter.

    Raises:
        InputError: values.yaml or README.md cannot be read, a key has no comment, or the markers are missing.
    """
    readme = chart / "README.md"
    text = read_text(readme)
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise InputError(f"{readme}: needs the lines {BEGIN} and {END}, once each")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    table = values_table(read_text(chart / "values.yaml"), str(chart / "values.yaml"))
    write_whole(readme, f"{head}{BEGIN}\n{table}{END}{tail}".encode())


def values_table(text: str, where: str) -> str:
    """Give one row per documented key: its address, its default, its comment.

    Raises:
        InputError: it is not YAML, or a key with a value of its own has no comment.
    """
    values = go_yaml.load(text, where)
    rows = ["| Key | Default | Description |", "| --- | --- | --- |"]
    for address, comment, is_map in _documented(go_yaml.tree(text, where), text.splitlines()):
        if not comment and not is_map:
            raise InputError(f"{where}: {address} has no `# -- ` comment")
        if comment and not is_map:
            rows.append(
                f"| `{address}` | {_default(lookup(values, address))} | {comment.replace('|', chr(92) + '|')} |"
            )
    return "\n".join(rows) + "\n"


def _documented(node: yaml.Node | None, lines: list[str], above: str = "") -> Iterator[tuple[str, str, bool]]:
    """Walk the keys of a map; give the address and comment of each, and whether it is a map of more keys."""
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        address = join(*steps(above), key.value)
        is_map = isinstance(value, yaml.MappingNode) and bool(value.value)
        yield address, _comment(lines, key.start_mark.line), is_map
        yield from _documented(value, lines, address)


def _comment(lines: list[str], line: int) -> str:
    """Give the comment directly above a line, if it begins with `# -- `."""
    found: list[str] = []
    for candidate in reversed(lines[:line]):
        comment = re.match(r"\s*# ?(?P<text>.*)", candidate)
        if comment is None:
            break
        found.insert(0, comment["text"])
        if comment["text"].startswith("-- "):
            return " ".join(found).removeprefix("-- ")
    return ""


def _default(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return code_in_table(text).source if len(text) <= _LONGEST else "see values.yaml"
