"""Switches, words and hosts outside of the release that programs are told, and that are others now.

What is chosen by a word, the name of its setting says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from chartgate.documents.shapes import map_of
from chartgate.documents.words import listed
from chartgate.kubernetes.links.object_references import is_read_by_pods
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS
from chartgate.kubernetes.validity.quantities import quantity
from chartgate.model import Resource, Resources
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit
from chartgate.review.risks.told_settings import ChangedSetting, changed_settings, is_told_elsewhere, switched

_HOSTS = re.compile(
    r"(?:^|[-_.])(?:url|uri|dsn|host|hostname|addr|address|endpoint|servers?|brokers?)$|(?<=[a-z])(?:Url|URL|Host|Endpoint|Address)$",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.-]*+://)?(?:[^/@\s]*+@)?(?P<host>[a-z0-9][a-z0-9.-]*+)(?::[0-9]++)?(?:[/?].*+)?",
    re.IGNORECASE,
)
_OF_WORDS = re.compile(r"verbose|debug|trace|colou?r|quiet|pretty|(?:^|[-_.])log", re.IGNORECASE)
"""Switches of what a program says, not of what it does."""
_FILE = re.compile(r"data(?:\.[\w-]++|\[[^\[\]]++\])(?=.)")
_MOST, _SHORT = 3, 200
_BOUND = re.compile(
    r"(?:^|[-_.])max|(?<=[a-z])Max|limit|quota|(?:pool|queue|cache|body|upload)[-_]?size|workers|threads|concurrency",
    re.IGNORECASE,
)
_BYTES = re.compile(r"(?<=[0-9KMGTi])B$")
_OWN = re.compile(r"localhost|[0-9.]++")
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
_MOST_CHOICES = 3

_Kind = Literal["forgotten", "opened", "other"]


def turned(pair: Pair) -> Iterator[Hit]:
    """Say which switches of a program are turned, as far as their names say no more than that; many of a file once."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for setting in settings_of_programs(pair):
        if gates := list(_gates(setting)):
            found.setdefault(setting.address, []).extend((setting.address, *gate) for gate in gates)
        if switched(setting) and not is_told_elsewhere(setting) and not _OF_WORDS.search(setting.name):
            found.setdefault(place_of(setting.address), []).append((setting.address, setting.name, setting.now))
    for place, switches in found.items():
        if len(switches) > _MOST:
            yield Hit(place, f"switches are turned: {listed([f'{name} is {now}' for _, name, now in switches], _MOST)}")
        else:
            yield from (Hit(address, f"{name} is {now} now") for address, name, now in switches)


def _gates(setting: ChangedSetting) -> Iterator[tuple[str, str]]:
    """Give the switches of a list, `A=true,B=false`, that are turned."""
    sides = [dict(part.split("=", 1) for part in text.split(",") if "=" in part) for text in (setting.was, setting.now)]
    for name, was in sides[0].items():
        part = ChangedSetting(setting.address, name, was, sides[1].get(name, was))
        if switched(part):
            yield name, part.now


def place_of(address: str) -> str:
    """Give the address of the file that a setting is in, or its own."""
    file = _FILE.match(address)
    return file[0] if file else address


def other_hosts(pair: Pair) -> Iterator[Hit]:
    """Say where a program is led to another host, and none that the release makes."""
    for setting in settings_of_programs(pair):
        was, now = (_host(side) for side in (setting.was, setting.now))
        if (
            (_HOSTS.search(setting.name) or "://" in setting.was)
            and was
            and now
            and was != now
            and not _is_made(now, pair.beside[1])
        ):
            yield Hit(setting.address, f"{setting.name} leads to {now}, and led to {was}")


def lower_bounds(pair: Pair) -> Iterator[Hit]:
    """Say of what a program may take less than before."""
    for setting in settings_of_programs(pair):
        was, now = (quantity(_BYTES.sub("", side)) for side in (setting.was, setting.now))
        if _BOUND.search(setting.name) and was is not None and now is not None and 0 < now < was:
            yield Hit(setting.address, f"{setting.name} is {setting.now}, and was {setting.was}")


def settings_of_programs(pair: Pair) -> Iterator[ChangedSetting]:
    """Give the settings of containers, and of a ConfigMap that pods read, or a controller, and is no dashboard."""
    if pair.resource.kind in WORKLOAD_KINDS or (
        pair.resource.kind == "ConfigMap"
        and (_is_of_words(pair.resource) or is_read_by_pods(pair.resource, pair.beside[1]))
    ):
        yield from (setting for setting in changed_settings(pair) if ".panels[" not in setting.address)


def _is_of_words(config: Resource) -> bool:
    """Tell whether all that a ConfigMap has are short settings: a controller finds it by its name."""
    found = map_of(config.at("data"))
    return bool(found) and all(len(str(text)) < _SHORT and "\n" not in str(text).strip() for text in found.values())


def _host(text: str) -> str:
    """Give the host of an address; empty where there is none, or it is the pod's own."""
    found = _HOST.fullmatch(text.strip())
    host = found["host"] if found else ""
    return "" if _OWN.fullmatch(host) else host


def _is_made(host: str, resources: Resources) -> bool:
    return any(service.name == host.partition(".")[0] for service in resources.of_kind("Service"))


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
        if len(hits) > _MOST_CHOICES:
            reason = f"other words choose what it uses: {listed([hit.reason for hit in hits], _MOST_CHOICES)}"
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
