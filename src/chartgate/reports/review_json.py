"""A review as JSON, in the form of review.schema.json, for other programs."""

from __future__ import annotations

import json
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.review.entries import Entry
from chartgate.review.review import Review

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
        "scenarios": {
            "compared": review.compared,
            "acceptedNow": list(review.accepted),
            "refusedByBoth": list(review.refused),
        },
        "notes": list(review.notes),
        "subcharts": [
            {"name": change.path, "before": change.before, "after": change.after} for change in review.subcharts
        ],
        "entries": [_entry(entry) for entry in review.entries],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"


def _entry(entry: Entry) -> dict[str, Any]:
    sides = {
        name: side
        for name, side in (("before", entry.before), ("after", entry.after))
        if side is not ABSENT and not (entry.before is None and entry.after is None)
    }
    told = {
        "section": entry.section,
        "change": entry.fate,
        "subjects": list(entry.subjects),
        "addresses": list(entry.addresses),
        **sides,
        "level": entry.level or "none",
        "risks": [
            {
                "class": risk.risk_class.name,
                "level": risk.risk_class.level,
                "reason": risk.reason,
                **({"accepted": str(waiver)} if waiver else {}),
            }
            for risk, waiver in zip(entry.risks, entry.waivers, strict=True)
        ],
        "scenarios": list(entry.scenarios),
        "condition": entry.condition,
        "subchart": entry.subchart,
    }
    return {key: value for key, value in told.items() if key in ("before", "after") or value not in ("", [])}
