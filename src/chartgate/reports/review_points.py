"""From a review's entries to what a person reads: each thing once, at its cause, and little of what is harmless."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chartgate.documents.addresses import ABSENT, steps
from chartgate.documents.words import counted, listed
from chartgate.review.review import LEVELS, Entry, Level, Review, Versions

_MOST_OF_ONE = 5
"""Changes without a risk of the same object."""
_MOST_ALIKE = 10
"""Places of one reason."""
_MOST_NAMES = 3
RESTARTS = "restarts"
"""The class that the first lines tell of, and nothing else."""
_SHORTEST = 4
"""Characters of a text that is hardly the same at two places by chance."""
_CHECKSUM = re.compile(r"[0-9a-f]{32,128}")
_CRD = "CustomResourceDefinition "
_META = re.compile(r"(?:^|\.)metadata\.(?:labels|annotations)\b")


@dataclass(frozen=True)
class ReviewPoint:
    """Changes of the same subjects for the same reasons in the same scenarios; one to read."""

    entries: tuple[Entry, ...]
    also: tuple[str, ...] = ()
    """What else says the same, in words."""
    more: int = 0
    """Further places that are not shown."""

    @property
    def lead(self) -> Entry:
        """Any of them, for what they have in common."""
        return self.entries[0]


@dataclass(frozen=True)
class About:
    """What a reader is told of the same objects, of a file, of scenarios."""

    entry: Entry
    """Any of the entries: all have the same subjects and the same fate."""
    points: tuple[ReviewPoint, ...] = ()
    summary: str = ""
    """In place of points: what many harmless changes have in common."""


def told(review: Review) -> Iterator[tuple[Level | None, int, list[About]]]:
    """Give each level that has any entries, the most dangerous first: their number, and what is to be read of them."""
    kept, also = _at_their_cause(review.entries)
    for level in ("danger", "caution", "note", None):
        entries = [entry for entry in kept if entry.level == level]
        number = sum(entry.level == level for entry in review.entries)
        if level is None:
            harmless = [entry for entry in entries if not entry.risks]
            accepted = [entry for entry in entries if entry.risks]
            abouts = [*_abouts(accepted, also), *_condensed(harmless, review.versions, also)]
        else:
            abouts = _abouts(entries, also)
        if abouts:
            yield level, number, abouts


def _abouts(entries: Iterable[Entry], also: dict[int, list[str]], most: int = _MOST_ALIKE) -> list[About]:
    """Group entries by what they are about, and in it by their reasons."""
    groups: dict[tuple[Any, ...], dict[tuple[Any, ...], list[Entry]]] = {}
    for entry in entries:
        title = (entry.subjects, entry.fate, entry.subchart)
        reasons = tuple((risk.name, risk.reason, risk.waiver) for risk in entry.risks)
        groups.setdefault(title, {}).setdefault((reasons, entry.scenarios), []).append(entry)
    return [
        About(next(iter(points.values()))[0], tuple(_point(found, also, most) for found in points.values()))
        for points in groups.values()
    ]


def _point(entries: Sequence[Entry], also: dict[int, list[str]], most: int) -> ReviewPoint:
    words = dict.fromkeys(word for entry in entries for word in also.get(id(entry), ()))
    return ReviewPoint(tuple(entries[:most]), tuple(words), max(0, len(entries) - most))


def _condensed(entries: Sequence[Entry], versions: Versions, also: dict[int, list[str]]) -> Iterator[About]:
    """Tell what has no risk: of version labels, checksums and definitions only what they are, and how many."""
    rest = list(entries)
    for is_one, summary in (
        (_names_versions(versions), _versions_told),
        (_is_checksum, _checksums_told),
        (_is_of_definitions, _definitions_told),
    ):
        found = [entry for entry in rest if is_one(entry)]
        if found:
            yield About(found[0], summary=summary(found))
            rest = [entry for entry in rest if not is_one(entry)]
    yield from _abouts(rest, also, _MOST_OF_ONE)


def _names_versions(versions: Versions) -> Callable[[Entry], bool]:
    """Tell whether a label or annotation only names the version of the chart or of its application."""
    raised = [(versions.before, versions.after), (versions.app_before, versions.app_after)]
    plain = [(old.removeprefix("v"), new.removeprefix("v")) for old, new in raised if old and new]

    def names(entry: Entry) -> bool:
        old, new = entry.before, entry.after
        is_meta = bool(entry.addresses) and all(map(_META.search, entry.addresses))
        if not is_meta or not isinstance(old, str) or not isinstance(new, str):
            return False
        return any(old.replace(was, now) == new for was, now in plain) or entry.address.endswith(
            ("[helm.sh/chart]", "[app.kubernetes.io/version]", ".chart")
        )

    return names


def _versions_told(entries: Sequence[Entry]) -> str:
    changes = dict.fromkeys(f"{entry.before} -> {entry.after}" for entry in entries)
    objects = {subject for entry in entries for subject in entry.subjects}
    return f"labels of versions in {counted(len(objects), 'object')}: {listed([*changes], _MOST_NAMES)}"


def _is_checksum(entry: Entry) -> bool:
    sides = [side for side in (entry.before, entry.after) if isinstance(side, str)]
    is_meta = bool(entry.addresses) and all(map(_META.search, entry.addresses))
    return is_meta and len(sides) == 2 and all(map(_CHECKSUM.fullmatch, sides))


def _checksums_told(entries: Sequence[Entry]) -> str:
    objects = dict.fromkeys(subject for entry in entries for subject in entry.subjects)
    return f"checksums in annotations of {listed([*objects], _MOST_NAMES)}: what they are of is told by itself"


def _is_of_definitions(entry: Entry) -> bool:
    return bool(entry.addresses) and all(subject.startswith(_CRD) for subject in entry.subjects)


def _definitions_told(entries: Sequence[Entry]) -> str:
    objects = dict.fromkeys(subject.removeprefix(_CRD) for entry in entries for subject in entry.subjects)
    prose = [entry for entry in entries if entry.address.endswith(".description")]
    others = len(entries) - len(prose)
    numbers = [counted(len(prose), "description")] * bool(prose) + [counted(others, "other change")] * bool(others)
    what = counted(len(objects), "CustomResourceDefinition")
    return f"{' and '.join(numbers)} in {what}, {listed([*objects], _MOST_NAMES)}: --format=json lists them"


def _at_their_cause(entries: Sequence[Entry]) -> tuple[list[Entry], dict[int, list[str]]]:
    """Leave out what another entry says as well; give what is left, and the words about the rest, by the entry's id."""
    also: dict[int, list[str]] = {}
    gone = {id(entry) for entry in entries if [risk.name for risk in entry.risks] == [RESTARTS]}

    def absorb(lead: Entry, other: Entry, words: str) -> None:
        also.setdefault(id(lead), []).append(words)
        gone.add(id(other))

    keys = [entry for entry in entries if entry.is_of("values_key_removed") or entry.is_of("values_retyped")]
    defaults = [entry for entry in entries if [risk.name for risk in entry.risks] == ["default_changed"]]
    effects = [entry for entry in entries if entry.section == "resources" and entry.addresses]
    for entry in entries:
        if entry.section == "schema" and (lead := next((key for key in keys if _is_below(entry, key)), None)):
            absorb(lead, entry, "; ".join(f"{risk.name}, {entry.address}: {risk.reason}" for risk in entry.risks))
    for entry in effects:
        if entry.risks and (lead := next((one for one in effects if _tells_already(one, entry)), None)):
            absorb(lead, entry, f"elsewhere in it where {entry.condition}")
    images = sorted((entry for entry in effects if entry.is_of("image")), key=lambda entry: entry.condition != "all")
    same: dict[int, list[Entry]] = {}
    for entry in effects:
        lead = next((one for one in images if id(one) not in gone and _says_the_same(one, entry)), None)
        if lead is not None:
            same.setdefault(id(lead), []).append(entry)
            gone.add(id(entry))
    for lead_id, others in same.items():
        also.setdefault(lead_id, []).append(f"the same in {listed([*map(_short, others)], _MOST_NAMES)}")
    for entry in defaults:
        caused = [effect for effect in effects if id(effect) not in gone and _is_caused(effect, entry)]
        if not caused:
            continue
        weighty = [effect for effect in caused if effect.risks]
        if weighty:
            absorb(weighty[0], entry, f"by the default of {entry.address}")
        else:
            for effect in caused:
                absorb(entry, effect, f"in {_short(effect)}")
    return [entry for entry in entries if id(entry) not in gone], also


