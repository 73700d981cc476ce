"""The first lines of a review: what it demands, why, who is affected, and what restarts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from chartgate.documents.words import counted, cut, listed
from chartgate.reports.review_points import RESTARTS
from chartgate.reports.review_words import EVERYWHERE, title, where
from chartgate.review.review import BUMPS, LEVELS, Bump, Entry, Level, Review

_GRAVEST = ("data_loss", "immutable", "values_refused")
"""What nothing brings back, and what stops the upgrade: before all else that demands as much."""
_MOST_CLASSES = 4
_MOST_PLACES = 3
_MOST_GROUPS = 3
_LONGEST_REASON = 120
"""Characters of a reason in a line that has to be read at once."""


def verdict(review: Review) -> str:
    """Say which part of the version the changes demand, and whether it was raised: what is asked first."""
    versions = review.versions
    if versions.required == "none" and review.tool_change:
        return f"the same chart, {'and it renders otherwise' if review.entries else 'nothing changes'}"
    if versions.required == "none":
        return "nothing changes" if not review.entries else "nothing changes in the chart"
    is_less = versions.enough != versions.required
    only_files = "" if review.entries else "files differ, and nothing that they render: "
    needs = f"{only_files}needs {versions.enough}{' (before 1.0.0)' * is_less}"
    if versions.actual is None:
        return f"{needs}; {versions.after} is not higher"
    if versions.actual == "none":
        unknown = ", and there are no tags to tell whether it is released" if versions.is_released is None else ""
        return f"{needs}; it is still {versions.after}{', which is released' if versions.is_released else unknown}"
    number = sum(_demand(entry) == versions.required for entry in review.entries)
    agrees = "enough" if versions.is_enough else counted(number, "reason")
    left = sum(entry.open_level == "danger" for entry in review.entries)
    if versions.is_enough and left:
        agrees = f"enough, but for {counted(left, 'danger')} that no version settles"
    if versions.is_enough and not review.compared and not review.turned:
        agrees = "enough for the values, and no object is compared"
    return f"{needs}; {versions.after} is a {versions.actual}: {agrees}"


def reasons_by_weight(review: Review) -> Iterator[tuple[Level, str]]:
    """Give a line for each class of danger, then of caution: its places, and why.

    What the version does not settle comes first, then what demands most.
    """
    found: dict[tuple[Level, str], list[Entry]] = {}
    demands: dict[tuple[Level, str], Bump] = {}
    for entry in review.entries:
        for risk in entry.unwaived:
            # That the version is too low, the first line says.
            if risk.level != "note" and (entry.section != "version" or risk.bump != "none"):
                key: tuple[Level, str] = (risk.level, risk.name)
                found.setdefault(key, []).append(entry)
                demands[key] = max(demands.get(key, "none"), risk.bump, key=BUMPS.index)
    order = sorted(
        found,
        key=lambda key: (
            -LEVELS.index(key[0]),
            all(risk.is_settled for entry in found[key] for risk in entry.unwaived if risk.name == key[1]),
            -BUMPS.index(demands[key]),
            [*_GRAVEST, key[1]].index(key[1]),
            -len(found[key]),
        ),
    )
    for key in order[:_MOST_CLASSES]:
        demand = f" ({demands[key]})" if demands[key] != "none" else ""
        yield key[0], f"{key[1]}{demand}: {_places_and_reason(found[key], key[1])}"
    if left := order[_MOST_CLASSES:]:
        yield left[0][0], f"and {listed([name for _, name in left], _MOST_CLASSES)}"


def _places_and_reason(entries: Sequence[Entry], name: str) -> str:
    """Say where the first reason of a class holds, which it is, and where there are others."""
    by_reason: dict[str, dict[str, None]] = {}
    # What demands most of the version comes first.
    for entry in sorted(entries, key=lambda one: -max(BUMPS.index(r.bump) for r in one.unwaived if r.name == name)):
        for risk in entry.unwaived:
            if risk.name == name:
                by_reason.setdefault(" ".join(risk.reason.split()), {}).update(dict.fromkeys(_places(entry)))
    (reason, places), *others = by_reason.items()
    elsewhere = [place for _, each in others for place in each if place not in places]
    rest = f"; also {listed([*dict.fromkeys(elsewhere)], _MOST_PLACES)}" * bool(elsewhere)
    return f"{listed([*places], _MOST_PLACES)}: {cut(reason, _LONGEST_REASON)}{rest}"


def affected(review: Review) -> str:
    """Say whom the dangers and cautions are about; empty where there are none."""
    groups = affected_groups(review)
    numbers = [str(number) if place else counted(number, "change") for place, (_, number) in enumerate(groups)]
    told = [
        f"{number} {who if who.startswith('where ') else f'{_of(who)} {who}'}"
        for number, (who, _) in zip(numbers, groups, strict=True)
    ]
    left = len(groups) - _MOST_GROUPS
    return "; ".join([*told[:_MOST_GROUPS], *[f"and {left} more"] * (left > 0)])


def _of(who: str) -> str:
    return "for" if who.startswith(("whoever", "everybody")) else "in"


def affected_groups(review: Review) -> list[tuple[str, int]]:
    """Give whom the dangers and cautions are about, and how many of them, the most first."""
    groups: Counter[str] = Counter()
    for entry in review.entries:
        if entry.level in ("danger", "caution") and entry.section != "version":
            groups[_who(entry, review)] += 1
    return groups.most_common()


def restarted(review: Review) -> str:
    """Name the workloads whose pods are replaced, and say what that means; empty for none."""
    for entry in review.entries:
        for risk in entry.risks:
            if risk.name == RESTARTS:
                return f"{listed(entry.subjects, _MOST_PLACES)}: {risk.reason}"
    return ""


def _who(entry: Entry, review: Review) -> str:
    if entry.section in ("values", "schema"):
        is_new = [risk.name for risk in entry.risks] == ["values_key_added"]
        return "whoever reuses values" if is_new else "whoever sets these values"
    if entry.section == "gate":
        return "whoever relies on the gate"
    place = where(entry, review)
    if place == EVERYWHERE:
        return "every scenario"
    return place if place.startswith("where ") else entry.condition or "everybody"


def _places(entry: Entry) -> tuple[str, ...]:
    """Name where it is, in few words."""
    if entry.section in ("values", "schema"):
        return (entry.addresses[0] if entry.addresses else title(entry),)
    if entry.section == "scenarios":
        return entry.scenarios
    if len(entry.subjects) == len(entry.addresses) == 1 and " " not in entry.subjects[0]:
        return (f"{entry.subjects[0]} {entry.addresses[0]}",)  # of a file, which says little
    return entry.subjects


def _demand(entry: Entry) -> Bump:
    return max((risk.bump for risk in entry.risks), key=BUMPS.index, default="none")
