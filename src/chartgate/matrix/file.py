"""Reading matrix.yaml: its form is checked here, and every complaint has a line."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from chartgate import documents
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
    content = documents.load(text, str(path))
    if not isinstance(content, dict):
        raise InputError(f"{path}:1: a matrix is a map with the keys chart, release, namespace, toggles, axes, ...")
    file = MatrixFile(path, content, yaml.compose(text, yaml.CSafeLoader))
    schema = json.loads(resources.files(__package__).joinpath("schema.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    worst = jsonschema.exceptions.best_match(validator.iter_errors(content))
    if worst is not None:
        raise file.error(list(worst.absolute_path), _accepted(worst))
    return file


def _accepted(error: jsonschema.ValidationError) -> str:
    """Say what is wrong and, where the schema lists it, what is accepted."""
    message = error.message
    if error.validator == "additionalProperties" and isinstance(error.schema, dict):
        message += f"; accepted: {', '.join(error.schema.get('properties', {}))}"
    elif isinstance(error.schema, dict) and "description" in error.schema:
        message += f" ({error.schema['description']})"
    return message


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
