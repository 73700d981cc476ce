"""What is said twice is told once: of a key below `global`, of many schemas, and by a policy of what a class tells."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from chartgate.documents.addresses import is_inside, join, steps
from chartgate.documents.json_documents.equality import canonical
from chartgate.model import Chart
from chartgate.review.review import Entry

_GLOBAL = "global"
_OF_PODS = re.compile(r"securityContext|\.host(?:Network|PID|IPC|Path|Port)")
_OF_CHANCE = ("generated_secrets_are_kept", "same_input_gives_the_same_output")
_REFUSED = {"setting it does nothing": "whoever sets it cannot upgrade"}
_FEW = 3
"""Entries of one reason that are told one by one."""


def once_below_global(entries: Sequence[Entry], *sides: Chart) -> list[Entry]:
    """Give entries of values and schemas; of those that say the same of a key below `global`, the first.

    Helm gives `global` to every subchart, so each of them that declares a key of it declares the same one.
    Source: https://helm.sh/docs/chart_template_guide/subcharts_and_globals/#global-chart-values
    """
    subcharts = {name for side in sides for name in _names(side)}
    found: dict[tuple[str, ...], Entry] = {}
    for number, entry in enumerate(entries):
        shared = _shared_address(entry.address, subcharts)
        if not shared:
            found[str(number),] = entry
            continue
        values = (canonical(side) for side in (entry.before, entry.after))
        reasons = (f"{risk.name}: {risk.reason}" for risk in entry.risks)
        key = (entry.section, shared, *values, *reasons)
        kept = found.get(key)
        if kept is None or (kept.subchart and not entry.subchart):
            found[key] = dataclasses.replace(entry, addresses=(shared,))
    return list(found.values())


def once_per_reason(entries: Sequence[Entry]) -> list[Entry]:
    """Give entries of values and schemas; many of a schema that say the same of other keys become one.

    A schema that is new, or that a generator has written anew, says one thing of each key.
    """
    same: dict[tuple[object, ...], list[Entry]] = {}
    for number, entry in enumerate(entries):
        is_of_schema = entry.section == "schema" and entry.addresses
        same.setdefault((entry.subchart, entry.risks) if is_of_schema else (number,), []).append(entry)
    found: list[Entry] = []
    for group in same.values():
        if len(group) <= _FEW:
            found += group
        else:
            addresses = tuple(dict.fromkeys(address for entry in group for address in entry.addresses))
            found.append(dataclasses.replace(group[0], addresses=addresses))
    return found


def once_per_cause(entries: Sequence[Entry], refusals: Sequence[Entry]) -> list[Entry]:
    """Give entries of values and schemas, then of refusals; what a schema says of a key that is told anyway, with it.

    A key that is gone and that the schema no longer knows, or one without which a scenario is refused; nor what the
    text of a template says, where a scenario is refused by it.
    """
    entries = [entry for entry in entries if not _is_met(entry, refusals)]
    found = [*entries, *refusals]
    for entry in [entry for entry in entries if entry.section == "schema" and len(entry.addresses) == 1]:
        number = next((number for number, other in enumerate(found) if _has_the_cause(other, entry)), None)
        if number is not None:
            told = found[number]
            # It is refused: that setting it does nothing is not so.
            kept = (dataclasses.replace(risk, reason=_REFUSED.get(risk.reason, risk.reason)) for risk in told.risks)
            found[number] = dataclasses.replace(told, risks=(*kept, *entry.risks))
            found.remove(entry)
    return found


def _is_met(entry: Entry, refusals: Sequence[Entry]) -> bool:
    words = [risk.reason.partition(": ")[2] for risk in entry.risks if risk.name == "values_refused"]
    return any(said and said in risk.reason for said in words for refusal in refusals for risk in refusal.risks)


def _has_the_cause(told: Entry, of_schema: Entry) -> bool:
    if told.is_of("values_key_removed") or told.is_of("values_retyped"):
        return (told.subchart, told.addresses) == (of_schema.subchart, of_schema.addresses)
    missing = f"missing property '{steps(of_schema.address)[-1]}'"
    return told.is_of("values_refused") and any(missing in risk.reason for risk in told.risks)


def not_told_yet(findings: Sequence[Entry], changes: Sequence[Entry]) -> list[Entry]:
    """Give the findings of which no change says the same.

    That nothing reads a key, that a pod may do more, or that something is another one at each rendering; and a warning
    about what a danger is about, or a part of it.
    """
    ignored = {(entry.subjects, entry.addresses) for entry in changes if entry.is_of("values_key_ignored")}
    dangers = _places(entry for entry in changes if entry.level == "danger")
    loosened = [
        (subject, address)
        for subject, address in _places(entry for entry in changes if entry.is_of("security_loosened"))
        if _OF_PODS.search(address)
    ]
    unstable = [entry for entry in changes if entry.is_of("unstable")]
    return [
        finding
        for finding in findings
        if (finding.subjects, finding.addresses) not in ignored
        and not (_is_by(finding, _OF_CHANCE) and any(_is_at(finding, entry) for entry in unstable))
        and not _is_in(finding, loosened if finding.level == "danger" else [*loosened, *dangers])
    ]


def _places(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    return [place for entry in entries for place in itertools.product(entry.subjects, entry.addresses)]


def _is_in(finding: Entry, places: Sequence[tuple[str, str]]) -> bool:
    return any(subject in finding.subjects and is_inside(finding.address, place) for subject, place in places)


def _is_by(finding: Entry, policies: Sequence[str]) -> bool:
    return any(risk.reason.partition(":")[0] in policies for risk in finding.risks)


def _is_at(finding: Entry, entry: Entry) -> bool:
    """Tell whether both are about one value of an object; that of a Secret has the same key in `data`."""
    if not {*finding.subjects} & {*entry.subjects}:
        return False
    return any(
        is_inside(finding.address, place)
        or is_inside(place, finding.address)
        or steps(place)[1:] == steps(finding.address)[1:]
        for place in filter(None, entry.addresses)
    )


def _shared_address(address: str, subcharts: set[str]) -> str:
    """Give the address from `global` on, where only subcharts are above it; empty for any other."""
    keys = steps(address)
    rest = list(itertools.dropwhile(subcharts.__contains__, keys))
    return join(*rest) if rest[:1] == [_GLOBAL] else ""


def _names(chart: Chart) -> Iterator[str]:
    for subchart in chart.subcharts:
        yield subchart.name
        yield from _names(subchart)
