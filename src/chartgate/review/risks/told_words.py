"""Words that programs are told in place of others, where the name of the setting says what is chosen by them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from chartgate.documents.words import listed
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit
from chartgate.review.risks.told_settings import ChangedSetting, changed_settings
from chartgate.review.risks.turned_settings import place_of, settings_of_programs

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*+(?:[-_.+][A-Za-z0-9]++)*+")
_VERSION = re.compile(r"(?<![0-9])v?[0-9]++\.[0-9]")
_ON_OR_OFF = re.compile(r"true|false|yes|no|on|off", re.IGNORECASE)
_BEGINS = r"(?:^|[-_.])"
_HOW = r"(?:[-_.]?(?:types?|kinds?|modes?|methods?|mechanisms?|providers?|drivers?))"
_KEEPS, _LETS_IN, _ENCRYPTS, _CHOOSES, _SAYS = (
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_BEGINS}(?:(?:storage|store|db|database|persistence|index|repository|queue)"
        r"[-_.]?(?:type|kind|engine|backend|driver|vendor|client|connection)"
        r"|(?:object[-_.]?)?(?:storage|store)|engine|backend|dialect|vendor)$",
        rf"{_BEGINS}(?:auth|authn|authz|authentication|authorization|login|sasl){_HOW}?$",
        rf"{_BEGINS}(?:(?:(?:pg)?ssl|tls|mtls)[-_.]?(?:mode|verify|verification|policy)?|security[-_.](?:[a-z]++[-_.])*+protocol)$",
        rf"{_BEGINS}(?:(?:[a-z]++[-_.])?(?:mode|policy|protocol|transport|driver|provider|codec|algorithm|collation|charset)"
        r"|(?:cache|session|server|cluster|deployment|exporter|sink|registry|identity|mail|broker|engine)"
        r"[-_.]?(?:type|kind|backend|driver|store|provider)"
        r"|(?!(?:content|media|mime|instance|machine|node|service|record|metric|data|value|object|resource|event|message"
        r"|request|response|field|column|key|chart|panel|grant|token)[-_])(?:[a-z]++[-_])+?(?:type|backend|engine)"
        r"|(?:risk|security|isolation|consistency|protection)[-_.]?level)$",
        r"log|format|colou?r|theme|debug|verbos|display|pull|gin[-_]?mode|dark|telemetry|node[-_]?env",
    )
)
"""Where data is, who gets in, whether it is encrypted, what else is chosen; and what only says how a program talks."""
_PASSING = re.compile(r"cache|session|lock|rate|limit|ring|kv", re.IGNORECASE)
"""What is not kept anyway."""
_IN_MEMORY = re.compile(r"(?:in[-_]?)?mem(?:ory)?|ephemeral|none|noop|null|volatile", re.IGNORECASE)
_OPEN = re.compile(
    r"none|noauth|noop|anonymous|disabled?|trust|open|public|(?:always[-_]?)?allow(?:[-_]?all)?|insecure|guest",
    re.IGNORECASE,
)
_PLAIN = re.compile(
    r"disabled?|none|allow|prefer(?:red)?|(?:sasl_)?plaintext|permissive|optional|insecure", re.IGNORECASE
)
_MOST = 3

_Kind = Literal["forgotten", "opened", "other"]


def forgotten(pair: Pair) -> Iterator[Hit]:
    """Say where a program is told to keep in memory only what it kept elsewhere."""
    yield from _hits("forgotten", changed_settings(pair))


def opened(pair: Pair) -> Iterator[Hit]:
    """Say where a program is told to ask nobody who he is any longer, or to take what is not encrypted."""
    yield from _hits("opened", changed_settings(pair))


def other_choices(pair: Pair) -> Iterator[Hit]:
    """Say what else a program is told to use, as far as the other rules say no more of it; many of a file once."""
    found: dict[str, list[Hit]] = {}
    for hit in _hits("other", settings_of_programs(pair)):
        found.setdefault(place_of(hit.address), []).append(hit)
    for place, hits in found.items():
        if len(hits) > _MOST:
            reason = f"other words choose what it uses: {listed([hit.reason for hit in hits], _MOST)}"
            yield Hit(place, reason, bump="minor")
        else:
            yield from hits


def _hits(kind: _Kind, settings: Iterable[ChangedSetting]) -> Iterator[Hit]:
    for setting in settings:
        found = _meaning(setting) if _is_another_word(setting) else None
        if found and found[0] == kind:
            yield Hit(setting.address, found[1], bump="minor" if kind == "other" else None)


def _is_another_word(setting: ChangedSetting) -> bool:
    """Tell whether both values are words, neither switches nor versions, and not the same one."""
    sides = setting.was, setting.now
    return setting.was.lower() != setting.now.lower() and all(
        _WORD.fullmatch(side) and not _ON_OR_OFF.fullmatch(side) and not _VERSION.search(side) for side in sides
    )


def _meaning(setting: ChangedSetting) -> tuple[_Kind, str] | None:
    """Say what another word means; nothing where the name of the setting does not say."""
    name, was, now = setting.name, setting.was, setting.now
    if _SAYS.search(name):
        return None
    if _LETS_IN.search(name):
        if _OPEN.fullmatch(now) and not _OPEN.fullmatch(was):
            return "opened", f"{name} is {now} now: it no longer keeps anybody out"
        return "other", f"{name} is {now} now, and was {was}: it asks in another way who somebody is"
    if _ENCRYPTS.search(name):
        if _PLAIN.fullmatch(now) and not _PLAIN.fullmatch(was):
            return "opened", f"{name} is {now} now: what is not encrypted is taken"
        return "other", f"{name} is {now} now, and was {was}"
    if _KEEPS.search(name) and not _PASSING.search(name):
        if _IN_MEMORY.fullmatch(now) and not _IN_MEMORY.fullmatch(was):
            return "forgotten", f"{name} is {now} now: what it has is gone with its pod"
        return "other", f"{name} is {now} now, and was {was}: what it has there, it may no longer find"
    is_chosen = _CHOOSES.search(name) or _KEEPS.search(name)
    return ("other", f"{name} is {now} now, and was {was}") if is_chosen else None
