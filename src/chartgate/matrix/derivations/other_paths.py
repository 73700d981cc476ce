"""Scenarios in which the server is below another path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.documents.addresses import join
from chartgate.documents.walking import Keys, nodes
from chartgate.matrix.derivations.derived import accepted, with_values
from chartgate.matrix.derivations.switch_turns import bases_of
from chartgate.model import Scenario

CHOSEN_PATH = "/chosen-path"
_PATH = re.compile(
    r"(?:base|context|root|url|uri|web|route|proxy|servlet)_?(?:path|prefix)|path_?prefix|(?:route|url)_?prefix",
    re.IGNORECASE,
)
_OF_OTHERS = ("ingress", "probe", "route", "monitor", "backup", "persistence", "volume", "storage")
"""A path below one of these is that of who asks, or one of a disk."""


def with_other_paths(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with ones in which every path that the server has in front of its own is another one."""
    for base in bases_of(scenarios):
        found = [join(*keys) for keys, value in nodes(base.values, lists=False) if _is_path(keys, value)]
        if changes := accepted(base, dict.fromkeys(found, CHOSEN_PATH)):
            yield base, with_values(base, "paths", changes)


def _is_path(keys: Keys, value: object) -> bool:
    is_elsewhere = any(word in key.lower() for key in keys[:-1] for word in _OF_OTHERS)
    is_named = bool(keys) and _PATH.fullmatch(keys[-1]) is not None
    return is_named and not is_elsewhere and (value in ("", "/") or (isinstance(value, str) and value.startswith("/")))
