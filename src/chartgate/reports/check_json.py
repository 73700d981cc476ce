"""What `chartgate check --format json` writes: everything that it found, for other programs."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from chartgate.gate.outcome import Finding, Outcome
from chartgate.model import Waiver


def json_report(outcome: Outcome) -> str:
    """Give an object with `red`, what was judged, and the lists findings, waived, problems and unjudged."""
    session = outcome.gate.session
    chart, matrix = session.chart, session.matrix
    content = {
        "red": outcome.is_red,
        "chart": {"name": chart.name, "version": chart.version, "source": chart.source},
        "matrix": matrix.source,
        "infrastructure": session.infrastructure,
        "helm": session.renderings.tools.helm_version,
        "policies": len(outcome.policies),
        "cases": outcome.judged,
        "rendered": outcome.rendered,
        "refused": outcome.refused,
        "findings": [_entry(entry) for entry in outcome.findings],
        "waived": [_entry(entry) | {"waivers": [_waiver(w) for w in entry.waivers]} for entry in outcome.waived],
        "problems": [dataclasses.asdict(problem) for problem in outcome.problems],
        "unjudged": [{"policy": policy, "case": case} for policy, case in outcome.unjudged],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _entry(entry: Finding) -> dict[str, Any]:
    policy, finding = entry.policy, entry.finding
    return {
        "policy": policy.name,
        "severity": policy.severity,
        "title": policy.title,
        "resource": finding.subject,
        "template": finding.template,
        "path": finding.path,
        "expected": _plain(finding.expected),
        "actual": _plain(finding.actual),
        "remediation": policy.remediation,
        "spec": policy.spec,
        "cases": entry.cases,
        "again": entry.again,
    }


def _waiver(waiver: Waiver) -> dict[str, str]:
    return {"reason": waiver.reason, "owner": waiver.owner, "expires": waiver.expires.isoformat()}


def _plain(value: Any) -> Any:
    """Give a value as JSON has it; what is not there is the text `(absent)`."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return value if isinstance(value, str | bool | int | float | None) else str(value)
