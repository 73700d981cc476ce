"""What is red, short and in order: what does not render, what else is wrong, then the findings place by place.

Findings about one place of one resource are together, whatever policies they are of; errors come before warnings. What
only follows from what is told already is counted in one line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chartgate.documents.words import counted, listed
from chartgate.gate.results.outcome import HEADLINES, HOOK_FAILS, Finding, Problem, WhatIsRed, order_of
from chartgate.reports.finding_words import (
    consequence_words,
    differing_lines,
    following,
    heading,
    place_words,
    said_lines,
    severity_words,
    source_words,
)
from chartgate.reports.value_text import value_lines

MOST_LINES = 50
"""With what stands before and after them, the sixty of a screen; the first cause is told in any case."""
_MOST_OF_A_VALUE = 8
_MOST_OF_A_MESSAGE = 12
_LAST = 4
"""Lines of a message behind what is left out: helm says last where it stops, and why."""
_MOST_OF_A_LINE = 500
"""Five rows of a terminal: policies that fail may say all that they had at hand."""
_MOST_IDLE = 4
_MOST_OF_A_CHOICE = 160
_RENDER = " --render"
_AGAIN = "    see it again: "
_MOST_PLACES = 3
"""Of those at which one line is told the same."""
OF_THE_GATE = ("examines", "counterexample", "waiver")
"""Problems of what is written beside the chart: a finding often is their cause, and says more."""


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
    told = [one for one in red.problems if not one.is_consequence or (one.is_of_nothing and not most)]
    follows = following(red.open) if most else {}
    blocks = [
        *(Block(tuple(_problem(problem, most))) for problem in told if problem.kind not in OF_THE_GATE),
        *_findings(red.failing, follows, most, more),
        *(Block(tuple(_problem(problem, most))) for problem in told if problem.kind in OF_THE_GATE),
        *_findings([one for one in red.tolerated if not (most and one.policy.is_choice)], follows, most, more),
    ]
    lines: list[str] = []
    again = ""
    for number, block in enumerate(blocks):
        # What shows one again shows the next ones as well.
        own = [line for line in block.lines if not most or line != again]
        if most and lines and len(lines) + len(own) > most:
            lines += [f"and {_count(blocks[number:])} more: {more}", ""]
            break
        lines += [*own, ""]
        again = next((line for line in own[::-1] if line.startswith(_AGAIN)), again)
    return [*lines, *(_choices(choices_of(red), more) if most else ()), *_consequences(red, most)]


def choices_of(red: WhatIsRed) -> list[Finding]:
    """Give what makes nothing red, and a chart may well mean."""
    return [one for one in red.tolerated if one.policy.is_choice and not one.follows]


def _choices(choices: Sequence[Finding], more: str) -> Iterator[str]:
    """Tell in a line each what a chart may well mean, and how all of it is accepted."""
    if not choices:
        return
    yield f"what a chart may well mean, {counted(len(choices), 'warning')}, in a line each: {more}"
    for one in choices:
        place = " ".join(filter(None, (one.subject.partition(" (")[0], one.path)))
        expected = " ".join(line.strip() for line in value_lines("", one.expected)).strip()
        yield f"  {one.policy.name}: {place}: expected {expected}"[:_MOST_OF_A_CHOICE]
    names = " ".join(dict.fromkeys(one.policy.name for one in choices))
    again = next((command for one in choices for command in one.again if _RENDER in command), "")
    yield f"  accept them: chartgate check {names}{again.partition(_RENDER)[2]} --accept --who=... --why=..."
    yield ""


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
    said = said_lines(problem.message)
    yield from (f"  {line}".rstrip(" ") for line in _cut(said, most and _MOST_OF_A_MESSAGE, _LAST))
    yield from [f"  {place_words(problem.written)}"] * bool(place_words(problem.written))
    yield from [f"  {problem.where}"] * bool(problem.where and not is_one and not problem.summary)
    yield from _again(problem.again, most)


def _findings(
    findings: Sequence[Finding], follows: Mapping[str, Sequence[Finding]], most: int, more: str
) -> Iterator[Block]:
    """Give a block for each place, or for all in which one line is told the same; each policy's title comes once."""
    known: set[str] = set()
    for same, *likewise in by_cause(one for one in findings if not (most and one.follows)):
        subject, template, path = same[0].subject, same[0].template, same[0].path
        lines = [heading(subject, template), *[f"  {path}"] * bool(path)]
        source = source_words(same[0].written)
        lines += [f"  {source}"] * bool(source)
        told = _alike(same)
        for number, (finding, *others) in enumerate(told):
            policy = finding.policy
            is_new = policy.name not in known
            known.add(policy.name)
            lines.append(f"  {finding.severity}: {policy.name}{f': {policy.title}' if is_new else ''}")
            lines += _cut(value_lines("      expected: ", finding.expected), most and _MOST_OF_A_VALUE)
            lines += _cut(value_lines("      actual:   ", finding.actual), most and _MOST_OF_A_VALUE)
            lines += differing_lines(finding)
            lines += [f"    what to do: {policy.remediation}"] * is_new
            lines += [f"    spec:       {policy.spec}"] * bool(policy.spec and is_new)
            wheres = _wheres(finding, *others)
            if number + 1 == len(told) or _wheres(*told[number + 1]) != wheres:
                lines += [f"    {where}" for where in wheres]
        lines += _likewise([each[0] for each in likewise], most)
        told_here = [*same, *(finding for each in likewise for finding in each)]
        followers = [one for each in told_here for one in follows.get(each.fingerprint, ())]
        lines += [f"    {consequence_words(followers)}: {more}"] * bool(followers)
        lines += _again(same[0].again, most)
        yield Block(tuple(lines), (*told_here, *followers))


