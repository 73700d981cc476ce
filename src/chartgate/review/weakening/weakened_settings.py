"""What the settings and the baseline demanded, and no longer do."""

from __future__ import annotations

from collections.abc import Callable

from chartgate.documents.addresses import ABSENT, join
from chartgate.gate.rules.settings import Settings
from chartgate.review.weakening.gate_rules import GateRules
from chartgate.review.weakening.weakening import Weakening, Weakenings

_POD_SECURITY = ("privileged", "baseline", "restricted")
_DEFAULT_POD_SECURITY = "baseline"

Knows = Callable[[str], bool]
"""Tells whether a policy judged before: what is said of a new one takes nothing away."""


def weakened_settings(before: Settings, after: Settings, knows: Knows) -> Weakenings:
    """Give what the settings of a side no longer demand."""
    if (before.fail_on, after.fail_on) == ("warning", "error"):
        yield Weakening("settings", "fail_on", "warnings no longer make a run red", "warning", "error")
    for name, reason in after.disable.items():
        if name not in before.disable and knows(name):
            yield Weakening("settings", join("disable", name), "this policy no longer judges", ABSENT, reason)
    for name, change in after.severity.items():
        was = before.severity.get(name)
        if change.to == "warning" and (was is None or was.to == "error") and knows(name):
            shown = was.to if was else ABSENT
            yield Weakening("settings", join("severity", name), "its findings are warnings now", shown, change.to)
    for name, was in before.severity.items():
        if was.to == "error" and name not in after.severity:
            yield Weakening("settings", join("severity", name), "its findings are no longer errors by this", "error")
    levels = [rules.pod_security or _DEFAULT_POD_SECURITY for rules in (before, after)]
    if _POD_SECURITY.index(levels[1]) < _POD_SECURITY.index(levels[0]):
        level = after.pod_security or ABSENT
        yield Weakening("settings", "pod_security", "a laxer standard is demanded of pods", before.pod_security, level)
    if before.guard_packs and not after.guard_packs:
        yield Weakening("settings", "guard_packs", "a policy may examine nothing and stay green", True, False)


def dropped_packs(before: GateRules, after: GateRules) -> Weakenings:
    """Give the packs that no longer judge."""
    for pack in sorted(before.packs - after.packs):
        yield Weakening("settings", "policies", f"the pack {pack} no longer judges")


def grown_baseline(before: GateRules, after: GateRules, knows: Knows) -> Weakenings:
    """Give each finding that is accepted and was not, or was as a warning."""
    known = {(entry.fingerprint, entry.severity) for entry in before.accepted}
    for entry in after.accepted:
        is_known = (entry.fingerprint, entry.severity) in known or (entry.fingerprint, "error") in known
        if not is_known and knows(entry.policy):
            yield Weakening(
                "baseline", entry.fingerprint, f"one more accepted finding, of the severity {entry.severity}"
            )
