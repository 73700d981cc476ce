"""All classes of risk as a Markdown document, from their own metadata."""

from __future__ import annotations

from collections.abc import Iterable

from chartgate.review.review import LEVELS
from chartgate.review.risks.risk_class import RiskClass


def risk_table(classes: Iterable[RiskClass]) -> str:
    """Give a table for each level, the most dangerous first, with a row for each class."""
    every = list(classes)
    lines = [
        "# Classes of risk",
        "",
        "Made from the classes themselves by `chartgate risks`. A class that demands `none`",
    ]
    lines += ["of the version is about the version itself."]
    for level in reversed(LEVELS):
        lines += ["", f"## {level}", "", "| Class | Version | What it is | Source |", "| --- | --- | --- | --- |"]
        lines += [
            f"| `{found.name}` | {found.bump} | {found.title} | <{found.source}> |"
            for found in every
            if found.level == level
        ]
    return "\n".join(lines) + "\n"
