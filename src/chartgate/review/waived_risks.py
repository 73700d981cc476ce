"""Risks that are waived: the waivers of the matrix that are about classes of risk, laid on entries."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from chartgate.errors import InputError
from chartgate.model import Check, Waiver
from chartgate.review.review import Entry, Risk, Versions
from chartgate.review.risks.risk_classes import CLASSES


def check_waivers(waivers: Iterable[Waiver]) -> None:
    """Raise InputError where a waiver names no class of risk."""
    for waiver in waivers:
        if waiver.policy not in CLASSES:
            raise InputError(f"a waiver is about the risk {waiver.policy!r}; accepted: {', '.join(CLASSES)}")


def with_waivers(entry: Entry, waivers: Sequence[Waiver]) -> Entry:
    """Note which risks of an entry are accepted: by a waiver that fits every object and scenario of it."""
    risks = tuple(
        dataclasses.replace(risk, waiver=next((w for w in waivers if _accepts(w, risk, entry)), None))
        for risk in entry.risks
    )
    return dataclasses.replace(entry, risks=risks)


def _accepts(waiver: Waiver, risk: Risk, entry: Entry) -> bool:
    return all(
        waiver.accepts(risk.name, scenario, Check(subject, address, None, None, passed=False))
        for subject in entry.subjects
        for address in entry.addresses or ("",)
        for scenario in entry.scenarios or ("",)
    )


NEVER_SETTLED = frozenset(
    [
        *("data_loss", "storage", "rbac_widened", "security_loosened", "exposed", "gate_weakened", "new_finding"),
        *("unstable", "version_not_raised", "version_too_low", "app_version_inconsistent"),
    ]
)
"""The classes that are no break of compatibility: no version makes them right, a waiver accepts them."""


def settled(entry: Entry, versions: Versions) -> Entry:
    """Note which risks the version settles: where it is raised by all that the changes demand, by a major one say."""
    if versions.actual in (None, "none") or not versions.is_enough:
        return entry
    risks = tuple(dataclasses.replace(risk, is_settled=risk.name not in NEVER_SETTLED) for risk in entry.risks)
    return dataclasses.replace(entry, risks=risks)


def notes_on_unused(waivers: Iterable[Waiver], entries: Iterable[Entry]) -> Iterator[str]:
    """Say which waivers accept nothing in these entries."""
    used = {risk.waiver for entry in entries for risk in entry.risks}
    for waiver in waivers:
        if waiver not in used:
            yield f"The waiver of {waiver.policy} accepts nothing: {waiver}."
