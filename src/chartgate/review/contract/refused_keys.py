"""Keys with which templates fail since this version: those of an older version that nobody may set any longer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.charts.template_texts.template_actions import actions
from chartgate.charts.template_texts.template_reads import Path, Use, paths_in
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.model import Chart
from chartgate.review.contract.changed_keys import written_defaults

_FAIL = re.compile(
    r"""(?<![\w."$-])fail\s++(?:\(?\s*+(?:printf|print)\s++)?["`](?P<words>[^"`]*+)|(?<![\w."$-])fail\b"""
)
_ASKS = re.compile(r"(?:else\s++)?if\b")
_WORDS = re.compile(r"\b(?:else|if|or|hasKey|get|index|not|empty)\b")
_OTHER = re.compile(r"(?<![\w.\"$-])[A-Za-z]\w*+")
_NONE = re.compile(r"\bnot\b(?!\s++\(?\s*+empty\b)|(?<!not )(?<!not \()\bempty\b")
_UNSET: tuple[Any, ...] = (ABSENT, None, "", False, 0, [], {})
_TEXT = re.compile(r'"[^"]*+"')


@dataclass(frozen=True)
class RefusedKey:
    """A key with which the older version rendered."""

    address: str
    words: str
    """What the templates say of it; empty where that is computed."""
    subchart: str = ""


def refused_keys(before: Chart, after: Chart) -> list[RefusedKey]:
    """Give the keys that the older version reads, and with which the newer one fails as soon as they are set."""
    fails = dict(_failing(after))
    if not fails:
        return []
    known, used, defaults = dict(_failing(before)), list(all_uses(before)), written_defaults(after)
    return [
        RefusedKey(join(*path), words, path[0] if path[0] in {chart.name for chart in after.subcharts} else "")
        for path, words in fails.items()
        if path not in known and _is_read(path, used) and lookup(defaults, join(*path)) in _UNSET
    ]


def _is_read(path: Path, used: list[Use]) -> bool:
    return any(use.path[: len(path)] == path for use in used)


def _failing(chart: Chart) -> Iterator[tuple[Path, str]]:
    """Give each key with which a template fails, and what it says."""
    for names, part in chart.with_subcharts():
        for text in part.templates.values():
            for action in actions(text):
                found = _FAIL.search(action.text)
                if found and action.conditions and _only_asks_whether_it_is_set(action.conditions[-1]):
                    for path in paths_in(action.conditions[-1]):
                        yield (path if path[0] == "global" else (*names, *path)), found["words"] or ""


def _only_asks_whether_it_is_set(condition: str) -> bool:
    """Tell whether a condition holds as soon as one of the keys that it names is set."""
    plain = _TEXT.sub("", condition)
    return bool(_ASKS.match(plain)) and not _NONE.search(plain) and not _OTHER.search(_WORDS.sub("", plain))
