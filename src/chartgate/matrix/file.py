"""Reading matrix.yaml: its form is checked here, and every complaint has a line."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chartgate.documents.escaping import one_line
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.yaml_lines import line_at
from chartgate.errors import InputError
from chartgate.matrix.content import MatrixContent, content_of
from chartgate.matrix.form import is_of_the_form
from chartgate.system.files import read_text

Steps = Sequence[str | int]
"""Keys and indexes that lead from the top of the file to a value."""


@dataclass(frozen=True)
class MatrixFile:
    """A matrix.yaml of the right form, and where its parts are."""

    path: Path
    content: MatrixContent
    tree: yaml.Node | None

    def relative(self, name: str) -> Path:
        """Give a file that the matrix names, which is relative to the matrix."""
        return Path(os.path.normpath(self.path.parent / name))

    def named_files(self) -> Iterator[Path]:
        """Give the files that the matrix takes values and schemas from."""
        return map(self.relative, self.content.names_of_files)

    def error(self, place: Steps, message: str) -> InputError:
        """Make the error for a part of the file: `tests/matrix.yaml:12: axes.provider: ...`."""
        return _error(self.path, self.tree, place, message)


def read_matrix_file(path: Path) -> MatrixFile:
    """Read a matrix file; one that several parts of a run ask for is checked once.

    Raises:
        InputError: it is missing, not YAML, or not of the form of schema.json; the message names the line.
    """
    return _checked(path, read_text(path, f"{path}: the matrix"))


@functools.lru_cache(maxsize=8)
def _checked(path: Path, text: str) -> MatrixFile:
    try:
        document = go_yaml.load(text, str(path))
    except go_yaml.BrokenYaml as error:
        raise InputError(f"{path}:{error.line}: {error.problem}") from error
    if not isinstance(document, dict):
        raise InputError(f"{path}:1: a matrix is a map with the keys chart, release, namespace, toggles, axes, ...")
    tree = go_yaml.tree(text, str(path))
    if not is_of_the_form(document):
        from chartgate.matrix.form_errors import worst_error  # it takes as long to import as all else of a short run

        if wrong := worst_error(document, tree):
            raise _error(path, tree, *wrong)
    _check_names(path, tree, document)
    return MatrixFile(path, content_of(document), tree)


def _check_names(path: Path, tree: yaml.Node | None, content: Mapping[str, Any]) -> None:
    """Refuse a name that YAML takes for something else, and so would change: `off` is false, 1.10 is 1.1."""
    named: list[Steps] = [["toggles"], ["axes"], ["scenarios"], ["refusals"], ["snapshots", "in_full"]]
    named += [["axes", axis] for axis in content.get("axes", {})]
    named += [["pairwise", section] for section in content.get("pairwise", {})]
    for place in named:
        for key in _keys(tree, place):
            if key.style not in ('"', "'") and not isinstance(go_yaml.load(key.value, ""), str):
                raise _error(path, tree, [*place, key.value], "write this name in quotes: to YAML, it is not a text")


def _error(path: Path, tree: yaml.Node | None, place: Steps, message: str) -> InputError:
    where = one_line(".".join(str(step) for step in place))
    return InputError(f"{path}:{line_at(tree, place)}: {where + ': ' if where else ''}{message}")


def _keys(node: yaml.Node | None, place: Steps) -> list[yaml.ScalarNode]:
    """Give the keys of the map at a place, as they are written."""
    for step in place:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for key, value in pairs if key.value == step), None)
    return [key for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
