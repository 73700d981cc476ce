"""The gate of one side compared with that of the other: what became weaker, and which code a reader has to look at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.words import listed
from chartgate.errors import InputError
from chartgate.gate.rules.settings import Settings
from chartgate.matrix.choice import Choice
from chartgate.model import Waiver
from chartgate.policy.outlines import PolicyFolder, PolicyOutline
from chartgate.review.review import Entry
from chartgate.review.risks.found_elsewhere import gate_weakened
from chartgate.review.risks.risk_class import risks_in
from chartgate.review.sides import Side
from chartgate.review.weakening.gate_rules import BY_PYTEST, GateRules, rules_of
from chartgate.review.weakening.lost_scenarios import MatrixSide, lost_scenarios
from chartgate.review.weakening.weakened_matrix import weakened_matrix
from chartgate.review.weakening.weakening import Knows, Weakening, Weakenings

_MOST_FILES = 5
_POD_SECURITY = ("privileged", "baseline", "restricted")
_DEFAULT_POD_SECURITY = "baseline"


@dataclass(frozen=True)
class GateChange:
    """The gates of both sides; None where a side does not say what it is judged by."""

    before: GateRules | None = None
    after: GateRules | None = None
    notes: tuple[str, ...] = ()

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """What accepts a weaker gate: waivers that were there before. A change cannot excuse itself."""
        content = self.before.matrix if self.before else None
        found = content.waivers if content else ()
        return tuple(accepted.waiver for accepted in found if accepted.risk == gate_weakened.name)

    def entries(self, used: Collection[str]) -> Iterator[Entry]:
        """Give what became weaker; the same reason at several places of a file is one entry.

        Args:
            used: the classes of risk that the review shows otherwise.
        """
        if self.before is None or self.after is None or not self.before.is_there:
            return
        groups: dict[tuple[str, str, str], list[tuple[Weakening, str]]] = {}
        for weakening in _weakenings(self.before, self.after, used):
            names = (weakening.file, self.after.files.get(weakening.source), self.before.files.get(weakening.source))
            file = next(filter(None, names), weakening.source)
            key = (file, weakening.reason, repr((weakening.before, weakening.after)))
            groups.setdefault(key, []).append((weakening, file))
        for found in groups.values():
            first, file = found[0]
            yield Entry(
                section="gate",
                fate="changed",
                subjects=(file,),
                addresses=tuple(dict.fromkeys(weakening.address for weakening, _ in found)),
                before=first.before,
                after=first.after,
                risks=risks_in(first, [gate_weakened]),
            )


def gate_change(base: Side, head: Side, choice: Choice) -> GateChange:
    """Read the gates of both sides; what cannot be read is a note, since the charts can be compared all the same."""
    notes: list[str] = []
    before, after = _rules(base, choice, notes), _rules(head, choice, notes)
    if before and after and before.is_there and before.is_project and (code := _changed_code(before, after)):
        files = listed(code, _MOST_FILES)
        notes.append(f"Code that decides what is red has changed, which only reading it judges: {files}.")
    return GateChange(before, after, tuple(notes))


def _rules(side: Side, choice: Choice, notes: list[str]) -> GateRules | None:
    try:
        return rules_of(side, choice)
    except InputError as error:
        notes.append(f"What {side.label} is judged by cannot be read, and so is not compared: {side.named(error)}")
        return None


def _weakenings(before: GateRules, after: GateRules, used: Collection[str]) -> Iterator[Weakening]:
    knows = _known_to(before, after)
    if before.is_project and not after.is_project:
        return  # a chart that lies outside of any repository says nothing of what it is judged by
    if before.is_project or not after.is_project:
        yield from _weakened_settings(before.settings, after.settings, knows)
        yield from _dropped_packs(before, after)
        yield from _grown_baseline(before, after, knows)
        yield from _weakened_policies(before, after)
        started, starts = ([f for f in rules.code if not f.endswith(BY_PYTEST)] for rules in (before, after))
        if started and not starts:
            yield Weakening("settings", "", "no workflow, hook or Makefile names it any longer", file=started[0])
        for item in before.items.keys() - after.items.keys():
            yield Weakening("settings", "", f"no test file imports {item} any longer", file=before.items[item])
    if before.matrix is None:
        return
    if after.matrix is None:
        yield Weakening("matrix", "", "the matrix is gone: nothing but the chart's own ci/ files or defaults is judged")
        return
    was, now = before.matrix, after.matrix
    yield from lost_scenarios(MatrixSide(was, before.chart), MatrixSide(now, after.chart))
    yield from weakened_matrix(was, now, knows, used)


def _known_to(before: GateRules, after: GateRules) -> Callable[[str], bool]:
    """Tell which policies judged before: a new one of the project may come with whatever it needs to be green."""
    new = outlines(after).keys() - outlines(before).keys()
    return lambda policy: policy not in new


def outlines(rules: GateRules) -> dict[str, tuple[str, PolicyOutline]]:
    """Give each of a project's own policies, with its file."""
    return {
        name: (_file(folder, outline), outline)
        for folder, content in rules.own.items()
        for name, outline in content.policies.items()
    }


