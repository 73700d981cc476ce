"""A review as one HTML page that needs nothing else: no network, no script, light and dark."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import jinja2

from chartgate.documents.addresses import ABSENT
from chartgate.documents.escaping import one_line
from chartgate.documents.words import listed
from chartgate.reports.review_points import told
from chartgate.reports.review_verdict import affected_groups, reasons_by_weight, restarted, verdict
from chartgate.reports.review_words import HEADINGS, compared_scenarios, counts, reasons, short_values, title, where
from chartgate.reports.side_by_side import Row, rows
from chartgate.review.review import Entry, Review

_MOST = 200
"""Of each level, as at a terminal."""
_MOST_SCENARIOS = 20


def page_report(review: Review) -> str:
    """Write a review as a page; whatever a chart says is text in it, with what nobody sees as escapes."""
    levels = [(level, number, abouts[:_MOST]) for level, number, abouts in told(review)]
    weights = list(reasons_by_weight(review))
    facts = [
        ("restarts", restarted(review)),
        ("base", review.base),
        ("head", review.head),
        ("tools", review.tool_change),
        ("over", f"{compared_scenarios(review)} {review.matrix}"),
        ("accepts now", listed(review.newly_rendered, _MOST_SCENARIOS)),
        ("refused by both", listed(review.refused, _MOST_SCENARIOS)),
    ]
    return _template().render(
        review=review,
        verdict=verdict(review),
        counts=counts(review),
        weights=weights,
        worst=weights[0][0] if weights else "",
        facts=facts,
        who=affected_groups(review),
        levels=levels,
        headings=HEADINGS,
        title=title,
        reasons=reasons,
        rows=_rows,
        shows=_shows,
        where=functools.partial(where, review=review),
    )


def _rows(entry: Entry) -> list[Row]:
    """Give the lines of both values beside each other; two short ones as they are on one line elsewhere."""
    values = short_values(entry)
    if values is None or ABSENT in (entry.before, entry.after):
        return rows(entry.before, entry.after)
    return [Row("changed", *values)]


def _shows(entry: Entry) -> bool:
    """Tell whether there is a value to show, and not the object as a whole."""
    return not (entry.before is ABSENT and entry.after is ABSENT)


@functools.cache
def _template() -> jinja2.Template:
    text = resources.files(__package__).joinpath("review_page.html.j2").read_text("utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, finalize=_visible)
    return environment.from_string(text)


def _visible(value: Any) -> Any:
    """Show what nobody sees, or what reorders a line, as an escape; what a macro has made is shown already."""
    return value if hasattr(value, "__html__") else one_line(str(value))
