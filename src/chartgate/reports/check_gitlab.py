"""What `check` found as GitLab's report on code quality, which a merge request shows beside the lines.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from chartgate.documents.escaping import json_text
from chartgate.gate.results.outcome import Outcome
from chartgate.reports.told_results import told_results

_SEVERITIES = {"error": "critical", "warning": "minor"}


def gitlab_report(outcome: Outcome) -> str:
    """Give a list of what was found; a place whose line is not known is the first line of its file."""
    content = [
        {
            "description": result.text.split("\n")[0],
            "check_name": result.rule,
            "fingerprint": result.fingerprint,
            "severity": _SEVERITIES[result.level],
            "location": {
                "path": result.at.file,
                "lines": {"begin": max(1, result.at.line), "end": max(1, result.at.line, result.at.last)},
            },
        }
        for result in told_results(outcome)
    ]
    return json_text(content)
