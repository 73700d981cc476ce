"""What `check` found as GitHub's workflow commands, which a pull request shows beside the lines.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from typing import get_args

from chartgate.documents.escaping import workflow_command
from chartgate.documents.words import counted
from chartgate.gate.results.outcome import HEADLINES, Outcome
from chartgate.model import Severity
from chartgate.reports.told_results import ToldResult, told_results

_MOST = 10
"""GitHub shows ten annotations of a kind for each step, and says nothing of the others."""


def github_report(outcome: Outcome) -> str:
    """Give one command for each cause, of each kind as many as are shown; the last one counts the others."""
    lines: list[str] = []
    for command in get_args(Severity):
        results = [result for result in told_results(outcome) if result.level == command]
        shown = results if len(results) <= _MOST else results[: _MOST - 1]
        lines += [_command(command, result) for result in shown]
        if more := len(results) - len(shown):
            words = f"{counted(more, command)} more: `chartgate check --all` shows them"
            lines.append(workflow_command(command, {"title": "chartgate"}, words))
    return "".join(f"{line}\n" for line in lines)


def _command(command: str, result: ToldResult) -> str:
    properties = {"file": result.at.file}
    if result.at.line:
        properties |= {"line": str(result.at.line), "endLine": str(max(result.at.line, result.at.last))}
    label = "see it again" if result.rule in HEADLINES else "what to do"
    words = [result.text, *[f"{label}: {result.help}"] * bool(result.help)]
    return workflow_command(command, properties | {"title": result.rule}, "\n".join(words))
