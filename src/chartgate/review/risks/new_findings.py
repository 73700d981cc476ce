"""What policies find in HEAD, and did not find in BASE."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.model import Severity
from chartgate.review.review import Bump, Risk
from chartgate.review.risks.risk_class import Hit, risk


@risk(level="danger", bump="patch", source="https://helm.sh/docs/chart_best_practices/")
def new_finding(reason: str) -> Iterator[Hit]:
    """A policy finds something in HEAD that it did not find in BASE.

    HEAD's policies, those of the packs and the project's own, judge both sides. What is an error of its policy is a
    danger, a warning is a caution. `chartgate explain POLICY` tells why the policy is there. Major where something is
    asked for that the chart does not make.
    """
    yield Hit("", reason)


def finding_risk(severity: Severity, reason: str, bump: Bump | None = None) -> Risk:
    """Give the risk that a finding is, by its severity."""
    return new_finding.because(Hit("", reason, "danger" if severity == "error" else "caution", bump))
