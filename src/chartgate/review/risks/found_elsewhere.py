"""What is found beside the comparison of objects: by policies, by a second rendering, in the gates themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartgate.model import Severity
from chartgate.review.review import Bump, Risk
from chartgate.review.risks.risk_class import Hit, risk
from chartgate.review.weakening.weakening import Weakening

_CODE_OWNERS = "https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners"


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


@risk(
    level="danger",
    bump="minor",
    source="https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function",
)
def unstable(addresses: Sequence[str]) -> Iterator[Hit]:
    """Something differs at each rendering that did not before.

    A random value, or the time: each upgrade has another one, restarts what reads it, and Argo CD never finds the
    release in sync. What differed before as well is no change, and one line among the notes.
    """
    for address in addresses:
        yield Hit(address, "it is another one at each rendering, and was not before")


@risk(level="danger", bump="none", source=_CODE_OWNERS)
def gate_weakened(change: Weakening) -> Iterator[Hit]:
    """The gate demands less than it did.

    A waiver, an entry of the baseline or a disabled policy makes a red change green, in the same pull request: whoever
    owns the gate has to agree. Only a waiver that was there before accepts it, since a change cannot excuse itself.
    """
    yield Hit(change.address, change.reason)
