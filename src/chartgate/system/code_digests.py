"""Which code a run has in hand, by content: the engine, and what is installed beside it."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import chartgate
from chartgate.system.folder_digests import file_digest, folder_digest
from chartgate.system.store import key_of

_RUN_AT_START = ("sitecustomize.py", "usercustomize.py")
"""What Python runs before anything else: https://docs.python.org/3/library/site.html"""
_PACKAGES = "-packages"
"""How the folders end that packages are installed in."""
_OF_TESTS = ("test", "tests")
"""Some package installs its tests by such a name; nobody imports them."""


def engine_digest() -> str:
    """Give what stands for this Python, this engine and all packages that are installed beside it; empty if unknown.

    It is unknown where a module in the project, or on PYTHONPATH, is imported in place of one of these.
    """
    engine = folder_digest(Path(chartgate.__file__).parent)
    places = list(dict.fromkeys(sys.path))
    try:
        installed = {place: _names(place) for place in places if _is_of_packages(place)}
        if not engine or any(_stand_ins(places, installed)):
            return ""
        records = hashlib.sha256(repr(installed).encode())
        for file in _records(installed):
            records.update(f"\0{file.parent.name}/{file.name}\0".encode() + file_digest(str(file), file.stat()))
    except OSError:
        return ""
    return key_of(sys.version, sys.platform, list(sys.flags), engine, records.hexdigest())


def _is_of_packages(place: str) -> bool:
    return place.endswith(_PACKAGES) and Path(place).is_dir()


def _names(place: str) -> list[str]:
    return sorted(name for name in os.listdir(place) if name != "__pycache__")  # noqa: PTH208


def _records(installed: Mapping[str, Sequence[str]]) -> Iterator[Path]:
    """Give the lists of files, with their hashes, of all installed packages, and what Python runs when it starts.

    Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    for place, names in installed.items():
        yield from (Path(place, name, "RECORD") for name in names if name.endswith(".dist-info"))
        yield from (Path(place, name) for name in names if name.endswith(".pth") or name in _RUN_AT_START)


def _stand_ins(places: Sequence[str], installed: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Give the modules, by their files, that come before those of Python or of a package by the same name."""
    known = {name.partition(".")[0] for names in installed.values() for name in names} | sys.stdlib_module_names
    own = Path(os.__file__).parent
    last = max((number for number, place in enumerate(places) if place in installed), default=-1)
    for place in places[:last]:
        folder = Path(place)
        if place in installed or own in (folder, *folder.parents) or not folder.is_dir():
            continue
        for name in os.listdir(folder):  # noqa: PTH208
            stem, dot, _ = name.partition(".")
            is_module = (
                name.endswith((".py", ".so", ".pyd", ".pyc")) if dot else (folder / name / "__init__.py").exists()
            )
            if name in _RUN_AT_START or (stem in known and stem not in _OF_TESTS and is_module):
                yield f"{folder / name}"
