"""An outcome as the compact data that the page for a browser shows; texts that findings share are there once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from chartgate.documents.escaping import page_text
from chartgate.gate.results.outcome import HEADLINES, AcceptedFinding, Finding, Outcome, Problem
from chartgate.gate.results.record import Record, ShownResource
from chartgate.reports.finding_words import place_words, source_words, variant_words
from chartgate.reports.grouped_causes import OF_THE_GATE, by_cause
from chartgate.reports.page_grid import PageGrid
from chartgate.reports.value_text import difference_words, value_lines

_MOST_DETAILS = 4_000_000
"""Bytes of what is known of findings; of those that no longer fit, the page says which they are and where."""
_MOST_NAMED = 40
_LONGEST = 3_000
"""Characters of a value or a message."""
_MOST_TEXT = 3_000_000
"""Bytes of resources and differences, in all."""


def data_of(outcome: Outcome) -> dict[str, Any]:
    """Give all that the page shows; no text has a sign that cannot be seen, apart from line feeds and tabs."""
    record = outcome.record
    grid = PageGrid(record, outcome)
    texts = _Texts()
    findings = [
        *((finding, "open") for finding in _in_order(outcome.failing)),
        *((finding, "tolerated") for finding in _in_order(outcome.tolerated)),
        *((finding, "accepted") for finding in outcome.accepted),
        *((finding, "waived") for finding in outcome.waived),
    ]
    groups = _groups(outcome)
    content = {
        **grid.content,
        "problems": [_problem(problem, grid) for problem in outcome.problems],
        "findings": [
            _finding(finding, state, grid, groups) | texts.fitting(_more(finding, record, texts))
            for finding, state in findings
        ],
        "entries": [_entry(finding.baseline) for finding in outcome.accepted if finding.baseline],
        "waivers": _waivers(outcome),
        "baseline": _baseline(outcome),
        "counts": _counts(outcome),
        "notes": [*outcome.notes, *(f"not judged: {thing}" for thing in outcome.not_judged)],
        "left_out": dict(outcome.left_out),
        "idle": list(outcome.idle),
        "unjudged": len(outcome.unjudged),
    }
    shown: dict[str, Any] = _shown(content)
    return shown | {"texts": [page_text(text) for text in texts.every]}


class _Texts:
    """Texts, each once, as long as there is room for them."""

    def __init__(self) -> None:
        self.every: list[str] = []
        self._places: dict[str, int] = {}
        self._left, self._left_for_details = _MOST_TEXT, _MOST_DETAILS

    def place(self, text: str) -> int | None:
        """Give the number of a text; None for one that no longer fits."""
        if text not in self._places:
            size = _size(text)
            if size > self._left:
                return None
            self._left -= size
            self._places[text] = len(self.every)
            self.every.append(text)
        return self._places[text]

    def fitting(self, details: dict[str, Any]) -> dict[str, Any]:
        """Give details of a finding, or nothing where they no longer fit."""
        size = _size(json.dumps(details, ensure_ascii=False))
        if size > self._left_for_details:
            return {}
        self._left_for_details -= size
        return details


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _in_order(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Give findings cause by cause; what follows from another one is last."""
    yield from (finding for cause in _causes(findings) for finding in cause)
    yield from (finding for finding in findings if finding.follows)


