"""Reading a project's settings: `[tool.chartgate]` in pyproject.toml, or chartgate.toml; complaints have a place."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from chartgate.documents.words import near
from chartgate.errors import InputError
from chartgate.gate.rules.settings import ChangedSeverity, Settings, source_from_here
from chartgate.gate.rules.settings_places import SHARED, TABLE, found_settings, from_here
from chartgate.model import PodSecurityLevel, Severity
from chartgate.system.files import read_text

_KEY = re.compile(r"(?<![\w-])([\w-]++)[\"']?\s*+[=.\]]")
"""A key of a TOML file, in front of its value, of a further key, or at the end of a table's name."""


class _Wrong(Exception):
    """A value that a key cannot have: where below the key, and what is wrong."""

    def __init__(self, message: str, *steps: str) -> None:
        self.message, self.steps = message, steps
        super().__init__(message)


def read_settings(folder: Path, top: Path | None = None) -> Settings:
    """Give the settings of the project that a folder is in: the first found from there up to the repository's root.

    Outside of a repository, only those in the folder itself. Without any, the settings say nothing.

    Args:
        folder: the folder of the project, or one in it.
        top: the root, where it is known; else it is where `.git` is.

    Raises:
        InputError: they cannot be read, have a key that is not known, or a value that the key cannot have.
    """
    found = found_settings(folder, top)
    return _settings(found.file, found.table) if found else Settings()


def _settings(file: Path, table: Mapping[str, Any]) -> Settings:
    """Read each key; a complaint names file, line and key."""
    lines = _Lines(read_text(file), file.name == SHARED)
    name = from_here(str(file), file.parent)

    def error(message: str, *steps: str) -> InputError:
        return InputError(f"{name}{lines.suffix(*steps)}: {'.'.join(map(_name, steps))}: {message}")

    found: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            meant = near(key, list(_KEYS), 1)
            hint = f"did you mean {meant[0]}?" if meant else f"accepted: {', '.join(_KEYS)}"
            if key == "tool" and file.name != SHARED:
                hint = f"write the keys at the top of this file, without [{TABLE}]"
            raise error(f"there is no such setting; {hint}", key)
        try:
            found[key] = _KEYS[key](value)
        except _Wrong as wrong:
            raise error(wrong.message, key, *wrong.steps) from wrong
    for key in ("chart", "matrix", "baseline"):
        found[key] = from_here(found.get(key, ""), file.parent)
    found["policies"] = tuple(source_from_here(source, file.parent) for source in found.get("policies", ()))
    named: list[tuple[str, ...]] = [(key, policy) for key in ("disable", "severity") for policy in found.get(key, {})]
    places = {steps: line for steps in named if (line := lines.line(*steps))}
    return Settings(source=name, folder=file.parent, lines=places, **found)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise _Wrong(f"a text is expected, not {_words(value)}")
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise _Wrong(f"a text without line ends and other control characters is expected, not {_words(value)}")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise _Wrong(f"a list of texts is expected, not {_words(value)}")
    return tuple(map(_text, value))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _Wrong(f"true or false is expected, not {_words(value)}")
    return value


def _one_of(*accepted: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in accepted:
            raise _Wrong(f"{' or '.join(accepted)} is expected, not {_words(value)}")
        return str(value)

    return read


def _reasons(value: Any) -> dict[str, str]:
    return {name: _reason(reason, name) for name, reason in _map(value, "the reason why it is disabled").items()}


def _reason(value: Any, *steps: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _Wrong(f"the reason is expected, as a text, not {_words(value)}", *steps)
    return value


def _severities(value: Any) -> dict[str, ChangedSeverity]:
    form = '{to = "warning", reason = "..."}'
    found: dict[str, ChangedSeverity] = {}
    for name, change in _map(value, form).items():
        if not isinstance(change, dict) or set(change) != {"to", "reason"}:
            raise _Wrong(f"{form} is expected, not {_words(change)}", name)
        if change["to"] not in get_args(Severity):
            raise _Wrong(f"{' or '.join(get_args(Severity))} is expected, not {_words(change['to'])}", name, "to")
        found[name] = ChangedSeverity(change["to"], _reason(change["reason"], name, "reason"))
    return found


def _map(value: Any, of: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong(f"a table is expected, of a policy's name and {of}, not {_words(value)}")
    return value


def _name(key: str) -> str:
    return key if key.isprintable() else ascii(key)


def _words(value: Any) -> str:
    """Show a value as TOML has it, in a few words."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return f"a table of {', '.join(map(_name, value)) or 'nothing'}"
    if isinstance(value, datetime.date | datetime.time):
        return str(value)
    return f"{value!r}"[:80]


_KEYS: dict[str, Callable[[Any], Any]] = {
    "chart": _text,
    "matrix": _text,
    "policies": _texts,
    "baseline": _text,
    "fail_on": _one_of(*get_args(Severity)),
    "disable": _reasons,
    "severity": _severities,
    "pod_security": _one_of(*get_args(PodSecurityLevel)),
    "guard_packs": _flag,
}


class _Lines:
    """Where keys are in the text of a TOML file, as far as looking for them tells: tomllib does not."""

    def __init__(self, text: str, is_shared: bool) -> None:
        self._lines = [line.partition("#")[0] for line in text.splitlines()]
        ours = (number for number, line in enumerate(self._lines, 1) if line.lstrip().startswith(f"[{TABLE}"))
        self._first = next(ours, 0) if is_shared else 1

    def suffix(self, *steps: str) -> str:
        """Give `:12` for the line of a key."""
        line = self.line(*steps)
        return f":{line}" if line else ""

    def line(self, *steps: str) -> int:
        """Follow the keys as far as they are found, and give the line there, counted from 1; 0 for nowhere."""
        line, found = self._first, 0
        for step in steps:
            numbers = range(max(line, 1), len(self._lines) + 1)
            found = next((number for number in numbers if step in _KEY.findall(self._lines[number - 1])), 0)
            if not found:
                break
            line = found
        return line
