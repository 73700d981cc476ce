"""A review as JSON, in the form of review.schema.json, for other programs."""

from __future__ import annotations

from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.escaping import json_text
from chartgate.review.review import Entry, Review

FORM = 1
"""Raised when a key changes its meaning or goes away; new keys do not raise it."""


def json_report(review: Review) -> str:
    """Write a review as one JSON document; keys without a value are left out of an entry."""
    versions = review.versions
    document = {
        "form": FORM,
        "chart": review.chart,
        "base": {"label": review.base, "version": versions.before, "appVersion": versions.app_before},
        "head": {"label": review.head, "version": versions.after, "appVersion": versions.app_after},
        "level": review.level or "none",
        "version": {
            "required": versions.required,
            "sufficient": versions.enough,
            "actual": versions.actual or "lower",
            "released": versions.is_released,
        },
        "matrix": review.matrix,
        "tools": review.tool_change,
        "scenarios": {
            "compared": review.compared,
            "turned": list(review.turned),
            "acceptedNow": list(review.newly_rendered),
            "refusedByBoth": list(review.refused),
        },
        "notes": list(review.notes),
        "subcharts": [
            {"name": change.path, "before": change.before, "after": change.after} for change in review.subcharts
        ],
        "entries": [_entry(entry) for entry in review.entries],
    }
    return json_text(document, default=str)


def _entry(entry: Entry) -> dict[str, Any]:
    sides = (("before", entry.before), ("after", entry.after))
    document = {
        "section": entry.section,
        "change": entry.fate,
        "subjects": list(entry.subjects),
        "addresses": list(entry.addresses),
        **{name: side for name, side in sides if side is not ABSENT},
        "level": entry.level or "none",
        "risks": [
            {
                "class": risk.name,
                "level": risk.level,
                "reason": risk.reason,
                **({"accepted": str(risk.waiver)} if risk.waiver else {}),
                **({"settled": True} if risk.is_settled else {}),
            }
            for risk in entry.risks
        ],
        "scenarios": list(entry.scenarios),
        "condition": entry.condition,
        "subchart": entry.subchart,
    }
    return {key: value for key, value in document.items() if key in ("before", "after") or value not in ("", [])}
