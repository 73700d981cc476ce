"""What `chartgate check --format json` writes: everything that it found, for other programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from chartgate.documents.escaping import json_text
from chartgate.documents.json_documents.json_text import plain_form
from chartgate.gate.results.outcome import AcceptedFinding, BaselineReport, Finding, Outcome, Problem
from chartgate.gate.results.written import SourceLine, Written
from chartgate.model import Waiver

FORM = 1
"""Raised when a key changes its meaning or goes away; new keys do not raise it."""


def json_report(outcome: Outcome) -> str:
    """Give an object with `red`, what was judged and what was not, and the lists findings, waived and problems.

    A finding of the baseline is among the findings, with its entry as `baseline`. The form is in check.schema.json.
    """
    content = {
        "form": FORM,
        "red": outcome.is_red,
        "chart": dataclasses.asdict(outcome.chart),
        "matrix": outcome.matrix,
        "infrastructure": outcome.infrastructure,
        "helm": outcome.helm,
        "notes": list(outcome.notes),
        "policies": outcome.policies,
        "cases": outcome.judged.get("policy", 0),
        "rendered": outcome.judged.get("renders", 0),
        "refused": outcome.judged.get("refused", 0),
        "findings": [_finding(finding) for finding in outcome.findings],
        "waived": [_finding(found) | {"waivers": [_waiver(w) for w in found.waivers]} for found in outcome.waived],
        "problems": [_problem(problem) for problem in outcome.problems],
        "fail_on": outcome.fail_on,
        "baseline": _baseline(outcome.baseline) if outcome.baseline else None,
        "not_judged": list(outcome.not_judged),
        "left_out": dict(outcome.left_out),
        "nothing_to_examine": list(outcome.idle),
        "unjudged": [{"policy": policy, "case": case} for policy, case in outcome.unjudged],
    }
    return json_text(content)


def _finding(finding: Finding) -> dict[str, Any]:
    policy = finding.policy
    return {
        "policy": policy.name,
        "fingerprint": finding.fingerprint,
        "follows": finding.follows or None,
        "variants": [variant.text for variant in finding.variants],
        "severity": finding.severity,
        "tolerated": finding.is_tolerated,
        "choice": policy.is_choice,
        "baseline": _entry(finding.baseline) if finding.baseline else None,
        "title": policy.title,
        "resource": finding.subject,
        "template": finding.template,
        "path": finding.path,
        "expected": plain_form(finding.expected),
        "actual": plain_form(finding.actual),
        "remediation": policy.remediation,
        "spec": policy.spec,
        "cases": finding.cases,
        "where": finding.where,
        "written": _written(finding.written),
        "again": finding.again,
    }


def _baseline(report: BaselineReport) -> dict[str, Any]:
    def listed(entries: Sequence[AcceptedFinding] | None) -> list[dict[str, str]]:
        return [{"fingerprint": entry.fingerprint} | _entry(entry) for entry in entries or ()]

    return {
        "file": report.file,
        "mended": listed(report.mended),
        "added": listed(report.added),
        "removed": listed(report.removed),
    }


def _entry(entry: AcceptedFinding) -> dict[str, str]:
    return {"severity": entry.severity, "since": entry.since.isoformat(), "who": entry.who, "why": entry.why}


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "kind": problem.kind,
        "subject": problem.subject,
        "message": problem.message,
        "cases": problem.cases,
        "again": problem.again,
        "summary": problem.summary,
        "where": problem.where,
        "written": _written(problem.written),
        "consequence": problem.is_consequence,
    }


def _written(written: Written | None) -> dict[str, Any] | None:
    if written is None:
        return None
    return {
        "by": _lines(written.by),
        "calls": [_lines(call) for call in written.calls],
        "around": written.is_around,
        "key": written.key,
        "key_at": _lines(written.key_at) if written.key_at else None,
        "parts": [_lines(lines) for lines in written.parts],
        "compared": [_lines(lines) for lines in written.compared],
        "also": [_lines(lines) for lines in written.also],
        "scenario": written.scenario,
        "changed": written.changed,
        "changed_at": _lines(written.changed_at) if written.changed_at else None,
        "since": written.since,
    }


def _lines(place: SourceLine) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "last": max(place.line, place.last)}


def _waiver(waiver: Waiver) -> dict[str, str]:
    return {"reason": waiver.reason, "owner": waiver.owner, "expires": waiver.expires.isoformat()}
