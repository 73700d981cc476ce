"""What `check` found as Markdown, for the summary of a CI job or a comment: short at the top, and never too long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chartgate.documents.escaping import Markdown, code, fenced, joined, markup
from chartgate.documents.words import cut
from chartgate.gate.results.outcome import HEADLINES, Finding, Outcome, Problem, order_of
from chartgate.reports.check_terminal import summary
from chartgate.reports.finding_words import consequence_words, following, place_words, said_lines, source_words
from chartgate.reports.value_text import difference_words, short_value

MOST_CHARACTERS = 60_000
"""A comment on GitHub holds 65,536, a job's summary a million."""
_LONGEST, _MOST_LINES = 500, 12


def check_markdown(outcome: Outcome) -> str:
    """Write an outcome; what does not fit is left out from the end, and the report says so."""
    chart = outcome.chart
    head = [
        markup("## {} {} {}", "🔴" if outcome.is_red else "🟢", _cut(chart.name), _cut(chart.version)),
        Markdown(""),
        markup("{}", _cut(summary(outcome))),
        *([Markdown(""), *(markup("- note: {}", _cut(note)) for note in outcome.notes)] if outcome.notes else []),
    ]
    text = joined("\n", head).source
    room = MOST_CHARACTERS - len(text) - 400
    lines: list[str] = []
    problems = [problem for problem in outcome.problems if not problem.is_consequence]
    follows = following(outcome.open)
    chapters = [
        ("Problems", [_problem(problem) for problem in problems]),
        ("Findings", list(_findings(outcome.failing, follows))),
        (f"Below {outcome.fail_on}", list(_findings(outcome.tolerated, follows))),
    ]
    left_out = 0
    for heading, texts in chapters:
        shown: list[str] = []
        for block in texts:
            if left_out or len(block) + 1 > room:
                left_out += 1
                continue
            room -= len(block) + 1
            shown.append(block)
        lines += ["", markup("### {} ({})", heading, str(len(texts))).source, "", *shown] if texts else []
    if left_out:
        lines += ["", f"_{left_out} more did not fit: `chartgate check --all` shows them._"]
    return "\n".join([text, *lines]) + "\n"


def _problem(problem: Problem) -> str:
    cases = problem.cases[0] if len(problem.cases) == 1 else ""
    about = problem.subject or cases
    title = problem.summary or HEADLINES[problem.kind]
    lines = [markup("- **{}**", _cut(f"{about}: {title}" if about and not problem.summary else title)).source]
    message = said_lines(problem.message)
    lines += ["", *fenced([_cut(line) for line in message[:_MOST_LINES]], "", "  "), ""]
    lines += [f"  - {markup('{}', text).source}" for text in _shown(place_words(problem.written), problem.where)]
    return "\n".join([*lines, *_again(problem.again)])


def _findings(findings: Sequence[Finding], follows: Mapping[str, Sequence[Finding]]) -> Iterator[str]:
    """Give a block for each cause, errors first; what a policy is about is said the first time only."""
    known: set[str] = set()
    again: tuple[str, ...] = ()
    for finding in sorted((one for one in findings if not one.follows), key=order_of):
        policy = finding.policy
        parts = [markup("- **{}**", _cut(finding.subject))]
        parts += [markup(" {}", code(_cut(finding.path)))] if finding.path else []
        parts += [markup(": {} ({})", code(policy.name), finding.severity)]
        expected, actual = code(short_value(finding.expected)), code(short_value(finding.actual))
        lines = [joined("", parts).source, markup("  - expected {}, found {}", expected, actual).source]
        difference = difference_words(finding.expected, finding.actual)
        followers = follows.get(finding.fingerprint)
        more = consequence_words(followers) if followers else ""
        places = _shown(difference, source_words(finding.written), finding.where, more)
        lines += [f"  - {markup('{}', text).source}" for text in places]
        if policy.name not in known:
            lines += [markup("  - {} {}", _cut(policy.title), _cut(policy.remediation)).source]
        known.add(policy.name)
        yield "\n".join([*lines, *([] if finding.again[:1] == again else _again(finding.again))])
        again = finding.again[:1]


def _again(commands: Sequence[str]) -> list[str]:
    """Show how to see it again, with the first command."""
    return [markup("  - see it again: {}", code(_cut(command))).source for command in commands[:1]]


def _shown(*texts: str) -> list[str]:
    return [_cut(text) for text in texts if text]


def _cut(text: str) -> str:
    return cut(text, _LONGEST)
