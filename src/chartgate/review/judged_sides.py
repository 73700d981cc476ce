"""What HEAD's policies say of both sides: findings that only HEAD has are entries, those that only BASE had are a note.

What a policy says of one side is told by its policy; a class of risk is for what only the two sides show together.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Sequence, Set
from dataclasses import dataclass

from chartgate.documents.addresses import ABSENT
from chartgate.documents.words import counted, cut, listed
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.gate.gate import Gate
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import Finding, Outcome
from chartgate.gate.run import Progress, Selection, run
from chartgate.matrix.conditions import Conditions
from chartgate.model import Scenario
from chartgate.policy.policy import WHOLE_MATRIX, Policy
from chartgate.review.means import Means, Notify
from chartgate.review.plan import ReviewPlan
from chartgate.review.review import Entry
from chartgate.review.risks.found_elsewhere import finding_risk
from chartgate.review.same_findings import SameFindings
from chartgate.review.side_gates import Judges, SideGates
from chartgate.review.sides import Side

_MOST, _LONGEST, _MOST_NAMES = 5, 160, 2
_FEW_CASES = 2
"""Cases of one scenario: a policy that has more tries each of its keys or switches."""
_MADE_BY_USERS = ("Secret", "ConfigMap", "PersistentVolumeClaim", "ServiceAccount")
_Part = tuple[Sequence[Scenario], Sequence[Policy]]
_GateOf = Callable[[int, Sequence[Scenario], Sequence[Policy]], Gate]


@dataclass(frozen=True)
class JudgedSides:
    """What comes of judging both sides."""

    entries: tuple[Entry, ...] = ()
    notes: tuple[str, ...] = ()


def judged(
    sides: tuple[Side, Side],
    compared: Sequence[Scenario],
    plan: ReviewPlan,
    judges: Judges,
    means: Means,
    renames: Collection[tuple[str, str]] = (),
    turned: Sequence[Scenario] = (),
) -> JudgedSides:
    """Judge both sides by the same policies, in the scenarios that both render.

    Args:
        sides: BASE and HEAD.
        compared: the scenarios, as they are for HEAD.
        plan: has them as they are for BASE.
        judges: what judges; the waivers of HEAD's matrix count for both.
        means: what renders them; what was compared is not rendered again.
        renames: the old and new names of objects that are the same: what was found of the one is not new of the other.
        turned: the scenarios that turn a switch behind which something changes; policies on one rendering judge these,
            those that compare it with few others, and those on all renderings.

    Raises:
        ToolError: helm or kubectl is missing or hangs.
    """
    if not compared or not judges.policies:
        return JudgedSides()
    gate_of = SideGates(sides, compared, plan, judges, means).gate
    policies, unfit = _fitting((gate_of(0, compared, ()), gate_of(1, compared, ())), judges.policies)
    alone = [policy for policy in policies if policy.over is None and _is_cheap(policy)]
    few = _comparing_few(gate_of(1, turned[:1], ()), policies) if turned else []
    parts = _parts(compared, turned, policies, [*alone, *few])
    told = functools.partial(_told, means.notify, 2 * len(parts), 2 * len(parts) * len(policies))
    # One after the other, and with renderings of its own: those of both sides together would fill the memory.
    outcomes = [list(_run(number, parts, gate_of, told)) for number in range(len(sides))]
    new, gone = _new_and_gone(outcomes, SameFindings(sides[0].chart, sides[1].chart, renames))
    names, names_of_turned = ([scenario.name for scenario in part] for part in (compared, turned))
    describe = plan.turned.described(Conditions({scenario.name: scenario.traits for scenario in compared}))
    found = _once(new, {policy.name for policy in alone}, frozenset(names_of_turned))
    of_turned = [policy for _, those in parts[1:] for policy in those]
    return JudgedSides(
        entries=tuple(_entry(finding, describe, [*names, *names_of_turned], names) for finding in found),
        notes=(
            *_notes_on_gone(gone),
            *(note for outcome in outcomes[1] for note in _notes_on_crashes(outcome)),
            *unfit,
            *_notes_on_turned(turned, [policy for policy in policies if policy not in of_turned]),
        ),
    )


def _parts(
    compared: Sequence[Scenario], turned: Sequence[Scenario], policies: Sequence[Policy], of_turned: Sequence[Policy]
) -> list[_Part]:
    """Give which policies judge which scenarios, one after the other."""
    if not turned:
        return [(compared, policies)]
    whole = [policy for policy in policies if policy.judges_all_at_once]
    return [
        (compared, [policy for policy in policies if policy not in whole]),
        ((*compared, *turned), whole),
        (turned, of_turned),
    ]


def _run(number: int, parts: Sequence[_Part], gate_of: _GateOf, told: Callable[[int], Progress]) -> Iterator[Outcome]:
    """Give what a side comes to, part by part."""
    for place, (scenarios, policies) in enumerate(parts):
        gate = gate_of(number, scenarios, policies)
        yield run(gate, Selection(), told(len(parts) * number + place))
        gate.memory.hand_on()
        del gate


def _new_and_gone(outcomes: Sequence[Sequence[Outcome]], same: SameFindings) -> tuple[list[Finding], list[Finding]]:
    """Give what only HEAD has, and what only BASE had; what is waived on the other side is no news."""
    was, now = ([f for outcome in of_side for f in (*outcome.findings, *outcome.waived)] for of_side in outcomes)
    newly, no_longer = same.new(now, was), same.gone(was, now)
    # What is found where no switch is turned comes first, and is not told again where one is.
    gone, new = (
        {(f.fingerprint, f.severity): f for outcome in reversed(of_side) for f in outcome.findings}
        for of_side in outcomes
    )
    return (
        [finding for (text, _), finding in new.items() if text in newly],
        [finding for (text, _), finding in gone.items() if text in no_longer],
    )


def _once(found: Sequence[Finding], alone: Collection[str], turned: Set[str]) -> Iterator[Finding]:
    """Leave out what is told by another policy, and names that whoever turns a switch has to give.

    Some that compare say what those of one rendering say where a switch is turned.
    """
    places = {(finding.subject, finding.path) for finding in found if finding.policy.name in alone}
    for finding in found:
        is_told = finding.policy.name not in alone and (finding.subject, finding.path) in places
        is_nameless = finding.asked is not None and finding.asked.name in ("", "None")
        if not is_told and not (is_nameless and turned >= {*finding.cases}):
            yield finding


def _is_cheap(policy: Policy) -> bool:
    """Tell whether what a policy judges is rendered once, and nothing more for what it finds there."""
    return policy.explores is None and not policy.rerenders


def _comparing_few(gate: Gate, policies: Sequence[Policy]) -> list[Policy]:
    """Give the policies that compare a scenario with a few others, such as another release of the same values."""
    judgement = Judgement(gate)
    comparing = [
        policy for policy in policies if policy.over is not None and not policy.judges_all_at_once and _is_cheap(policy)
    ]
    return [policy for policy in comparing if len(judgement.cases(policy)) <= _FEW_CASES]


def _fitting(gates: tuple[Gate, Gate], policies: Sequence[Policy]) -> tuple[list[Policy], list[str]]:
    """Give the policies that can choose their cases on both sides, and a note on the others."""
    fitting, notes, foreign = [], [], []
    for policy in policies:
        starts = {name for example in policy.counterexamples for name in example.scenarios}
        if not all(starts <= gate.matrix.scenarios.keys() for gate in gates):
            foreign.append(policy.name)
            continue
        try:
            for gate in gates:
                Judgement(gate).cases(policy)
        except InputError as error:
            notes.append(f"{error}: it judges neither side.")
        else:
            fitting.append(policy)
    if foreign:
        which = f"{counted(len(foreign), 'policy', 'policies')} ({listed(foreign, _MOST_NAMES)})"
        notes.append(
            f"{which} start from scenarios that {gates[1].matrix.source} does not have: they judge neither side."
        )
    return fitting, notes


def _told(notify: Notify | None, parts: int, total: int, part: int) -> Progress:
    """Give what is told of the progress of one part: as a share of all."""

    def told(_what: str, done: int, of: int, _found: object) -> None:
        if notify is not None and of:
            notify(part * total // parts + done * (total // parts) // of, total)

    return told


def _entry(
    finding: Finding, describe: Callable[[Sequence[str]], str], compared: Sequence[str], whole: Sequence[str]
) -> Entry:
    # What is found of all scenarios together is found in each.
    known = set(whole) if WHOLE_MATRIX in finding.cases else _origins(finding, compared)
    scenarios = tuple(name for name in compared if name in known)
    expected, actual = (_short(value) for value in (finding.expected, finding.actual))
    reason = f"{finding.policy.name}: expected {expected}, found {actual}"
    return Entry(
        section="resources",
        fate="changed",
        subjects=(finding.subject.partition(" (")[0],),
        addresses=(finding.path,) if finding.path else (),
        before=ABSENT,
        after=ABSENT,
        risks=(finding_risk(finding.severity, reason, "major" if _is_for_users_to_make(finding) else None),),
        scenarios=scenarios,
        condition=describe(scenarios) if scenarios else listed(finding.cases, _MOST),
    )


def _is_for_users_to_make(finding: Finding) -> bool:
    is_wholly_missing = str(finding.actual).startswith("not there")
    return is_wholly_missing and finding.asked is not None and finding.asked.kind in _MADE_BY_USERS


def _origins(finding: Finding, compared: Sequence[str]) -> set[str]:
    """Give the scenarios of the matrix that a finding is of, or that its scenarios are derived from."""
    parts = [part for case in finding.cases for part in case.split("..")]
    return {name for name in compared for part in parts if part == name or part.startswith(f"{name}.")}


def _short(value: object) -> str:
    """Write a value in a line, as YAML what is no text."""
    is_data = isinstance(value, bool | dict | list) or value is None
    return cut(" ".join((go_yaml.dump_line(value) if is_data else str(value)).split()), _LONGEST)


def _notes_on_gone(gone: Sequence[Finding]) -> Iterator[str]:
    if gone:
        named = listed(list(dict.fromkeys(f"{f.policy.name} ({f.subject.partition(' (')[0]})" for f in gone)), _MOST)
        yield f"{counted(len(gone), 'finding')} of BASE {'is' if len(gone) == 1 else 'are'} gone in HEAD: {named}."


def _notes_on_turned(turned: Sequence[Scenario], left_out: Sequence[Policy]) -> Iterator[str]:
    if turned and left_out:
        which = f"{counted(len(left_out), 'policy', 'policies')} ({listed([p.name for p in left_out], _MOST_NAMES)})"
        yield f"{which} try each key or switch by themselves: where another switch is turned, they judge neither side."


def _notes_on_crashes(outcome: Outcome) -> Iterator[str]:
    for problem in outcome.problems:
        if problem.kind == "crash":
            yield f"{problem.subject} fails itself, and says nothing here: {problem.message}"
