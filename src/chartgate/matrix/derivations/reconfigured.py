"""Scenarios in which only what pods read as they start is marked, a key of each object at a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from chartgate.charts.template_texts.marks import scalar_texts, written_marks
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.documents.addresses import steps
from chartgate.documents.shapes import map_of
from chartgate.kubernetes.changes.lifecycle import is_hook
from chartgate.kubernetes.contents import readable_texts
from chartgate.kubernetes.links.object_references import Reference
from chartgate.kubernetes.pods.fixed_sources import KEEPING_PODS, fixed_files, fixed_sources, is_reloaded
from chartgate.kubernetes.pods.workloads import template_if_any
from chartgate.matrix.derivations.marked_values import marks_of, narrowed, only, surely_marked
from chartgate.model import Chart, Rendering, Resource, Scenario

CHANGED = "reconfigured"
"""How the names of these scenarios end, before their number."""
_FEWEST, _MOST = 3, 6
"""Renderings of one scenario in which what pods read is changed: more than a few only for as many objects."""
_CHECKSUM = re.compile(r"checksum|sha[0-9]|hash", re.IGNORECASE)
_OF_VALUES = re.compile(r"\.Values\.(?:(?!\.Values\.)[^{}\n])*\|\s*+(?:sha256sum|sha1sum|adler32sum)\b")
CONTENT = ("data", "stringData")
"""Under which keys a ConfigMap and a Secret have their texts."""


class StartupRead(NamedTuple):
    """What a workload reads as its pods start, and the marks in it."""

    workload: Resource
    reference: Reference
    marks: frozenset[str]


def startup_reads(rendering: Rendering) -> Iterator[StartupRead]:
    """Give what workloads read of the release, each object once; not what a controller watches for them.

    Nor a Secret whose template looks up the one that is there, since that keeps what it was made with.
    Of a chart that restarts no pods at all, only what is mounted by `subPath`, or copied by an init container, where
    people expect a file to change.
    """
    known, calls = marks_of(rendering).keys(), calls_of(rendering.chart)
    sources = fixed_sources if _rolls_pods(rendering) else fixed_files
    for workload in rendering.resources.of_kind(*KEEPING_PODS):
        found: dict[tuple[str, str], StartupRead] = {}
        for reference in () if is_hook(workload) else sources(workload):
            kind, name = reference.kind, reference.name
            if is_reloaded(workload, kind, name):
                continue
            for source in rendering.resources.named(kind, name, reference.namespace):
                if kind == "Secret" and "Secret" in calls.looks_up(source.template):
                    continue
                before = found.get((kind, name), StartupRead(workload, reference, frozenset()))
                found[kind, name] = before._replace(marks=before.marks | (_marks_in(source, reference.key) & known))
        yield from found.values()


def _marks_in(source: Resource, key: str) -> set[str]:
    """Give what may be a mark in the content of a ConfigMap or a Secret, or in one key of it."""
    return {
        mark
        for keys, text in readable_texts(source)
        if keys[0] in CONTENT and (not key or keys[1:2] == (key,))
        for mark, _ in written_marks(text)
    }


def further(renderings: Sequence[Rendering]) -> list[Scenario]:
    """Give what else to render: fewer marks where helm refuses them, then only marks in what pods read as they start.

    In each of a few renderings a key of one of these objects for each workload that reads it: another section of the
    values each time, and none that the pod template shows itself. An object at a time, since a checksum of one hides
    that there is none of another. More keys where a checksum is of values, and not of a file: of some, perhaps.
    Before that, for a scenario with every switch on, the marks themselves, where pods read more there than in the given
    one behind it.
    """
    if not renderings[0].scenario.chart or not is_marked_case(renderings):
        return []
    if len(renderings) == 2 and renderings[0].scenario.is_trial:
        return surely_marked(renderings[0].scenario) if _reads(renderings[0]) - _reads(renderings[1]) else []
    if more := narrowed(renderings):
        return more
    accepted = _accepted(renderings)
    objects = list(dict.fromkeys(_source(read) for each in accepted for read in startup_reads(each) if read.marks))
    by_values = _sums_values(renderings[0].chart)
    fewest = _MOST if by_values else _FEWEST
    rounds: list[dict[str, Scenario]] = [{} for _ in range(max(fewest, min(len(objects), _MOST)))]
    for rendering in accepted:
        for turn, address in _chosen(rendering, objects, by_values=by_values):
            if turn < len(objects) or turn < len(rounds):
                rounds[turn % len(rounds)][address] = rendering.scenario
    base = renderings[0].scenario
    return [only(base, f"{CHANGED}-{number}", marks) for number, marks in enumerate(rounds, 1) if marks]


def _reads(rendering: Rendering) -> set[tuple[str, str]]:
    return {(str(read.workload.identity), str(read.reference)) for read in startup_reads(rendering)}


def _accepted(renderings: Sequence[Rendering]) -> list[Rendering]:
    """Give the marked renderings of a case, besides those in which only some marks are left."""
    return [r for r in renderings[1:] if not r.error and f".{CHANGED}-" not in r.scenario.name]


def _source(read: StartupRead) -> tuple[str, str]:
    return read.reference.kind, read.reference.name


def _sums_values(chart: Chart) -> bool:
    """Tell whether a checksum in a template is of values themselves."""
    return any(map(_OF_VALUES.search, chart.every_template()))


def _chosen(rendering: Rendering, objects: list[tuple[str, str]], *, by_values: bool) -> Iterator[tuple[int, str]]:
    """Give the keys that change what workloads read, each with its turn: one of each object, then a second one.

    Args:
        rendering: one with marks.
        objects: all objects that are read.
        by_values: whether each key of a section has its turn, once each section had its own.
    """
    known = marks_of(rendering)
    reads = [read for read in startup_reads(rendering) if read.marks]
    spread = Counter(mark for read in reads for mark in read.marks)
    for read in reads:
        reached = {known[mark]: spread[mark] for mark in read.marks - shown_marks(read.workload)}
        queue = _by_section(reached)
        queue += sorted(reached.keys() - set(queue)) if by_values else []
        for number, address in enumerate(queue):
            yield objects.index(_source(read)) + number * len(objects), address


def _by_section(addresses: dict[str, int]) -> list[str]:
    """Give one key of each section of the values: that which the fewest workloads read."""
    found: dict[tuple[str, ...], str] = {}
    for address in sorted(addresses, key=lambda address: (addresses[address], address)):
        path = tuple(steps(address))
        found.setdefault(path[:-1] or path, address)
    return list(found.values())


def shown_marks(workload: Resource) -> set[str]:
    """Give what may be a mark in a pod template itself."""
    return {mark for _, text in scalar_texts(template_if_any(workload).value) for mark, _ in written_marks(text)}


def is_marked_case(renderings: Sequence[Rendering]) -> bool:
    """Tell whether a case has marked scenarios; else all of it was given."""
    return any(rendering.scenario.is_trial for rendering in renderings)


def _rolls_pods(rendering: Rendering) -> bool:
    """Tell whether a chart means to restart its pods when what they read changes: by a checksum, or a reloader."""
    for workload in rendering.resources.of_kind(*KEEPING_PODS):
        annotations = map_of(template_if_any(workload).at("metadata.annotations"))
        if any(_CHECKSUM.search(str(key)) for key in annotations):
            return True
        if any(is_reloaded(workload, source.kind, source.name) for source in fixed_sources(workload)):
            return True
    return False
