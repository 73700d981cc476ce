"""What shellcheck says about the scripts of a rendering: once for each script that a policy asks for."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import sysconfig
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from chartgate.documents.words import counted
from chartgate.errors import ToolError
from chartgate.model import ScriptFault
from chartgate.system.answers import is_file
from chartgate.system.cache import OutputCache
from chartgate.system.processes import start
from chartgate.system.store import key_of
from chartgate.system.tool_digests import program_digest

_DIALECTS = {"sh": ("dash", "busybox"), "ash": ("busybox",)}
"""`sh` is another shell in each image: what all of these refuse is wrong wherever it is not Bash."""
_LONGEST = 256 * 1024
_SETTINGS = ("--norc", "--severity=warning", "--format=json1", "-")


def shellcheck_program() -> Path | None:
    """Give the shellcheck that is installed beside this program; one elsewhere on the machine may say other things."""
    program = Path(sysconfig.get_path("scripts")) / "shellcheck"
    return program if is_file(program) else None


class Shellcheck(Mapping[tuple[str, str], tuple[ScriptFault, ...]]):
    """The faults of scripts by shell and text; looking one up runs shellcheck, once a run for all processes."""

    def __init__(self, cache: OutputCache, program: Path | None = None) -> None:
        """Look for shellcheck; without it, nothing is in this map."""
        self._cache = cache
        self._program = program or shellcheck_program()
        self._done: dict[tuple[str, str], tuple[ScriptFault, ...]] = {}
        self._unjudged: set[str] = set()
        self.asked_in_vain = 0
        """How often nobody could say what is wrong with a script."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Shellcheck:
        """Give itself: what it says of a text never changes."""
        return self

    def __getitem__(self, key: tuple[str, str]) -> tuple[ScriptFault, ...]:
        """Give the faults of a script.

        Raises:
            KeyError: there is no shellcheck, or the text is none that it could read.
            ToolError: it hangs, or fails.
        """
        shell, text = key
        if self._program is None:
            self._unjudged.add(hashlib.sha256(text.encode("utf-8", "replace")).hexdigest())
            self.asked_in_vain += 1
            raise KeyError(key)
        if len(text) > _LONGEST or "\0" in text:
            raise KeyError(key)
        if key not in self._done:
            dialects = [self._said(self._program, dialect, text) for dialect in _DIALECTS.get(shell, (shell,))]
            common = set.intersection(*({(fault.line, fault.code) for fault in faults} for faults in dialects))
            self._done[key] = tuple(fault for fault in dialects[0] if (fault.line, fault.code) in common)
        return self._done[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._done)

    def __len__(self) -> int:
        return len(self._done)

    @functools.cached_property
    def digest(self) -> str:
        """The SHA-256 of shellcheck; empty where there is none, or nothing that it says may be kept."""
        store = self._cache.store
        return program_digest(self._program, store) if self._program and store.is_used else ""

    @property
    def unread(self) -> frozenset[str]:
        """What could not be read, as digests."""
        return frozenset(self._unjudged)

    def _said(self, program: Path, dialect: str, text: str) -> tuple[ScriptFault, ...]:
        key = key_of(str(program), dialect, text)
        lasting = key_of("shellcheck", self.digest, dialect, *_SETTINGS, text) if self.digest else ""
        stored = self._cache.once(f"{key}.shellcheck.json", lambda: _run(program, dialect, text), lasting)
        return tuple(ScriptFault(**fault) for fault in json.loads(stored))


def unread_words(scripts: Collection[str]) -> tuple[str, ...]:
    """Say of how many scripts nobody knows anything, and what to do; nothing where there are none."""
    if not scripts:
        return ()
    number = counted(len(scripts), "script")
    return (f"shellcheck did not read {number}: install chartgate[scripts], which brings it",)


def _run(program: Path, dialect: str, text: str) -> bytes:
    command: list[str | Path] = [program, f"--shell={dialect}", *_SETTINGS]
    output = start(command, stdin=text.encode("utf-8", "replace"))
    try:
        said = json.loads(output.stdout)["comments"]
        faults = {
            ScriptFault(int(comment["line"]), f"SC{comment['code']}", comment["level"], str(comment["message"]))
            for comment in said
        }
    except (ValueError, KeyError, TypeError) as error:
        why = output.errors.strip() or f"exit code {output.exit_code}"
        raise ToolError(f"{program} does not say what is wrong with a script: {why}") from error
    ordered = sorted(faults, key=lambda fault: (fault.line, fault.code, fault.message))
    return json.dumps([dataclasses.asdict(fault) for fault in ordered]).encode()