def _weakened_policies(before: GateRules, after: GateRules) -> Weakenings:
    """Give the policies that are gone, or that demand less."""
    now = outlines(after)
    bodies = {outline.body for name, (_, outline) in now.items() if name not in outlines(before)}
    for name, (file, was) in outlines(before).items():
        if name in now:
            yield from _weaker(was, *now[name])
        elif was.body not in bodies:  # else it has another name
            yield Weakening("policies", name, "this policy is gone", file=file)


def _changed_code(before: GateRules, after: GateRules) -> list[str]:
    """Give the files of code that decide what a run finds, as far as both sides have them and they differ."""
    was, now = ({**_digests(rules.own), **rules.code} for rules in (before, after))
    return [file for file in sorted({*was, *now}) if was.get(file) != now.get(file)]


def _weaker(was: PolicyOutline, file: str, now: PolicyOutline) -> Iterator[Weakening]:
    def weakening(reason: str, before: object = ABSENT, after: object = ABSENT) -> Weakening:
        return Weakening("policies", was.name, reason, before, after, file)

    if (was.severity, now.severity) == ("error", "warning"):
        yield weakening("its findings are warnings now", was.severity, now.severity)
    if now.where and not was.where:
        yield weakening(f"it judges only where `{now.where}` holds")
    if now.yields < was.yields:
        yield weakening(f"it yields checks in {now.yields} places, and did in {was.yields}")
    gone = sorted(was.counterexamples - now.counterexamples)
    if len(now.counterexamples) < len(was.counterexamples):
        yield weakening(f"nothing proves any longer that it notices {', '.join(gone)}")


def _digests(own: Mapping[str, PolicyFolder]) -> dict[str, str]:
    return {f"{folder}/{file}": digest for folder, content in own.items() for file, digest in content.digests.items()}


def _file(folder: str, outline: PolicyOutline) -> str:
    return f"{folder}/{outline.file}"


def _weakened_settings(before: Settings, after: Settings, knows: Knows) -> Weakenings:
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


def _dropped_packs(before: GateRules, after: GateRules) -> Weakenings:
    """Give the packs that no longer judge."""
    for pack in sorted(before.packs - after.packs):
        yield Weakening("settings", "policies", f"the pack {pack} no longer judges")


def _grown_baseline(before: GateRules, after: GateRules, knows: Knows) -> Weakenings:
    """Give each finding that is accepted and was not, or was as a warning."""
    known = {(entry.fingerprint, entry.severity) for entry in before.accepted}
    for entry in after.accepted:
        is_known = (entry.fingerprint, entry.severity) in known or (entry.fingerprint, "error") in known
        if not is_known and knows(entry.policy):
            yield Weakening(
                "baseline", entry.fingerprint, f"one more accepted finding, of the severity {entry.severity}"
            )
