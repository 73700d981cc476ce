"""What programs are told by flags, variables and configuration, where the name of a setting says what it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from chartgate.documents.addresses import ABSENT, steps
from chartgate.documents.shapes import maps_in, texts_in
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.pods.workloads import WORKLOAD_KINDS, Container, containers_of_both
from chartgate.kubernetes.programs.flags import flags
from chartgate.kubernetes.validity.quantities import quantity, seconds
from chartgate.review.pairing import Pair
from chartgate.review.risks.risk_class import Hit

_LINE = re.compile(
    r"""^[ \t]*+(?:\[++(?P<section>[\w.:-]++)\]"""
    r"""|(?:-[ \t]++)?+["']?+(?P<name>[A-Za-z_][\w.-]*+)["']?+(?:[ \t]*+[:=][ \t]*+|[ \t]++)"""
    r"""["']?+(?P<value>[^\s"'#;,]++))""",
    re.MULTILINE,
)
"""`name = value`, `name: value`, `name value`, `"name": "value"`; and `[section]`."""
_KEPT = re.compile(
    r"retention|older[-_.]?than$|(?:^|[-_.])keep(?:[-_.]?(?:last|daily|weekly|monthly|yearly|days|hours|within|count|backups|for))?$",
    re.IGNORECASE,
)
_WRITTEN = re.compile(
    r"(?:^|[-_.])(?:persist(?:ent|ence|ed)?|append[-_]?only|durable|journal|wal|aof)(?:[-_.]?enabled?)?$", re.IGNORECASE
)
_SWITCHES = ("enabled", "enable", "disabled", "disable")
_OF_WHAT_IS_ABOVE = (
    *_SWITCHES,
    "type",
    "kind",
    "mode",
    "method",
    "mechanism",
    "provider",
    "driver",
    "backend",
    "engine",
)
"""Names that say what a setting does with that of what it is in only."""
_KEEPS_OUT = re.compile(
    r"(?:^|[-_.])(?:auth|authentication|authorization|login|rbac|acl|(?:require)?pass(?:word)?)(?:[-_.]?enabled?)?$",
    re.IGNORECASE,
)
_ENCRYPTS = re.compile(
    r"(?:^|[-_.])(?:tls|ssl|mtls|https|(?:tls|ssl|cert)[-_.]?verify)(?:[-_.]?enabled?)?$", re.IGNORECASE
)
_LETS_IN = re.compile(
    r"(?:^|[-_.])(?:anonymous|insecure(?:[-_.]?skip[-_.]?(?:tls[-_.]?)?verify)?|allow[-_.]?http|plaintext"
    r"|(?:tls[-_.]?)?skip[-_.]?verify)(?:[-_.]?(?:access|auth))?(?:[-_.]?enabled?)?$",
    re.IGNORECASE,
)
_ORIGINS = re.compile(r"origins?$", re.IGNORECASE)
_REVERSE = re.compile(r"(?:^|[-_.])(?:no|disabled?|skip|without)[-_.]", re.IGNORECASE)
_ON_OR_OFF = {**dict.fromkeys(("true", "yes", "on", "1"), True), **dict.fromkeys(("false", "no", "off", "0"), False)}
_LOCK, _NAMED = (
    re.compile(pattern, re.IGNORECASE) for pattern in (r"leader|(?<!re)lease|(?<![bc])lock", r"(?:id|name)$")
)
"""Of what only one may hold at a time, neither of a release, a block nor a clock; and what it is called."""
_OWN = re.compile(
    r"(?:owner[-_.]?id|cluster[-_.]?(?:id|name)|group[-_.]?id|bucket(?:[-_.]?name)?|(?:database|db)(?:[-_.]?name)?"
    r"|(?:index|table|key|topic)[-_.]?prefix)$",
    re.IGNORECASE,
)
_EVERYWHERE = re.compile(r"(?:[a-z]++://)?(?:0\.0\.0\.0|\[::\]|\*)?(?P<port>:[0-9]++)?")
_TLS = re.compile(r"(?:Version)?(?:TLS)?[-_]?v?1[._]?(?P<minor>[0-3])", re.IGNORECASE)
_OLDEST = re.compile(
    r"(?:tls|ssl)[-_.]?min(?:imum)?[-_.]?(?:protocol[-_.]?)?version$|min(?:imum)?[-_.]?(?:tls|ssl)?[-_.]?version$"
    r"|ssl[-_.]min[-_.]protocol",
    re.IGNORECASE,
)
_ANY = re.compile(r"(?:[a-z]++://)?(?:0\.0\.0\.0|(?P<six>::|\[::\]))(?::[0-9]++)?")
_HERE = re.compile(r"(?:[a-z]++://)?(?:127\.0\.0\.1|localhost|\[::1\])(?P<port>:[0-9]++)?")


@dataclass(frozen=True)
class ChangedSetting:
    """One setting that has another value than before."""

    address: str
    name: str
    was: str
    now: str


def changed_settings(pair: Pair) -> Iterator[ChangedSetting]:
    """Give the flags and variables of containers, and the settings in ConfigMaps and other objects, that changed."""
    if not pair.both or pair.resource.kind == "Secret":
        return
    if pair.resource.kind in WORKLOAD_KINDS:
        for container, other in containers_of_both(*pair.both):
            yield from _of_containers(container, other)
        return
    for difference in pair.differences:
        yield from _of_difference(difference)


def flags_of(container: Container) -> dict[str, str]:
    """Give the flags of a container with what they are set to, as `--a=b` or in two arguments."""
    return {flag.name: flag.value for flag in flags(arguments_of(container))}


def arguments_of(container: Container) -> list[str]:
    """Give what a program is started with, behind its name."""
    return [*texts_in(container.at("command"))[1:], *texts_in(container.at("args"))]


def place_of_flags(container: Container) -> str:
    """Give the address of what holds the flags of a container."""
    return (container / ("args" if texts_in(container.at("args")) else "command")).address


def lost_identities(pair: Pair) -> Iterator[Hit]:
    """Say where a program goes by another name now: that of a lock, or that under which it keeps what it has made."""
    for setting in changed_settings(pair):
        if not setting.was or not setting.now:
            continue
        if _LOCK.search(setting.name) and _NAMED.search(setting.name):
            yield Hit(setting.address, f"{setting.name} is {setting.now} now: beside the old pods, another one leads")
        elif _OWN.search(setting.name):
            yield Hit(setting.address, f"{setting.name} was {setting.was}: what it has there, it no longer finds")


def shorter_retentions(pair: Pair) -> Iterator[Hit]:
    """Say where data is kept for a shorter time, or less of it."""
    for setting in changed_settings(pair):
        if not _KEPT.search(setting.name):
            continue
        for amount in (seconds, _size):
            was, now = amount(setting.was), amount(setting.now)
            if was and now and now < was:
                reason = f"{setting.name} was {setting.was}, and is {setting.now} now: what is beyond it is deleted"
                yield Hit(setting.address, reason)


def let_in(pair: Pair) -> Iterator[Hit]:
    """Say where a program is told not to ask who somebody is, or not to encrypt, and was told to."""
    for setting in changed_settings(pair):
        if _ORIGINS.search(setting.name) and setting.now.strip("'\"[] ") == "*":
            yield Hit(setting.address, f"{setting.name} is * now: any page may call it", "caution")
        was, now = (_ON_OR_OFF.get(side.lower()) for side in (setting.was, setting.now))
        if was is None or now is None or was is now:
            continue
        is_reverse = bool(_REVERSE.search(setting.name))
        if found := _LETS_IN.search(setting.name):
            if now is not bool(_REVERSE.search(setting.name[: found.start() + 1])):
                yield Hit(setting.address, f"{setting.name} is {setting.now} now: it takes what it refused")
        elif now is is_reverse and _ENCRYPTS.search(setting.name):
            yield Hit(setting.address, f"{setting.name} is {setting.now} now: traffic is no longer encrypted")
        elif now is is_reverse and _KEEPS_OUT.search(setting.name):
            yield Hit(setting.address, f"{setting.name} is {setting.now} now: it no longer keeps anybody out")


def kept_no_longer(pair: Pair) -> Iterator[Hit]:
    """Say where a program is told to write nothing to its disk that it wrote there."""
    for setting in changed_settings(pair):
        was, now = (_ON_OR_OFF.get(side.lower()) for side in (setting.was, setting.now))
        is_reverse = bool(_REVERSE.search(setting.name))
        if was is not None and now is is_reverse and was is not now and _WRITTEN.search(setting.name):
            yield Hit(setting.address, f"{setting.name} is {setting.now} now: what it has is gone with its pod")


def switched(setting: ChangedSetting) -> bool:
    """Tell whether a setting is a switch, and is turned."""
    was, now = (_ON_OR_OFF.get(side.lower()) for side in (setting.was, setting.now))
    is_number = {setting.was, setting.now} <= {"0", "1"}
    return was is not None and now is not None and was is not now and not is_number


def is_told_elsewhere(setting: ChangedSetting) -> bool:
    """Tell whether the name of a switch says more of what it does."""
    return any(pattern.search(setting.name) for pattern in (_LETS_IN, _ENCRYPTS, _KEEPS_OUT, _WRITTEN))


def listening(pair: Pair, *, is_narrower: bool) -> Iterator[Hit]:
    """Say where a program listens at the address of its own pod only, and did so at each; or the reverse."""
    words = "it is reached from its own pod only" if is_narrower else "it is reached from outside of its pod"
    for setting in changed_settings(pair):
        sides = (setting.was, setting.now) if is_narrower else (setting.now, setting.was)
        everywhere, here = _EVERYWHERE.fullmatch(sides[0]), _HERE.fullmatch(sides[1])
        if sides[0] and everywhere and here and everywhere["port"] == here["port"]:
            yield Hit(setting.address, f"{setting.name} is {setting.now} now: {words}")


def tls_versions(pair: Pair, *, is_lower: bool) -> Iterator[Hit]:
    """Say where a program takes older versions of TLS than before, or no longer does."""
    for setting in changed_settings(pair):
        was, now = (_TLS.fullmatch(side) for side in (setting.was, setting.now))
        is_of_tls = _OLDEST.search(setting.name) and re.search("tls|ssl", setting.name + setting.now, re.IGNORECASE)
        if not is_of_tls or not was or not now or was["minor"] == now["minor"]:
            continue
        if (now["minor"] < was["minor"]) is is_lower:
            words = "older clients are taken" if is_lower else "older clients are refused"
            yield Hit(setting.address, f"{setting.name} is {setting.now}, and was {setting.was}: {words}")


def other_families(pair: Pair) -> Iterator[Hit]:
    """Say where a program listens at every address of another family."""
    for setting in changed_settings(pair):
        was, now = (_ANY.fullmatch(side) for side in (setting.was, setting.now))
        if was and now and bool(was["six"]) is not bool(now["six"]):
            lost = "has none of IPv6, it does not start" if now["six"] else "has only those of IPv6, nobody reaches it"
            yield Hit(setting.address, f"{setting.name} is {setting.now} now: on a node that {lost}")


def _of_containers(old: Container, new: Container) -> Iterator[ChangedSetting]:
    place = place_of_flags(new)
    yield from _changed(flags_of(old), flags_of(new), lambda _: place)
    yield from _changed(_variables(old), _variables(new), lambda name: f"{new.address}.env[{name}].value")


def _variables(container: Container) -> dict[str, str]:
    return {str(variable.get("name")): str(variable.get("value") or "") for variable in maps_in(container.at("env"))}


def _changed(
    was: Mapping[str, str], now: Mapping[str, str], address_of: Callable[[str], str]
) -> Iterator[ChangedSetting]:
    for name in (name for name in was if was[name] != now.get(name, was[name])):
        yield ChangedSetting(address_of(name), name, was[name], now[name])


def _of_difference(difference: Difference) -> Iterator[ChangedSetting]:
    was, now = (_text(side) for side in (difference.before, difference.after))
    if was is None or now is None:
        return
    if "\n" in was.strip() or "\n" in now.strip():
        yield from _changed(_lines(was), _lines(now), lambda _: difference.address)
    else:
        yield ChangedSetting(difference.address, _name(steps(difference.address)), was, now)


def _name(keys: Sequence[str]) -> str:
    """Give the name of a setting; of a switch, with that of what it switches; of an item, that of its list."""
    if keys[-1].isdigit() and len(keys) > 1:
        return keys[-2]
    return ".".join(keys[-2:]) if keys[-1].lower() in _OF_WHAT_IS_ABOVE else keys[-1]


def _lines(text: str) -> dict[str, str]:
    """Give the settings of a text by their names, below the names of the sections that they are in: `[database]`."""
    found: dict[str, str] = {}
    section = ""
    for line in _LINE.finditer(text):
        if line["section"]:
            section = f"{line['section']}."
        else:
            found[section + line["name"]] = line["value"]
    return found


def lost_lines(difference: Difference) -> list[str]:
    """Give the settings that a text no longer has; of a whole section that is gone, its name."""
    sides = [_lines(str(side)) for side in (difference.before, difference.after)]
    sections = {name.rpartition(".")[0] for name in sides[1]}
    gone = (name for name in sides[0] if name not in sides[1])
    return list(dict.fromkeys(n if (of := n.rpartition(".")[0]) in sections else of or n for n in gone))


def _text(value: Any) -> str | None:
    """Give a value as programs read it; None for what has parts, and where there is none."""
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is ABSENT or value is None or isinstance(value, dict | list) else str(value)


def _size(text: str) -> Fraction | None:
    return quantity(text.removesuffix("B"))
