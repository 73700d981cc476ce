"""Scenarios in which every folder and file of the values is another one, or the server is below another path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from chartgate.documents.addresses import join
from chartgate.documents.walking import Keys, nodes
from chartgate.matrix.derivations.derived import accepted, with_values
from chartgate.matrix.derivations.switch_turns import bases_of
from chartgate.model import Scenario

_PATH = re.compile(r"(?:/[A-Za-z0-9._-]++)+/?")
_ASKED_AT = ("ingress", "probe", "probes", "httpget", "route", "httproute", "monitor", "servicemonitor", "podmonitor")
"""What is below one of these is a path of a request."""
_ADDED = "-x7"
_MOST_LETTERS = 128
CHOSEN_PATH = "/chosen-path"
_SERVED = re.compile(
    r"(?:base|context|root|url|uri|web|route|proxy|servlet)_?(?:path|prefix)|path_?prefix|(?:route|url)_?prefix",
    re.IGNORECASE,
)
_OF_OTHERS = ("ingress", "probe", "route", "monitor", "backup", "persistence", "volume", "storage")
"""A path below one of these is that of who asks, or one of a disk."""


def with_other_folders(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with ones in which each absolute path of the values has another last name; equal ones again.

    The fullest one, and the same with every switch on. Left alone are a path that another text of the values has in it
    (`--data=/data`), and what a schema refuses.
    """
    for base in bases_of(scenarios):
        found = {join(*keys): value for keys, value in nodes(base.values, lists=False) if _is_folder(keys, value)}
        elsewhere = "\n".join(_others(base, set(found.values())))
        changes = {key: _another(value) for key, value in found.items() if value.rstrip("/") not in elsewhere}
        if new := accepted(base, changes):
            yield base, with_values(base, "folders", new)


def _others(base: Scenario, paths: set[str]) -> Iterator[str]:
    """Give the texts of the values, those in lists as well, that are none of these paths by themselves."""
    for keys, value in nodes(base.values):
        if isinstance(value, str) and (value not in paths or any(key.isdigit() for key in keys)):
            yield value


def _another(path: str) -> str:
    """Give the path of a file or a folder beside another one, with the same ending."""
    this = PurePosixPath(path)
    return str(this.with_name(f"{this.stem}{_ADDED}{this.suffix}"))


def _is_folder(keys: Keys, value: object) -> bool:
    is_path = isinstance(value, str) and len(value) <= _MOST_LETTERS and _PATH.fullmatch(value) is not None
    return is_path and not any(str(key).lower().endswith(_ASKED_AT) for key in keys[:-1])


def with_other_paths(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with ones in which every path that the server has in front of its own is another one."""
    for base in bases_of(scenarios):
        found = [join(*keys) for keys, value in nodes(base.values, lists=False) if _is_served(keys, value)]
        if changes := accepted(base, dict.fromkeys(found, CHOSEN_PATH)):
            yield base, with_values(base, "paths", changes)


def _is_served(keys: Keys, value: object) -> bool:
    is_elsewhere = any(word in key.lower() for key in keys[:-1] for word in _OF_OTHERS)
    is_named = bool(keys) and _SERVED.fullmatch(keys[-1]) is not None
    return is_named and not is_elsewhere and (value in ("", "/") or (isinstance(value, str) and value.startswith("/")))
