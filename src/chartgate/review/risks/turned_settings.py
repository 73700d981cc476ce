"""Switches that programs are told, and hosts outside of the release that they are led to, that are others now."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
