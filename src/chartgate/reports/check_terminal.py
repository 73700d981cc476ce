"""What `chartgate check` shows a person: each finding once, with all the scenarios that have it."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator, Sequence

from chartgate.documents.escaping import lines_of, terminal_text
from chartgate.documents.words import counted
from chartgate.gate.outcome import HEADLINES, Finding, Outcome, Problem
from chartgate.reports.finding_words import (
    differing_lines,
    in_baseline,
    mended_lines,
    not_judged,
    severity_words,
    tolerated,
)
from chartgate.reports.value_text import value_lines

_WIDTH = 120


def terminal_report(outcome: Outcome) -> str:
    """Give header, problems, findings by policy, what is waived and why, and a line that sums up."""
    lines = [*header(outcome), ""]
    for problem in outcome.problems:
        lines += [*_problem(problem), ""]
    for part in (outcome.failing, outcome.tolerated):
        for _, findings in itertools.groupby(part, lambda finding: finding.policy.name):
            lines += _policy(list(findings))
    lines += list(_unjudged(outcome))
    lines += list(_waived(outcome))
    lines += list(_baseline(outcome))
    lines += list(_left_out(outcome))
    if outcome.not_judged:
        lines += [not_judged(outcome.not_judged), ""]
    return terminal_text([*lines, summary(outcome)])


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
    found = [counted(len(outcome.failing), "finding")] * bool(outcome.failing)
    found += [counted(len(outcome.problems), "problem")] * bool(outcome.problems)
    found += [f"{counted(len(outcome.unjudged), 'case')} not judged"] * bool(outcome.unjudged)
    told = [tolerated(len(outcome.tolerated), outcome.fail_on)] * bool(outcome.tolerated)
    told += [f"{counted(len(outcome.waived), 'finding')} waived"] * bool(outcome.waived)
    told += [in_baseline(len(outcome.accepted))] * bool(outcome.accepted)
    return f"{', '.join(work)}: {', '.join((' and '.join(found) or 'nothing is wrong', *told))}"


def _problem(problem: Problem) -> Iterator[str]:
    head = HEADLINES[problem.kind]
    about = problem.subject or _cases(problem.cases)
    yield problem.summary or f"{about}: {head}"
    yield from (f"  {line}".rstrip(" ") for line in lines_of(problem.message))
    if problem.cases and (problem.subject or problem.summary):
        yield from _wrapped("  in ", _cases(problem.cases))
    yield from _again(problem.again)


def _policy(findings: Sequence[Finding]) -> Iterator[str]:
    policy = findings[0].policy
    yield f"{policy.name}: {counted(len(findings), 'finding')} ({severity_words(findings)})"
    yield policy.title
    yield ""
    for finding in findings:
        yield from _finding(finding)
        yield from _again(finding.again)
        yield ""
    yield f"what to do: {policy.remediation}"
    yield from [f"spec:       {policy.spec}"] * bool(policy.spec)
    yield ""


def _finding(finding: Finding) -> Iterator[str]:
    yield f"  {finding.subject}{f' from {finding.template}' if finding.template else ''}"
    yield from [f"    {finding.path}"] * bool(finding.path)
    yield from value_lines("      expected: ", finding.expected)
    yield from value_lines("      actual:   ", finding.actual)
    yield from differing_lines(finding)
    yield from _wrapped("    in ", _cases(finding.cases))


def _again(commands: Sequence[str]) -> Iterator[str]:
    yield from (f"    see it again: {command}" for command in commands)


def _unjudged(outcome: Outcome) -> Iterator[str]:
    """Say what could not be judged, where its scenarios are not shown as problems of their own."""
    if outcome.unjudged:
        policies = len({policy for policy, _ in outcome.unjudged})
        cases = tuple(dict.fromkeys(case for _, case in outcome.unjudged))
        yield f"not judged by {counted(policies, 'policy', 'policies')}, because helm did not render it:"
        yield from _wrapped("  ", _cases(cases))
        yield ""


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


def _cases(cases: Sequence[str]) -> str:
    return cases[0] if len(cases) == 1 else f"{len(cases)} cases: {', '.join(cases)}"


def _wrapped(head: str, text: str) -> list[str]:
    indent = " " * (len(head) - len(head.lstrip()) + 2)
    return textwrap.wrap(
        text, _WIDTH, initial_indent=head, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
