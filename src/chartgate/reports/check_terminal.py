"""What `chartgate check` shows a person: what was judged, each cause once, and what makes nothing red."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from chartgate.documents.escaping import terminal_text
from chartgate.documents.words import counted, listed
from chartgate.gate.results.outcome import Outcome
from chartgate.reports.finding_words import (
    in_baseline,
    mended_lines,
    not_judged,
    severity_words,
    tolerated,
)
from chartgate.reports.grouped_causes import choices_of, grouped_lines

_MOST_IDLE = 5


def terminal_report(outcome: Outcome) -> str:
    """Give header, causes as far as they fit on a screen, and a line that sums up; waivers where it is green."""
    waived = [] if outcome.is_red else _waived(outcome)
    return _report(outcome, grouped_lines(outcome, more="`--all` shows them"), waived)


def full_terminal_report(outcome: Outcome) -> str:
    """Give the same with all causes, every value in full, and all commands that show them again."""
    return _report(outcome, grouped_lines(outcome, most=0), _waived(outcome))


def _report(outcome: Outcome, causes: Sequence[str], waived: Iterable[str]) -> str:
    lines = [*header(outcome), "", *causes, *waived]
    lines += list(_baseline(outcome))
    lines += list(_left_out(outcome))
    if outcome.not_judged:
        lines += [not_judged(outcome.not_judged), ""]
    lines += [] if outcome.is_red else _proven(outcome)
    return terminal_text([*lines, summary(outcome)])


def with_durations(report: Callable[[Outcome], str], most: int) -> Callable[[Outcome], str]:
    """Give a report that ends with the policies that took longest to judge, at most so many."""

    def told(outcome: Outcome) -> str:
        slowest = sorted(outcome.seconds.items(), key=lambda taken: (-taken[1], taken[0]))[:most]
        lines = ["slowest:", *(f"  {taken:6.2f} s  {name}" for name, taken in slowest)]
        return report(outcome) + terminal_text(lines)

    return told


def _proven(outcome: Outcome) -> list[str]:
    """Say how much was examined, and which policies had nothing to."""
    looked = len(outcome.cases.keys() - set(outcome.idle))
    lines = [f"examined: {counted(outcome.checks, 'thing')} by {counted(looked, 'policy', 'policies')}"]
    idle = f"nothing to examine: {listed(outcome.idle, _MOST_IDLE)}"
    return [*lines, *[idle] * bool(outcome.idle)]


def header(outcome: Outcome) -> list[str]:
    """Say what was judged, with what, and over how much."""
    chart = outcome.chart
    return [
        f"chart: {chart.name} {chart.version} at {chart.source}; helm {outcome.helm}",
        f"infrastructure: {outcome.infrastructure}, with the external objects and waivers of {outcome.matrix}"
        if outcome.infrastructure
        else f"matrix: {outcome.matrix}",
        *(f"note: {note}" for note in outcome.notes),
    ]


def summary(outcome: Outcome) -> str:
    """Sum up in one line."""
    rendered, refused = (outcome.judged.get(kind, 0) for kind in ("renders", "refused"))
    proved = outcome.judged.get("counterexample", 0)
    work = [counted(outcome.policies, "policy", "policies")]
    work += [f"judged {counted(outcome.judged.get('policy', 0), 'case')}"]
    work += [f"{counted(rendered, 'scenario')} rendered"] * bool(rendered)
    work += [f"{refused} refused"] * bool(refused)
    work += [counted(proved, "counterexample")] * bool(proved)
    work += [f"{counted(len(outcome.idle), 'policy', 'policies')} had nothing to examine"] * bool(outcome.idle)
    choices = len(choices_of(outcome))
    failing, below = (sum(not one.follows for one in every) for every in (outcome.failing, outcome.tolerated))
    found = [counted(failing, "finding")] * bool(failing)
    problems = sum(not problem.is_consequence for problem in outcome.problems)
    found += [counted(problems, "problem")] * bool(problems)
    follows = [one for one in outcome.problems if one.is_consequence and (one.kind != "examines" or one.is_of_nothing)]
    unjudged = len(outcome.unjudged) + len(follows)
    found += [f"{counted(unjudged, 'case')} not judged"] * bool(unjudged)
    told = [tolerated(below - choices, outcome.fail_on)] * (below > choices)
    told += [counted(choices, "choice")] * bool(choices)
    told += [f"{counted(len(outcome.waived), 'finding')} waived"] * bool(outcome.waived)
    told += [in_baseline(len(outcome.accepted))] * bool(outcome.accepted)
    wrong = " and ".join(filter(None, [", ".join(found[:-1]), *found[-1:]])) or "nothing is wrong"
    return f"{', '.join(work)}: {', '.join([wrong, *told])}"


def _waived(outcome: Outcome) -> Iterator[str]:
    counts: dict[tuple[str, str], int] = {}
    for finding in outcome.waived:
        for waiver in finding.waivers:
            counts[finding.policy.name, str(waiver)] = counts.get((finding.policy.name, str(waiver)), 0) + 1
    for (policy, reason), count in counts.items():
        yield f"waived: {counted(count, 'finding')} of {policy}: {reason}"
    yield from [""] * bool(counts)


def _baseline(outcome: Outcome) -> Iterator[str]:
    """Say what the run has done to the baseline, errors first, and what can be taken out of it."""
    report = outcome.baseline
    if report is None:
        return
    for did, entries in (("accepted into", report.added), ("taken out of", report.removed)):
        if entries is not None:
            words = f": {severity_words(entries)}" if entries else ""
            yield f"{did} {report.file}: {counted(len(entries), 'finding')}{words}"
            yield from (f"  {entry.severity:<7}  {entry.fingerprint}" for entry in entries)
            yield ""
    if mended := mended_lines(report.file, report.mended):
        yield from (*mended, "")


def _left_out(outcome: Outcome) -> Iterator[str]:
    yield from (f"left out: {policy}: {why}" for policy, why in outcome.left_out.items())
    yield from [""] * bool(outcome.left_out)
