"""What pytest shows of one red item: what, where, expected and actual, and the commands to see it again."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from chartgate.documents.escaping import one_line, terminal_text
from chartgate.documents.words import counted
from chartgate.gate.results.outcome import HEADLINES, Finding, ItemResult, Problem
from chartgate.reports.finding_words import differing_lines, heading, in_baseline, said_lines, severity_words
from chartgate.reports.value_text import short_value, value_lines


def failure_text(result: ItemResult, again: Sequence[str]) -> str:
    """Explain why an item is red; `again` are the commands that show it once more."""
    if result.unjudged:
        return _text(f"scenario {name} did not render: see test_renders[{name}]" for name in result.unjudged)
    lines = [line for problem in result.problems for line in problem_lines(problem)]
    if result.open:
        lines += _policy_lines(result)
    return _text([*lines, *again_lines(again)])


def accepted_text(result: ItemResult) -> str:
    """Say in one line why all findings of an item are accepted: by waivers, in the baseline, or some by each."""
    waivers = dict.fromkeys(str(waiver) for finding in result.waived for waiver in finding.waivers)
    entries = dict.fromkeys(str(finding.baseline) for finding in result.accepted)
    parts = [f"{counted(len(result.waived), 'finding')} waived: {'; '.join(waivers)}"] * bool(result.waived)
    parts += [f"{in_baseline(len(result.accepted))} {'; '.join(entries)}"] * bool(result.accepted)
    return one_line(", ".join(parts))


def tolerated_lines(result: ItemResult) -> list[str]:
    """Tell each finding that makes nothing red in one line."""
    return [
        one_line(
            f"{finding.policy.name} ({finding.severity}): {' '.join(filter(None, (finding.subject, finding.path)))}:"
            f" expected {short_value(finding.expected)}, found {short_value(finding.actual)}"
        )
        for finding in result.tolerated
    ]


def problem_lines(problem: Problem) -> list[str]:
    """Explain what is wrong besides findings."""
    [about] = [f"scenario {case}" for case in problem.cases[:1]] if not problem.subject else [f"{problem.subject}:"]
    return [f"{about} {HEADLINES[problem.kind]}:", "", *said_lines(problem.message)]


def findings_lines(findings: Sequence[Finding]) -> list[str]:
    """List findings, those of one resource together."""
    lines: list[str] = []
    for (subject, scenario), group in itertools.groupby(findings, lambda f: (f.subject, f.scenario)):
        same = list(group)
        named = heading(subject, next((finding.template for finding in same if finding.template), ""))
        lines.append(f"  {named} (scenario {scenario})" if scenario else f"  {named}")
        for finding in same:
            lines += [f"    {finding.path}"] * bool(finding.path)
            lines += value_lines("      expected: ", finding.expected)
            lines += value_lines("      actual:   ", finding.actual)
            lines += differing_lines(finding)
        lines.append("")
    return lines


def again_lines(commands: Sequence[str]) -> list[str]:
    """Head a list of commands."""
    return ["", "see it again:", *(f"  {command}" for command in commands)] if commands else []


def _text(lines: Iterable[str]) -> str:
    return terminal_text(lines).removesuffix("\n")


def _policy_lines(result: ItemResult) -> list[str]:
    policy, [case] = result.open[0].policy, result.open[0].cases
    return [
        f"{policy.name} on {case}: {counted(len(result.open), 'finding')} ({severity_words(result.open)})",
        policy.title,
        "",
        *findings_lines(result.open),
        *([f"waived:     {counted(len(result.waived), 'finding')} more"] if result.waived else []),
        *([f"baseline:   {counted(len(result.accepted), 'finding')} more"] if result.accepted else []),
        f"what to do: {policy.remediation}",
        *([f"spec:       {policy.spec}"] if policy.spec else []),
    ]
