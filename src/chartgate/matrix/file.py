"""Reading matrix.yaml: its form is checked here, and every complaint has a line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from chartgate.documents import go_yaml
from chartgate.errors import InputError

Place = Sequence[str | int]
"""Keys and indexes that lead from the top of the file to a value."""


@dataclass(frozen=True)
class MatrixFile:
    """A matrix.yaml of the right form, and where its parts stand."""

    path: Path
    content: dict[str, Any]
    tree: yaml.Node | None

    def relative(self, name: str) -> Path:
        """Give a file that the matrix names, which is relative to the matrix."""
        return Path(os.path.normpath(self.path.parent / name))

    def named_files(self) -> Iterator[Path]:
        """Give the files that the matrix takes values and schemas from."""
        content = self.content
        points = [*content.get("scenarios", {}).values(), *content.get("refusals", {}).values()]
        points += [layer for choices in content.get("axes", {}).values() for layer in choices.values()]
        for point in points:
            names = [*point.get("values_files", []), *filter(None, [point.get("infrastructure")])]
            yield from map(self.relative, names)
        for names in content.get("schemas", {}).values():
            yield from map(self.relative, names.values())

    def error(self, place: Place, message: str) -> InputError:
        """Make the error for a part of the file: `tests/matrix.yaml:12: axes.provider: ...`."""
        where = ".".join(str(step) for step in place)
        return InputError(f"{self.path}:{_line(self.tree, place)}: {where + ': ' if where else ''}{message}")


def read_matrix_file(path: Path) -> MatrixFile:
    """Read a matrix file.

    Raises:
        InputError: it is missing, no YAML, or not of the form of schema.json; the message names the line.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the matrix cannot be read: {error}") from error
    try:
        content = go_yaml.load(text, str(path))
    except go_yaml.BrokenYaml as error:
        raise InputError(f"{path}:{error.line}: {error.problem}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}:1: a matrix is a map with the keys chart, release, namespace, toggles, axes, ...")
    file = MatrixFile(path, content, yaml.compose(text, yaml.CSafeLoader))
    schema = json.loads(resources.files(__package__).joinpath("schema.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    worst = jsonschema.exceptions.best_match(validator.iter_errors(content))
    if worst is not None:
        raise file.error(_place(worst), _accepted(worst))
    _check_names(file)
    return file


def _check_names(file: MatrixFile) -> None:
    """Refuse a name that YAML takes for something else, and so would change: `off` is false, 1.10 is 1.1."""
    content = file.content
    named: list[Place] = [["toggles"], ["axes"], ["scenarios"], ["refusals"]]
    named += [["axes", axis] for axis in content.get("axes", {})]
    named += [["pairwise", section] for section in content.get("pairwise", {})]
    for place in named:
        for key in _keys(file.tree, place):
            if key.style not in ('"', "'") and not isinstance(go_yaml.load(key.value, ""), str):
                raise file.error([*place, key.value], "write this name in quotes: to YAML, it is no text")


def _place(error: jsonschema.ValidationError) -> list[str | int]:
    """Give the place of an error; for a key that should not be there, the key's own."""
    place = list(error.absolute_path)
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
        return [*place, *[key for key in error.instance if key not in known][:1]]
    if "propertyNames" in error.absolute_schema_path:
        return [*place, str(error.instance)]
    return place


def _accepted(error: jsonschema.ValidationError) -> str:
    """Say what is wrong and, where the schema lists it, what is accepted."""
    message = error.message
    if error.validator == "additionalProperties" and isinstance(error.schema, dict):
        message += f"; accepted: {', '.join(error.schema.get('properties', {}))}"
    elif isinstance(error.schema, dict) and "description" in error.schema:
        message += f" ({error.schema['description']})"
    return message


def _keys(node: yaml.Node | None, place: Place) -> list[yaml.ScalarNode]:
    """Give the keys of the map at a place, as they are written."""
    for step in place:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for key, value in pairs if key.value == step), None)
    return [key for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []


def _line(node: yaml.Node | None, place: Place) -> int:
    """Follow the keys as far as they lead and give the line there, counted from 1."""
    line = 1 if node is None else node.start_mark.line + 1
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(step)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line