def _short(entry: Entry) -> str:
    return f"{listed(entry.subjects, _MOST_NAMES)} {listed(entry.addresses, 1)}"


def _tells_already(told: Entry, other: Entry) -> bool:
    """Tell whether an entry says in all scenarios what another says of the same objects where a switch is turned."""
    said = [(one.subjects, {(risk.name, risk.reason) for risk in one.risks}) for one in (told, other)]
    return told.condition == "all" and said[0] == said[1] and not {*told.scenarios} & {*other.scenarios}


def _is_below(entry: Entry, key: Entry) -> bool:
    """Tell whether what a schema says is about a key that is told, or one inside of it; `*` is any of its keys."""
    parts, above = steps(entry.address), steps(key.address)
    is_of_it = len(parts) >= len(above) > 0 and all(a in ("*", b) for a, b in zip(parts, above, strict=False))
    return is_of_it and entry.subchart == key.subchart and entry.level == key.level


def _same(one: Entry, other: Entry) -> bool:
    return ABSENT not in (one.before, one.after) and (one.before, one.after) == (other.before, other.after)


def _says_the_same(image: Entry, other: Entry) -> bool:
    """Tell whether another place only has the same image: a patch, an echo, a hook that runs it as well."""
    is_weightier = other.level is not None and LEVELS.index(other.level) > LEVELS.index(image.level or "note")
    names = {risk.name for risk in other.risks}
    return image is not other and names <= {"image", "hook_changed"} and not is_weightier and _same(image, other)


def _is_caused(effect: Entry, default: Entry) -> bool:
    """Tell whether a default is what changes there: the same values, or part of an image's name."""
    old, new = default.before, default.after
    if not isinstance(old, str) or not isinstance(new, str):
        last = effect.address.rpartition(".")[2] == default.address.rpartition(".")[2]
        return last and _same(default, effect)
    if min(len(old), len(new)) < _SHORTEST:
        return False
    if effect.is_of("image"):
        return old in str(effect.before) and new in str(effect.after)
    return _same(default, effect)