def by_cause(findings: Iterable[Finding]) -> list[list[list[Finding]]]:
    """Give the findings of each place, important ones first, and the places of one cause together."""
    places: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in sorted(findings, key=order_of):
        places.setdefault((finding.subject, finding.template, finding.path), []).append(finding)
    causes: dict[Hashable, list[list[Finding]]] = {}
    for place, same in places.items():
        causes.setdefault(_cause(place, same), []).append(same)
    return list(causes.values())


def _cause(place: tuple[str, str, str], findings: Sequence[Finding]) -> Hashable:
    """Give what is the same for places at which one line of the source is told the same by the same policies.

    So is what is said of several objects as a whole that one template prints under one condition.
    """
    written = findings[0].written
    is_line = written and written.by.line and not written.is_around
    at: Hashable = (written.by, written.scenario) if written and is_line else place
    _, template, path = place
    if written and is_line and template and not path:
        begin = min(part.line for part in (written.by, *written.parts) if part.file == written.by.file)
        at = (template, begin, *(finding.where for finding in findings))
    return at, tuple(_said(finding) for finding in findings)


def _said(finding: Finding) -> tuple[str, str, str, str]:
    return finding.policy.name, finding.severity, repr(finding.expected), repr(finding.actual)


def _likewise(findings: Sequence[Finding], most: int) -> Iterator[str]:
    """Name the other places at which a line is told the same, the first few unless all are asked for."""
    shown = findings if not most or len(findings) == _MOST_PLACES + 1 else findings[:_MOST_PLACES]
    for finding in shown:
        place = " ".join(filter(None, (finding.subject, finding.path)))
        yield f"    likewise: {place}{f', {finding.where}' if finding.where else ''}"
    if len(findings) > len(shown):
        yield f"    and {len(findings) - len(shown)} more places like these"


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Put those together that say the same, which a name of the release made two."""
    said: dict[tuple[str, str, str, str], list[Finding]] = {}
    for finding in findings:
        said.setdefault(_said(finding), []).append(finding)
    return list(said.values())


def _wheres(*findings: Finding) -> list[str]:
    return list(dict.fromkeys(finding.where for finding in findings if finding.where))


def _again(commands: Sequence[str], most: int) -> Iterator[str]:
    yield from (f"{_AGAIN}{command}" for command in (commands[:1] if most else commands))


def _cut(lines: Sequence[str], most: int, last: int = 0) -> list[str]:
    """Give the first lines and some last ones, those that are long in part, and say how much there is besides."""
    if not most:
        return list(lines)
    shown = [_shortened(line) for line in lines]
    if len(shown) <= most + 1:
        return shown
    first = most - last
    indent = " " * (len(lines[first]) - len(lines[first].lstrip()))
    return [*shown[:first], f"{indent}... and {len(lines) - most} more lines", *shown[len(shown) - last :]]


def _shortened(line: str) -> str:
    """Give the begin and the end of a long line: helm says last what is wrong, and first where it came from."""
    more = len(line) - _MOST_OF_A_LINE
    half = _MOST_OF_A_LINE // 2
    return f"{line[:half]}... and {more} more characters ...{line[-half:]}" if more > 0 else line


def _consequences(red: WhatIsRed, most: int) -> Iterator[str]:
    """Count what follows from a scenario that does not render, and from what policies found."""
    follows = Counter(problem.kind for problem in red.problems if problem.is_consequence)
    refusals, proofs = follows["refused"], follows["counterexample"]
    policies = len({policy for policy, _ in red.unjudged})
    cases = counted(len(red.unjudged), "case")
    parts = [f"{cases} of {counted(policies, 'policy', 'policies')}"] * bool(policies)
    parts += [f"{counted(refusals, 'refusal')}"] * bool(refusals)
    if parts:
        because = {problem.message.startswith(HOOK_FAILS) for problem in red.problems if problem.kind == "renders"}
        why = {True: "a hook fails", False: "helm did not render it"}
        words = " or ".join(why[is_hook] for is_hook in sorted(because or {False}))
        yield f"not judged, because {words}: {' and '.join(parts)}"
    if proofs:
        yield f"not judged, because the policy is red before anything is changed: {counted(proofs, 'counterexample')}"
    idle = [one for one in red.problems if one.is_consequence and one.is_of_nothing] if most else []
    for kind, words in (("examines", "examine for"), ("waiver", "accept for waivers")):
        names = [one.subject for one in idle if one.kind == kind]
        nothing = f"what may follow from these findings: nothing to {words} {listed(names, _MOST_IDLE)}"
        yield from [nothing] * bool(names)
    yield from [""] * bool(parts or proofs or idle)
