"""How programs are started, and what they read of objects that the chart does not make."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, steps
from chartgate.documents.shapes import map_of, maps_in, texts_in
from chartgate.documents.words import counted, listed
from chartgate.kubernetes.changes.differences import Difference
from chartgate.kubernetes.changes.lifecycle import is_hook
from chartgate.kubernetes.links.object_references import Reference, is_read_by_pods, sources
from chartgate.kubernetes.pods.workloads import (
    Container,
    containers_of_both,
    pod_if_any,
    template_if_any,
)
from chartgate.kubernetes.programs.flags import FLAG, flags
from chartgate.kubernetes.validity.cron import runs_in_a_year
from chartgate.model import Resource, Resources
from chartgate.review.pairing import Pair
from chartgate.review.risks.made_secrets import other_sources, read_once
from chartgate.review.risks.pod_files import lost_files
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.risks.single_fields import of_started_pods
from chartgate.review.risks.told_settings import (
    arguments_of,
    flags_of,
    lost_identities,
    lost_lines,
    other_families,
    place_of_flags,
)
from chartgate.review.risks.turned_settings import other_choices, other_hosts, turned

_CHECKSUM = re.compile(r"^checksum/|/checksum(?:-|$)|(?:config|secret)-?(?:hash|checksum)$", re.IGNORECASE)
_WATCHED = re.compile(r"watch(?:ed)?[-_]?namespaces?$", re.IGNORECASE)
_SETTING = re.compile(r"[=:@]")
_SUBCOMMAND = re.compile(r"[a-z][\w-]*+", re.IGNORECASE)
_INSIDE = re.compile(r"(data(?:\.[\w-]++|\[[^\[\]]++\]))(.++)")
"""A key of a ConfigMap, and where in its text."""
_OF_LINES = re.compile(r"\.(?:toml|ini|properties|cfg|cnf|conf|env)$")
_OVERLAP, _SCHEDULE, _ZONE = "spec.concurrencyPolicy", "spec.schedule", "spec.timeZone"
_MOST = 4
"""Variables and flags that a reason names."""


@risk(
    level="caution",
    bump="patch",
    source="https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/",
)
def start_changed(pair: Pair) -> Iterator[Hit]:
    """A program is started in another way.

    Another program than before, or no longer what the image starts by itself; a variable or a flag that it no longer
    has, or whose list is shorter; a part of its configuration that is gone, a switch in it that is turned, or
    a word that chooses where its data is, who gets in or what it uses;
    namespaces that it is kept to now; another name of its lock, its cluster or its database, or of a host outside of
    the release; names that it looks up elsewhere; files that are gone, or at another path; runs of
    a CronJob that may overlap, end each other, are left out, or are fewer; a word or a flag more for the same image;
    another folder or other names of hosts to start with. It may refuse to start, or do by default what it was told not
    to. Hooks have a class of their own.
    """
    if not pair.both or pair.resource.kind == "Job" or is_hook(pair.resource):
        return
    yield from lost_identities(pair)
    yield from turned(pair)
    yield from other_hosts(pair)
    yield from other_choices(pair)
    yield from other_families(pair)
    yield from of_started_pods(pair)
    yield from _no_longer_told(pair)
    yield from _of_lookups(*pair.both)
    yield from lost_files(pair)
    yield from _no_longer_restarted(*pair.both)
    overlap = [resource.at(_OVERLAP) in (ABSENT, None, "Allow") for resource in pair.both]
    if pair.resource.kind == "CronJob" and overlap[1] and not overlap[0]:
        yield Hit(_OVERLAP, "a run may begin while the one before it is under way")
    for word, words in (
        ("Replace", "a run ends the one before it that is still under way"),
        ("Forbid", "a run is left out while the one before it is under way"),
    ):
        are = [resource.at(_OVERLAP) == word for resource in pair.both]
        if pair.resource.kind == "CronJob" and are[1] and not are[0]:
            yield Hit(_OVERLAP, words, "note" if word == "Forbid" else None)
    if pair.resource.kind == "CronJob":
        yield from _of_schedules(*pair.both)
        zones = [str(resource.at(_ZONE) or "") for resource in pair.both]
        if ABSENT not in [resource.at(_ZONE) for resource in pair.both] and zones[0] != zones[1]:
            yield Hit(_ZONE, f"it runs by the time of {zones[1]}, and ran by that of {zones[0]}")
    for container, other in containers_of_both(*pair.both):
        yield from _of_commands(container, other)
        yield from _of_variables(container, other)


def _of_lookups(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say where the pods of a workload no longer find what they found by a name."""
    pods = pod_if_any(before), pod_if_any(after)
    if not pods[0].is_map or not pods[1].is_map:
        return
    inside = [pod.at("dnsPolicy") in (ABSENT, None, "ClusterFirst", "ClusterFirstWithHostNet") for pod in pods]
    if inside[0] and not inside[1]:
        yield Hit((pods[1] / "dnsPolicy").address, "it no longer finds Services by their names")
    links = [pod.at("enableServiceLinks") is not False for pod in pods]
    if links[0] and not links[1]:
        yield Hit((pods[1] / "enableServiceLinks").address, "no variable says any longer where Services are")


