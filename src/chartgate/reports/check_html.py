"""What `--report html=FILE` writes: one page for a browser, which needs nothing else and asks for nothing.

The frame is a template in which every text is escaped; all that is shown of a run is data for the page's script, which
makes text of it and never markup. A policy of the page itself (Content-Security-Policy) forbids any other script.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from chartgate.documents.escaping import one_line, script_data
from chartgate.gate.results.outcome import Outcome
from chartgate.reports.check_terminal import header, summary
from chartgate.reports.grouped_causes import grouped_lines
from chartgate.reports.page_data import data_of

if TYPE_CHECKING:
    from jinja2 import Template

_SCRIPTS = ("data.js", "grid.js", "detail.js", "lists.js", "main.js")
"""In the order in which they need each other."""


def html_report(outcome: Outcome) -> str:
    """Give the page of an outcome that has a record; without one it has the findings, and no grid."""
    style, script = _part("check.css"), "".join(map(_part, _SCRIPTS))
    data = data_of(outcome)
    shown = sum(finding["state"] in ("open", "tolerated") and not finding["follows"] for finding in data["findings"])
    shown += sum(not problem["consequence"] for problem in data["problems"])
    accepted = len(data["waivers"]) + len(data["entries"])
    return _template().render(
        red=outcome.is_red,
        chart=one_line(f"{outcome.chart.name} {outcome.chart.version}"),
        summary=one_line(summary(outcome)),
        facts=[one_line(line) for line in header(outcome)],
        parts=[
            {"id": "result", "name": "Findings", "count": shown},
            {"id": "policies", "name": "Policies", "count": outcome.policies},
            {"id": "examined", "name": "What was examined", "count": None},
            {"id": "accepted", "name": "Waived and accepted", "count": accepted},
        ],
        red_lines=[one_line(line) for line in grouped_lines(outcome, more="the grid shows them") if line],
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        data=script_data(data),
    )


@functools.cache
def _template() -> Template:
    """Give the frame."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # a tenth of a run's start, for those with a page

    loader = PackageLoader("chartgate.reports", "page")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template("check.html")


@functools.cache
def _part(name: str) -> str:
    return resources.files("chartgate.reports").joinpath("page", name).read_text("utf-8")


def _hash(text: str) -> str:
    """Give what a Content-Security-Policy calls an inline element by: https://www.w3.org/TR/CSP3/#grammardef-hash-source."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
