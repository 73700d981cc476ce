"""What is another one at each upgrade."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartgate.review.risks.risk_class import Hit, risk


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
