"""The first lines of a review: what it demands, why, who is affected, and what restarts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chartgate.documents.words import counted, listed
from chartgate.reports.review_points import RESTARTS
from chartgate.reports.review_words import EVERYWHERE, title, where
from chartgate.review.review import BUMPS, LEVELS, Bump, Entry, Level, Review

_GRAVEST = ("data_loss", "immutable", "values_refused")
"""What nothing brings back, and what stops the upgrade: before all else that demands as much."""
_MOST_CLASSES = 4
_MOST_PLACES = 3
_MOST_GROUPS = 3


def verdict(review: Review) -> str:
    """Say which part of the version the changes demand, and whether it was raised: what is asked first."""
    versions = review.versions
    if versions.required == "none" and review.tool_change:
        return f"the same chart, {'and it renders otherwise' if review.entries else 'nothing changes'}"
    if versions.required == "none":
        return "nothing changes" if not review.entries else "nothing changes in the chart"
    needs = f"needs {versions.enough}"
    if versions.actual is None:
        return f"{needs}; {versions.after} is not higher"
    if versions.actual == "none":
        unknown = ", and there are no tags to tell whether it is released" if versions.is_released is None else ""
        return f"{needs}; it is still {versions.after}{', which is released' if versions.is_released else unknown}"
    number = sum(_demand(entry) == versions.required for entry in review.entries)
    agrees = "enough" if versions.is_enough else counted(number, "reason")
    return f"{needs}; {versions.after} is a {versions.actual}: {agrees}"


def reasons_by_weight(review: Review) -> Iterator[tuple[Level, str]]:
    """Give a line for each class of danger, then of caution, the one that demands most first: its places."""
    found: dict[tuple[Level, str], list[Entry]] = {}
    demands: dict[tuple[Level, str], Bump] = {}
    for entry in review.entries:
        for risk in entry.unwaived:
            if risk.level != "note" and entry.section != "version":
                key: tuple[Level, str] = (risk.level, risk.name)
                found.setdefault(key, []).append(entry)
                demands[key] = max(demands.get(key, "none"), risk.bump, key=BUMPS.index)
    order = sorted(
        found,
        key=lambda key: (
            -LEVELS.index(key[0]),
            -BUMPS.index(demands[key]),
            [*_GRAVEST, key[1]].index(key[1]),
            -len(found[key]),
        ),
    )
    for key in order[:_MOST_CLASSES]:
        demand = f" ({demands[key]})" if demands[key] != "none" else ""
        places = dict.fromkeys(place for entry in found[key] for place in _places(entry))
        yield key[0], f"{key[1]}{demand}: {listed([*places], _MOST_PLACES)}"
    if left := order[_MOST_CLASSES:]:
        yield left[0][0], f"and {listed([name for _, name in left], _MOST_CLASSES)}"


def affected(review: Review) -> str:
    """Say whom the dangers and cautions are about; empty where there are none."""
    return listed([f"{who}: {number}" for who, number in affected_groups(review)], _MOST_GROUPS)


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
        return "whoever sets these values"
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
    return entry.subjects


def _demand(entry: Entry) -> Bump:
    return max((risk.bump for risk in entry.risks), key=BUMPS.index, default="none")
