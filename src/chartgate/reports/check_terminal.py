"""What `chartgate check` shows a person: each finding once, with all the scenarios that have it."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator, Sequence

from chartgate.gate.outcome import Finding, Outcome, Problem
from chartgate.reports.pytest_failure import value_lines

_HEADS = {
    "renders": "must render, but it does not",
    "refused": "must be refused, but it is not, or in other words",
    "crash": "the policy itself fails",
    "examines": "the policy proves nothing",
    "waiver": "the waiver is wrong",
    "target_revision": "another version is deployed",
    "placeholder": "the secret and the values do not fit together",
}
_WIDTH = 120


def terminal_report(outcome: Outcome) -> str:
    """Give header, problems, findings by policy, what is waived and why, and a line that sums up."""
    lines = [*header(outcome), ""]
    for problem in outcome.problems:
        lines += [*_problem(problem), ""]
    for _, entries in itertools.groupby(outcome.findings, lambda entry: entry.policy.name):
        lines += _policy(list(entries))
    lines += list(_unjudged(outcome))
    lines += list(_waived(outcome))
    return "\n".join([*lines, summary(outcome)]) + "\n"


def header(outcome: Outcome) -> list[str]:
    """Say what was judged, with what, and over how much."""
    session = outcome.gate.session
    chart, matrix = session.chart, session.matrix
    return [
        f"chart: {chart.name} {chart.version} at {chart.source}; helm {session.renderings.tools.helm_version}",
        f"infrastructure: {session.infrastructure}, with the external objects and waivers of {matrix.source}"
        if session.infrastructure
        else f"matrix: {matrix.source}",
    ]


def summary(outcome: Outcome) -> str:
    """Sum up in one line."""
    work = [_count(len(outcome.policies), "policy", "policies"), f"judged {_count(outcome.judged, 'case')}"]
    work += [f"{_count(outcome.rendered, 'scenario')} rendered"] * bool(outcome.rendered)
    work += [f"{outcome.refused} refused"] * bool(outcome.refused)
    found = [_count(len(outcome.findings), "finding")] * bool(outcome.findings)
    found += [_count(len(outcome.problems), "problem")] * bool(outcome.problems)
    waived = f", {_count(len(outcome.waived), 'finding')} waived" if outcome.waived else ""
    return f"{', '.join(work)}: {' and '.join(found) or 'nothing is wrong'}{waived}"


def _problem(problem: Problem) -> Iterator[str]:
    head = _HEADS[problem.kind]
    yield f"{problem.subject}: {head}" if problem.subject else f"{_cases(problem.cases)}: {head}"
    yield from textwrap.indent(problem.message, "  ").splitlines()
    if problem.subject and problem.cases:
        yield from _wrapped("  in ", _cases(problem.cases))
    yield from _again(problem.again)


def _policy(entries: Sequence[Finding]) -> Iterator[str]:
    policy = entries[0].policy
    yield f"{policy.name}: {_count(len(entries), 'finding')} ({policy.severity})"
    yield policy.title
    yield ""
    for entry in entries:
        yield from _entry(entry)
        yield from _again(entry.again)
        yield ""
    yield f"what to do: {policy.remediation}"
    yield from [f"spec:       {policy.spec}"] * bool(policy.spec)
    yield ""


def _entry(entry: Finding) -> Iterator[str]:
    finding = entry.finding
    yield f"  {finding.subject}{f' from {finding.template}' if finding.template else ''}"
    yield from [f"    {finding.path}"] * bool(finding.path)
    yield from value_lines("      expected: ", finding.expected)
    yield from value_lines("      actual:   ", finding.actual)
    yield from _wrapped("    in ", _cases(entry.cases))


def _again(commands: Sequence[str]) -> Iterator[str]:
    yield from (f"    see it again: {command}" for command in commands)


def _unjudged(outcome: Outcome) -> Iterator[str]:
    """Say what could not be judged, where its scenarios are not shown as problems of their own."""
    if outcome.unjudged:
        policies = len({policy for policy, _ in outcome.unjudged})
        cases = tuple(dict.fromkeys(case for _, case in outcome.unjudged))
        yield f"not judged by {_count(policies, 'policy', 'policies')}, because helm did not render it:"
        yield from _wrapped("  ", _cases(cases))
        yield ""


def _waived(outcome: Outcome) -> Iterator[str]:
    counts: dict[tuple[str, str], int] = {}
    for entry in outcome.waived:
        for waiver in entry.waivers:
            counts[entry.policy.name, str(waiver)] = counts.get((entry.policy.name, str(waiver)), 0) + 1
    for (policy, reason), count in counts.items():
        yield f"waived: {_count(count, 'finding')} of {policy}: {reason}"
    yield from [""] * bool(counts)


def _cases(cases: Sequence[str]) -> str:
    return cases[0] if len(cases) == 1 else f"{len(cases)} cases: {', '.join(cases)}"


def _wrapped(head: str, text: str) -> list[str]:
    indent = " " * (len(head) - len(head.lstrip()) + 2)
    return textwrap.wrap(
        text, _WIDTH, initial_indent=head, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one}" if number == 1 else f"{number} {many or one + 's'}"
