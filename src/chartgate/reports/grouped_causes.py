"""What is red, short and in order: what does not render, what else is wrong, then the findings place by place.

Findings about one place of one resource are together, whatever policies they are of; errors come before warnings. What
only follows from what is told already is counted in one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chartgate.documents.escaping import lines_of
from chartgate.documents.words import counted
from chartgate.gate.outcome import HEADLINES, Finding, Problem, WhatIsRed, order_of
from chartgate.reports.finding_words import differing_lines, heading, place_words, severity_words, source_words
from chartgate.reports.value_text import value_lines

MOST_LINES = 60
"""What one takes in at a glance; the first cause is told in any case."""
_MOST_OF_A_VALUE = 8
_MOST_OF_A_MESSAGE = 12
_MOST_OF_A_LINE = 500
"""Five rows of a terminal: policies that fail may say all that they had at hand."""


@dataclass(frozen=True)
class Block:
    """One cause, or several at one place."""

    lines: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def grouped_lines(red: WhatIsRed, most: int = MOST_LINES, more: str = "") -> list[str]:
    """Tell all causes.

    Args:
        red: what is wrong.
        most: how many lines to give, about; 0 for no limit, neither of causes nor of long values.
        more: how to see what is left out.
    """
    blocks = [
        *(Block(tuple(_problem(problem, most))) for problem in red.problems if not problem.is_consequence),
        *_findings(red.failing, most),
        *_findings(red.tolerated, most),
    ]
    lines: list[str] = []
    for number, block in enumerate(blocks):
        if most and lines and len(lines) + len(block.lines) > most:
            lines += [f"and {_count(blocks[number:])} more: {more}", ""]
            break
        lines += [*block.lines, ""]
    return [*lines, *_consequences(red)]


def _count(blocks: Sequence[Block]) -> str:
    findings = [finding for block in blocks for finding in block.findings]
    problems = sum(not block.findings for block in blocks)
    words = [counted(problems, "problem")] * bool(problems)
    words += [f"{counted(len(findings), 'finding')} ({severity_words(findings)})"] * bool(findings)
    return " and ".join(words)


def _problem(problem: Problem, most: int) -> Iterator[str]:
    head = problem.summary or HEADLINES[problem.kind]
    is_one = len(problem.cases) == 1 and not problem.subject
    about = problem.subject or (problem.cases[0] if is_one else "")
    yield f"{about}: {head}" if about and not problem.summary else head
    yield from (f"  {line}".rstrip(" ") for line in _cut(lines_of(problem.message), most and _MOST_OF_A_MESSAGE))
    yield from [f"  {place_words(problem.written)}"] * bool(place_words(problem.written))
    yield from [f"  {problem.where}"] * bool(problem.where and not is_one and not problem.summary)
    yield from _again(problem.again, most)


def _findings(findings: Sequence[Finding], most: int) -> Iterator[Block]:
    """Give a block for each place; what a policy is about is said the first time only."""
    places: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in sorted(findings, key=order_of):
        places.setdefault((finding.subject, finding.template, finding.path), []).append(finding)
    known: set[str] = set()
    for (subject, template, path), same in places.items():
        lines = [heading(subject, template), *[f"  {path}"] * bool(path)]
        source = source_words(same[0].written)
        lines += [f"  {source}"] * bool(source)
        for number, finding in enumerate(same):
            policy = finding.policy
            is_new = policy.name not in known
            known.add(policy.name)
            lines.append(f"  {finding.severity}: {policy.name}{f': {policy.title}' if is_new else ''}")
            lines += _cut(value_lines("      expected: ", finding.expected), most and _MOST_OF_A_VALUE)
            lines += _cut(value_lines("      actual:   ", finding.actual), most and _MOST_OF_A_VALUE)
            lines += differing_lines(finding)
            lines += [f"    what to do: {policy.remediation}"] * is_new
            lines += [f"    spec:       {policy.spec}"] * bool(policy.spec and is_new)
            is_last = number + 1 == len(same)
            if finding.where and (is_last or same[number + 1].where != finding.where):
                lines.append(f"    {finding.where}")
        lines += _again(same[0].again, most)
        yield Block(tuple(lines), tuple(same))


def _again(commands: Sequence[str], most: int) -> Iterator[str]:
    yield from (f"    see it again: {command}" for command in (commands[:1] if most else commands))


def _cut(lines: Sequence[str], most: int) -> list[str]:
    """Give the first lines, and the beginning of those that are long, and say how much there is besides."""
    if not most:
        return list(lines)
    shown = [_shortened(line) for line in lines]
    if len(shown) <= most + 1:
        return shown
    indent = " " * (len(lines[most]) - len(lines[most].lstrip()))
    return [*shown[:most], f"{indent}... and {len(lines) - most} more lines"]


def _shortened(line: str) -> str:
    more = len(line) - _MOST_OF_A_LINE
    return f"{line[:_MOST_OF_A_LINE]}... and {more} more characters" if more > 0 else line


def _consequences(red: WhatIsRed) -> Iterator[str]:
    """Count what follows from a scenario that does not render."""
    refusals = sum(problem.is_consequence for problem in red.problems)
    policies = len({policy for policy, _ in red.unjudged})
    cases = counted(len(red.unjudged), "case")
    parts = [f"{cases} of {counted(policies, 'policy', 'policies')}"] * bool(policies)
    parts += [f"{counted(refusals, 'refusal')}"] * bool(refusals)
    if parts:
        yield f"not judged, because helm did not render it: {' and '.join(parts)}"
        yield ""