def _no_longer_restarted(before: Resource, after: Resource) -> Iterator[Hit]:
    """Say where nothing restarts the pods any longer that read another configuration."""
    metadata = template_if_any(before) / "metadata", template_if_any(after) / "metadata"
    had, has = ({str(key) for key in map_of(side.at("annotations")) if _CHECKSUM.search(str(key))} for side in metadata)
    if had and not has and any(True for _ in sources(after)):
        words = f"nothing restarts its pods any longer where that changes: {listed(sorted(had), _MOST)}"
        yield Hit((metadata[1] / "annotations").address, words)


def _of_schedules(before: Resource, after: Resource) -> Iterator[Hit]:
    was, now = (runs_in_a_year(str(resource.at(_SCHEDULE))) for resource in (before, after))
    if was and now and now < was:
        yield Hit(_SCHEDULE, f"it runs {counted(now, 'time')} a year, and ran {counted(was, 'time')}")


def _no_longer_told(pair: Pair) -> Iterator[Hit]:
    """Say what a file in a ConfigMap that pods of the release read no longer has, as far as its form is known."""
    if pair.resource.kind != "ConfigMap" or not is_read_by_pods(pair.resource, pair.beside[1]):
        return
    lost: dict[str, list[str]] = {}
    for difference in pair.differences:
        found = _INSIDE.match(difference.address)
        is_said = difference.before not in (None, "", [], {}) or _is_name_of_an_item(difference)
        is_null = difference.after is None and difference.before is not ABSENT
        if found and (is_null or (difference.after is ABSENT and is_said)):
            lost.setdefault(found[1], []).append(found[2].removeprefix("."))
        elif _OF_LINES.search(steps(difference.address)[-1]) and difference.after is not ABSENT:
            lost[difference.address] = lost_lines(difference)
    for key, names in lost.items():
        if names:
            yield Hit(key, f"it is no longer told {listed(names, _MOST)}")


def _is_name_of_an_item(difference: Difference) -> bool:
    """Tell whether a key without content says what an item of a list is: `- cri: {}`."""
    keys = steps(difference.address)
    return difference.before == {} and difference.in_list and keys[-2:-1] != [] and keys[-2].isdigit()


def _of_commands(old: Container, new: Container) -> Iterator[Hit]:
    was, now = (texts_in(container.at("command")) for container in (old, new))
    if was[:1] != now[:1]:
        words = [side[0] if side else "what the image starts by itself" for side in (was, now)]
        yield Hit((new / "command").address, f"it runs {words[1]} instead of {words[0]}")
    first = [" ".join(itertools.takewhile(_SUBCOMMAND.fullmatch, arguments_of(container))) for container in (old, new)]
    if was[:1] == now[:1] and first[0] != first[1]:
        yield Hit(place_of_flags(new), f"it is started with {first[1] or 'no word'} instead of {first[0] or 'none'}")
    has = {flag for text in arguments_of(new) for flag in FLAG.findall(text)}
    told = (found[0] for text in arguments_of(old) if (found := FLAG.match(text)))
    is_told = _told_by_variables(old, new) | _called_otherwise(old, new)
    if lost := list(dict.fromkeys(flag for flag in told if flag not in has and flag not in is_told)):
        field = "args" if texts_in(old.at("args")) else "command"
        yield Hit((new / field).address, f"it no longer has {listed(lost, _MOST)}")
    for flag, gone in _fewer_times(old, new):
        yield Hit(place_of_flags(new), f"{flag} no longer names {listed(gone, _MOST)}")
    given = flags_of(old), flags_of(new)
    narrowed = list(filter(None, (_narrowed(flag, given[0].get(flag, ""), now) for flag, now in given[1].items())))
    yield from (Hit(place_of_flags(new), narrower) for narrower in narrowed)
    if given[0].keys() < given[1].keys() and not narrowed and old.at("image") == new.at("image") is not ABSENT:
        more = [flag for flag in given[1] if flag not in given[0]]
        yield Hit(place_of_flags(new), f"the same image has {listed(more, _MOST)} now, which it may not know")


def _told_by_variables(old: Container, new: Container) -> set[str]:
    """Give the flags whose values variables say now that are called after them: `--engine-path`, `X_ENGINE_PATH`."""
    variables = {str(one.get("name")): str(one.get("value") or "") for one in maps_in(new.at("env"))}
    return {
        flag
        for flag, value in flags_of(old).items()
        for name, told in variables.items()
        if value == told != "" and f"_{name}".endswith(f"_{flag.lstrip('-').replace('-', '_').upper()}")
    }


def _called_otherwise(old: Container, new: Container) -> set[str]:
    """Give the flags that have a longer or shorter name now, and the same value: `--retention`, `--retention.time`."""
    had, has = flags_of(old), flags_of(new)
    added = {flag: value for flag, value in has.items() if flag not in had}
    return {
        flag
        for flag, value in had.items()
        for name, told in added.items()
        if value == told != "" and (name.startswith(f"{flag}.") or flag.startswith(f"{name}."))
    }