def _causes(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Give the findings of each cause: of one place or line, or of one line that has changed."""
    causes: dict[Hashable, list[Finding]] = {}
    for places in by_cause(finding for finding in findings if not finding.follows):
        first = places[0][0]
        changed = first.written.changed_at if first.written and first.written.changed == "line" else None
        causes.setdefault(changed or first.fingerprint, []).extend(finding for same in places for finding in same)
    return list(causes.values())


def _groups(outcome: Outcome) -> dict[str, int]:
    """Give the number of the cause that each finding has, and what follows from it; by its fingerprint."""
    groups: dict[str, int] = {}
    for number, cause in enumerate([*_causes(outcome.failing), *_causes(outcome.tolerated)]):
        groups |= {finding.fingerprint: number for finding in cause}
    return groups | {one.fingerprint: groups[one.follows] for one in outcome.open if one.follows in groups}


def _finding(finding: Finding, state: str, grid: PageGrid, groups: Mapping[str, int]) -> dict[str, Any]:
    return {
        "group": groups.get(finding.fingerprint, -1),
        "follows": bool(finding.follows),
        "policy": grid.rows[finding.policy.name],
        "severity": finding.severity,
        "state": state,
        "subject": finding.subject,
        "path": finding.path,
        "columns": grid.columns_of(finding.policy.name, finding.cases),
    }


def _more(finding: Finding, record: Record | None, texts: _Texts) -> dict[str, Any]:
    shown = record.resources.get(finding.fingerprint) if record else None
    content = {
        "title": finding.policy.title,
        "fix": finding.policy.remediation,
        "spec": finding.policy.spec,
        "template": finding.template,
        "at": finding.written.first if finding.written else "",
        "source": source_words(finding.written),
        "expected": _value(finding.expected),
        "actual": _value(finding.actual),
        "differs": difference_words(finding.expected, finding.actual),
        "likewise": [variant_words(variant) for variant in finding.variants[1:4]],
        "where": finding.where,
        "cases": list(finding.cases[:_MOST_NAMED]),
        "case_count": len(finding.cases),
        "again": [_cut(command) for command in finding.again[:2]],
        "accepted": str(finding.baseline) if finding.baseline else "",
        "waivers": [str(waiver) for waiver in finding.waivers],
        "shown": _resource(shown, texts) if shown else None,
    }
    return {key: value for key, value in content.items() if value}


def _resource(shown: ShownResource, texts: _Texts) -> dict[str, Any] | None:
    place = texts.place(shown.text)
    if place is None:
        return None
    return {
        "scenario": shown.scenario,
        "text": place,
        "first": shown.first,
        "marked": list(shown.marked),
        "around": shown.is_around,
        "nearest": shown.nearest,
        "traits": list(shown.traits),
        "difference": texts.place("\n".join(shown.difference)) if shown.difference else None,
        "there": shown.is_there,
    }


def _problem(problem: Problem, grid: PageGrid) -> dict[str, Any]:
    return {
        "head": problem.summary or HEADLINES[problem.kind],
        "subject": problem.subject or (problem.cases[0] if len(problem.cases) == 1 else ""),
        "message": _cut(problem.message),
        "where": problem.where,
        "at": problem.written.first if problem.written else "",
        "source": place_words(problem.written),
        "columns": grid.columns_of(problem.subject, problem.cases),
        "policy": grid.rows.get(problem.subject),
        "again": [_cut(command) for command in problem.again[:2]],
        "consequence": problem.is_consequence,
        "ofGate": problem.kind in OF_THE_GATE,
    }


def _value(value: Any) -> str:
    lines = value_lines("", value)
    return _cut("\n".join(line.removeprefix(" " * 8) for line in lines).strip("\n"))


def _cut(text: str) -> str:
    more = len(text) - _LONGEST
    return f"{text[:_LONGEST]}... and {more} more characters" if more > 0 else text


def _waivers(outcome: Outcome) -> list[dict[str, Any]]:
    used = Counter(waiver for finding in outcome.waived for waiver in finding.waivers)
    every = dict.fromkeys((*(outcome.record.waivers if outcome.record else ()), *used))
    today = outcome.record.today if outcome.record else None
    return [
        {
            "policy": waiver.policy,
            "on": [f"{key} {value}" for key in ("resource", "scenario", "path") if (value := getattr(waiver, key))],
            "reason": waiver.reason,
            "owner": waiver.owner,
            "expires": waiver.expires.isoformat(),
            "days": (waiver.expires - today).days if today else None,
            "findings": used[waiver],
        }
        for waiver in every
    ]


def _baseline(outcome: Outcome) -> dict[str, Any] | None:
    report = outcome.baseline
    if report is None:
        return None
    return {
        "file": report.file,
        "mended": [_entry(entry) for entry in report.mended],
        "added": [_entry(entry) for entry in report.added or ()],
        "removed": [_entry(entry) for entry in report.removed or ()],
    }


def _entry(entry: AcceptedFinding) -> list[str]:
    return [entry.fingerprint, entry.severity, entry.since.isoformat(), entry.who, entry.why]


def _counts(outcome: Outcome) -> list[list[Any]]:
    judged = outcome.judged
    rows = [
        (judged.get("renders", 0), "scenarios rendered"),
        (judged.get("refused", 0), "refused by helm, as they must be"),
        (outcome.policies, "policies"),
        (judged.get("policy", 0), "cases judged"),
        (outcome.checks, "checks made"),
        (judged.get("counterexample", 0), "counterexamples tried"),
        (len(outcome.idle), "policies had nothing to examine"),
    ]
    return [[number, words] for number, words in rows if number]


def _shown(value: Any) -> Any:
    """Give data whose texts can be seen."""
    if isinstance(value, str):
        return page_text(value)
    if isinstance(value, Mapping):
        return {page_text(key): _shown(item) for key, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list | tuple) else value
