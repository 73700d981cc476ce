"""Where a project's settings are, found and not yet read: nothing that judges is loaded to know that there are none."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from chartgate.errors import InputError
from chartgate.system.answers import is_there
from chartgate.system.files import read_text

SETTINGS_FILES = _OWN, SHARED = "chartgate.toml", "pyproject.toml"
TABLE = "tool.chartgate"


class FoundSettings(NamedTuple):
    """A file with settings, and its table of them as TOML has it."""

    file: Path
    table: Mapping[str, Any]


def found_settings(folder: Path, top: Path | None = None) -> FoundSettings | None:
    """Give the settings of the project that a folder is in: the first from there up to the repository's root, or None.

    Outside of a repository, only those in the folder itself.

    Args:
        folder: the folder of the project, or one in it.
        top: the root, where it is known; else it is where `.git` is.

    Raises:
        InputError: they cannot be read, or there are two at one place.
    """
    for place in settings_places(folder.absolute(), top):
        own, shared = place / _OWN, place / SHARED
        table = _table(shared) if _holds(shared) else None
        if _holds(own):
            if table is not None:
                raise InputError(
                    f"{from_here(SHARED, place)}: [{TABLE}]: there are settings in {from_here(_OWN, place)} as well:"
                    " keep them in one of the two files"
                )
            return FoundSettings(own, _document(own))
        if table is not None:
            return FoundSettings(shared, table)
    return None


def settings_places(folder: Path, top: Path | None = None) -> Iterator[Path]:
    """Give the folders that may have settings: up to that of `.git`, a file of that name (a worktree's) included."""
    upward = [folder, *folder.parents]
    root = next((place for place in upward if place == top or (top is None and _is_there(place / ".git"))), folder)
    yield from upward[: upward.index(root) + 1]


def from_here(path: str, base: Path) -> str:
    """Give a path as a person here would write it: relative to the current folder where it is below it."""
    if not path:
        return ""
    full = Path(os.path.normpath(base / path))
    return str(full.relative_to(Path.cwd())) if full.is_relative_to(Path.cwd()) else str(full)


def _holds(file: Path) -> bool:
    """Tell whether a file is there; of its name, nothing else may be: settings are never left out in silence."""
    if _is_there(file) and file.is_file():
        return True
    if _is_there(file) or _is_link(file):
        name = from_here(str(file), file.parent)
        raise InputError(f"{name} is no regular file, nor a link to one: settings are read from one, or take it away")
    return False


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:  # in a folder that may not be read
        return False


def _is_there(path: Path) -> bool:
    try:
        return is_there(path)
    except OSError:  # in a folder that may not be read
        return False


def _document(file: Path) -> dict[str, Any]:
    name = from_here(str(file), file.parent)
    try:
        return tomllib.loads(read_text(file, name))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{name}: this is not TOML: {error}") from error
    except ValueError as error:  # of `int`, for thousands of digits
        raise InputError(f"{name}: this is not TOML that can be read: a number is too long") from error
    except RecursionError as error:
        raise InputError(f"{name}: this is not TOML that can be read: it is nested too deeply") from error


def _table(file: Path) -> Mapping[str, Any] | None:
    """Give the table of a pyproject.toml that is ours; None where there is none."""
    tool = _document(file).get("tool")
    table = tool.get("chartgate") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise InputError(f"{from_here(SHARED, file.parent)}: {TABLE}: a table of settings is expected")
    return table