def _fewer_times(old: Container, new: Container) -> Iterator[tuple[str, list[str]]]:
    """Give the flags that are there several times, each with what none of them is set to any longer."""
    had, has = (list(flags(arguments_of(container))) for container in (old, new))
    names = [flag.name for flag in had]
    still = {flag.name for flag in has}
    for name in dict.fromkeys(name for name in names if names.count(name) > 1 and name in still):
        left = {value for flag in has if flag.name == name for value in (flag.value, *_parts(flag.value))}
        if gone := [flag.value for flag in had if flag.name == name and flag.value and not _is_among(flag.value, left)]:
            yield name, gone


def _is_among(value: str, left: set[str]) -> bool:
    """Tell whether a value is still there, or what it is set to is another one: `a=1` and `a=2`."""
    return value in left or _SETTING.split(value, maxsplit=1)[0] in {_SETTING.split(one, maxsplit=1)[0] for one in left}


def _narrowed(name: str, was: str, now: str) -> str:
    """Say what a setting names no longer: parts of a list, or all namespaces but some."""
    if _WATCHED.search(name) and not was and now:
        return f"{name} keeps it to the namespace {now}"
    parts, left = _parts(was), _parts(now)
    gone = [part for part in parts if part not in left]
    is_list = len(parts) > 1 and bool(now)
    return f"{name} no longer names {listed(gone, _MOST)}" if gone and is_list else ""


def _parts(text: str) -> list[str]:
    """Give the parts of a list, without what is set to them, such as versions."""
    return [_SETTING.split(part.strip(), maxsplit=1)[0] for part in text.split(",") if part.strip()]


def _of_variables(old: Container, new: Container) -> Iterator[Hit]:
    had = {str(variable.get("name")): variable for variable in maps_in(old.at("env"))}
    for variable in maps_in(new.at("env")):
        name = str(variable.get("name"))
        was, now = (str(side.get("value") or "") for side in (had.get(name, {}), variable))
        if "valueFrom" not in had.get(name, {}) and (words := _narrowed(name, was, now)):
            yield Hit(f"{new.address}.env[{name}].value", words)
    sources = [maps_in(container.at("envFrom")) for container in (old, new)]
    if any(source not in sources[0] for source in sources[1]):
        return  # they may come from there now
    has = {str(variable.get("name")) for variable in maps_in(new.at("env"))}
    for variable in maps_in(old.at("env")):
        name = str(variable.get("name"))
        if name not in has and (variable.get("value") or variable.get("valueFrom")):
            yield Hit(f"{new.address}.env[{name}]", f"it no longer has the variable {name}")
    if len(sources[1]) < len(sources[0]):
        yield Hit((new / "envFrom").address, "it no longer has the variables of a whole object")


@risk(level="caution", bump="major", source="https://kubernetes.io/docs/concepts/configuration/secret/#using-a-secret")
def source_changed(pair: Pair) -> Iterator[Hit]:
    """A pod reads another Secret or ConfigMap that the chart does not make, or another key of it.

    Whoever made the one that it read has to make the other: without it, the pod does not start. So it is with a Secret
    that comes from another entry of a store, or no longer follows it; and with a key that only a new Secret gets, where
    the template keeps one that is there: a danger where a pod reads it.
    """
    if not pair.both:
        return
    yield from other_sources(*pair.both)
    yield from read_once(*pair.both)
    was, now = (list(sources(resource)) for resource in pair.both)
    known, still = ({_named(reference) for reference in side} for side in (was, now))
    lost = {_owner(reference): reference for reference in was if _named(reference) not in still}
    told: set[tuple[str, ...]] = set()
    # What prepares a pod may be switched off: the same is told at the same place with it and without.
    for new in sorted(now, key=lambda reference: ".initContainers[" in reference.place.address):
        old = lost.get(_owner(new))
        is_nameless = old is not None and bool(old.key) and not new.key  # which the API server refuses
        if old is None or is_nameless or _named(new) in known or new.optional or _is_made(new, pair.beside[1]):
            continue
        is_other = (old.kind, old.name) != (new.kind, new.name)
        what = (old.kind, old.name, new.kind, new.name, *(() if is_other else (old.key, new.key)))
        if what not in told:
            told.add(what)
            sides = [(one.kind, one.name, "" if is_other else one.key) for one in (new, old)]
            if new.name in ("", "None"):
                reason = f"it names no {new.kind} any longer, which the API server refuses; it was {_words(*sides[1])}"
                yield Hit(new.place.address, reason, "danger")
                continue
            reason = f"it reads {_words(*sides[0])}, which has to be there, and no longer {_words(*sides[1])}"
            yield Hit(new.place.address, reason)


def _owner(reference: Reference) -> str:
    """Give the address of the variable or the volume that reads it."""
    return reference.place.address.rpartition(".")[0]


def _named(reference: Reference) -> tuple[str, str, str]:
    return reference.kind, reference.name, reference.key


def _is_made(reference: Reference, resources: Resources) -> bool:
    return bool(resources.named(reference.kind, reference.name, reference.namespace))


def _words(kind: str, name: str, key: str) -> str:
    of = f"the key {key} of " if key else ""
    return f"{of}the {kind} {name}"
