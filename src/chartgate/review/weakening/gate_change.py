"""The gate of one side compared with that of the other: what became weaker, and which code a reader has to look at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from chartgate.documents.words import listed
from chartgate.errors import InputError
from chartgate.matrix.choice import Choice
from chartgate.model import Waiver
from chartgate.review.review import Entry
from chartgate.review.risks.found_elsewhere import gate_weakened
from chartgate.review.risks.risk_class import risks_in
from chartgate.review.sides import Side
from chartgate.review.weakening.gate_rules import BY_PYTEST, GateRules, rules_of
from chartgate.review.weakening.lost_scenarios import MatrixSide, lost_scenarios
from chartgate.review.weakening.weakened_matrix import weakened_matrix
from chartgate.review.weakening.weakened_policies import changed_code, outlines, weakened_policies
from chartgate.review.weakening.weakened_settings import dropped_packs, grown_baseline, weakened_settings
from chartgate.review.weakening.weakening import Weakening

_MOST_FILES = 5


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
    if before and after and before.is_there and before.is_project and (code := changed_code(before, after)):
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
    is_known = before.is_project or not after.is_project
    if is_known:
        yield from weakened_settings(before.settings, after.settings, knows)
        yield from dropped_packs(before, after)
        yield from grown_baseline(before, after, knows)
        yield from weakened_policies(before, after)
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
