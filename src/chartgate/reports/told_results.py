"""What a run found, as servers that show results beside the code want it: a rule, a level, words, a file and a line.

They all get the same results in the same order: what does not render, what else is wrong, then findings, errors first.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from chartgate.documents.escaping import one_line
from chartgate.documents.words import cut
from chartgate.gate.results.outcome import HEADLINES, Finding, Outcome, Problem, order_of
from chartgate.gate.results.written import SourceLine, Written
from chartgate.model import Severity
from chartgate.reports.finding_words import consequence_words, following, place_words, source_words
from chartgate.reports.value_text import difference_words, short_value

_MOST_OF_A_MESSAGE = 2000


@dataclass(frozen=True)
class ToldResult:
    """One result."""

    rule: str
    """The policy; the kind of problem where it is none of a policy."""
    rule_title: str
    help: str
    """What to do about it."""
    level: Severity
    counts: bool
    """Whether it makes the run red."""
    about: str
    """The resource and the address in it, or the scenario."""
    message: str
    """One or more lines, without what the other fields say."""
    at: SourceLine
    related: tuple[tuple[str, SourceLine], ...]
    """Other lines, each with what it has to do with it."""
    fingerprint: str
    """The same in each run that finds the same; letters and digits."""
    accepted: str = ""
    """Why it counts no more: a waiver, or the baseline."""

    @property
    def text(self) -> str:
        """What it is about and its message together."""
        return f"{self.about}: {self.message}" if self.about else self.message


def told_results(outcome: Outcome, *, with_accepted: bool = False, with_following: bool = False) -> list[ToldResult]:
    """Give the results of a run.

    Args:
        outcome: of the run.
        with_accepted: whether to give what somebody accepted, too.
        with_following: whether to give what follows from another finding, too, which counts it.
    """
    findings = [*outcome.failing, *outcome.tolerated]
    told = [finding for finding in findings if with_following or not finding.follows]
    accepted = [*outcome.accepted, *outcome.waived] if with_accepted else []
    follows = {} if with_following else following(findings)
    return [
        *(_problem(problem, outcome) for problem in outcome.problems if not problem.is_consequence),
        *(_finding(one, outcome, follows.get(one.fingerprint, ())) for one in sorted(told, key=order_of)),
        *(_finding(finding, outcome) for finding in accepted),
    ]


def repository_path(file: str, outcome: Outcome) -> str:
    """Give where a file is in the repository that the run was started in; as it is called where it is in none."""
    path = posixpath.normpath(posixpath.join(outcome.started_in, file))
    top = outcome.work_tree.rstrip("/")
    return path.removeprefix(f"{top}/") if top and path.startswith(f"{top}/") else file


def _finding(finding: Finding, outcome: Outcome, followers: Sequence[Finding] = ()) -> ToldResult:
    reasons = [str(waiver) for waiver in finding.waivers] + [f"in the baseline {finding.baseline}"] * bool(
        finding.baseline
    )
    words = [f"expected {short_value(finding.expected)}, found {short_value(finding.actual)}"]
    words += filter(None, [difference_words(finding.expected, finding.actual)])
    more = [consequence_words(followers)] * bool(followers)
    at, related = _place(finding.written, outcome)
    return ToldResult(
        rule=finding.policy.name,
        rule_title=finding.policy.title,
        help=finding.policy.remediation,
        level=finding.severity,
        counts=not (finding.is_tolerated or reasons),
        about=one_line(" ".join(filter(None, (finding.subject, finding.path)))),
        message=_lines([*words, source_words(finding.written), finding.where, *more]),
        at=at,
        related=related,
        fingerprint=_hash(finding.fingerprint),
        accepted="; ".join(reasons),
    )


def _problem(problem: Problem, outcome: Outcome) -> ToldResult:
    at, related = _place(problem.written, outcome)
    cases = problem.cases[0] if len(problem.cases) == 1 else ""
    title = HEADLINES[problem.kind]
    return ToldResult(
        rule=problem.kind,
        rule_title=title,
        help=problem.again[0] if problem.again else "",
        level="error",
        counts=True,
        about=one_line(problem.subject or cases),
        message=_lines([problem.summary or title, problem.message, place_words(problem.written), problem.where]),
        at=at,
        related=related,
        fingerprint=_hash(f"{problem.kind} {problem.subject} {problem.message}"),
    )


def _place(written: Written | None, outcome: Outcome) -> tuple[SourceLine, tuple[tuple[str, SourceLine], ...]]:
    """Give the place in the repository, and those related to it; Chart.yaml, which every chart has, for nothing.

    What has changed is the place where a reader looks, and servers show it beside the change.
    """
    if written is None:
        return SourceLine(repository_path(f"{outcome.chart.source}/Chart.yaml", outcome)), ()
    is_elsewhere = written.changed == "line" or not written.by.line
    likely = [one for one in (*written.also[:1], written.by) if one.file == written.by.file]
    at = written.by if written.by.line else likely[0]
    at = written.changed_at if written.changed_at and is_elsewhere else at
    related = [
        *((f"changed since {written.since}", one) for one in [written.changed_at] if one),
        *[("wrote what is there", written.by)] * bool(written.by.line),
        *(("called from here", call) for call in written.calls),
        *(("has a part in it", part) for part in written.parts),
        *(("is compared with", other) for other in written.compared),
        *(("see also", other) for other in written.also),
    ]
    others = tuple((words, _in_repository(line, outcome)) for words, line in related if line != at)
    return _in_repository(at, outcome), others


def _in_repository(place: SourceLine, outcome: Outcome) -> SourceLine:
    """Give a place in a file of the repository: what is packed in an archive has no line there."""
    path = repository_path(place.file, outcome)
    archive, packed, _ = one_line(path).partition(".tgz/")
    return SourceLine(f"{archive}.tgz") if packed else SourceLine(archive, place.line, place.last)


def _lines(parts: list[str]) -> str:
    return cut("\n".join(one_line(line) for part in parts if part for line in part.split("\n")), _MOST_OF_A_MESSAGE)


def _hash(fingerprint: str) -> str:
    return hashlib.sha256(fingerprint.encode("utf-8", "surrogatepass")).hexdigest()[:40]
