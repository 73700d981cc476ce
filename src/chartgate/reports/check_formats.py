"""The formats of a report on an outcome, by the names that `--report FORMAT=FILE` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from chartgate.gate.results.outcome import Outcome
from chartgate.reports.check_github import github_report
from chartgate.reports.check_gitlab import gitlab_report
from chartgate.reports.check_html import html_report
from chartgate.reports.check_json import json_report
from chartgate.reports.check_junit import junit_report
from chartgate.reports.check_markdown import check_markdown
from chartgate.reports.check_sarif import sarif_report
from chartgate.reports.check_terminal import full_terminal_report

RECORDED = ("html",)
"""The formats that show all that was judged: for these, the outcome has a record."""
FORMATS: Mapping[str, Callable[[Outcome], str]] = {
    "github": github_report,
    "gitlab": gitlab_report,
    "html": html_report,
    "json": json_report,
    "junit": junit_report,
    "markdown": check_markdown,
    "sarif": sarif_report,
    "text": full_terminal_report,
}
