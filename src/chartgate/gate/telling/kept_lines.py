"""The lines of findings, as an earlier run found them of the same ones in the same chart, or else looked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from chartgate.documents.json_documents.json_text import plain_form
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import Finding
from chartgate.gate.results.written import SourceLine, Written

_ABOUT = ("fingerprint", "subject", "template", "path", "expected", "actual", "cases", "scenario", "asked", "is_of_key")
"""What of a finding leads to its line; its policy too, for the scenarios that it derives."""
_LINES = ("calls", "parts", "compared", "also")
_UNREADABLE = (AttributeError, KeyError, TypeError)


def located_once(findings: Sequence[Finding], judgement: Judgement) -> list[Finding]:
    """Give findings with the line that wrote each, as `located` does.

    Args:
        findings: of a run, the important ones first.
        judgement: of the run.
    """
    gate = judgement.gate
    names = {finding.policy.name for finding in findings}
    policies = [policy for policy in gate.policies if policy.name in names]
    about = [[finding.policy.name, *(plain_form(getattr(finding, name)) for name in _ABOUT)] for finding in findings]
    key = gate.memory.key_of_all(policies, "lines", gate.chart.source, about)
    known = gate.memory.look_up(key)
    if known is not None:
        try:
            lines = list(map(_written, known))
        except _UNREADABLE:
            lines = []
        if len(lines) == len(findings):
            return [dataclasses.replace(one, written=line) for one, line in zip(findings, lines, strict=True)]
    from chartgate.gate.telling.source_lines import located

    found = located(findings, judgement)
    if any(finding.written for finding in found):  # else it may be that the chart could not be rendered once more
        cases = (case for policy in policies for case in judgement.cases(policy))
        scenarios = {scenario.name: scenario for case in cases for scenario in case.scenarios}
        kept = [finding.written and dataclasses.asdict(finding.written) for finding in found]
        gate.memory.keep(key, kept, [*gate.matrix.rendering, *scenarios.values()])
    return found


def _written(known: Mapping[str, Any] | None) -> Written | None:
    if known is None:
        return None
    lines = {name: tuple(SourceLine(**line) for line in known[name]) for name in _LINES}
    key_at = SourceLine(**known["key_at"]) if known["key_at"] else None
    return Written(**{**known, **lines, "by": SourceLine(**known["by"]), "key_at": key_at})
