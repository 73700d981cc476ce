"""What is told of a new project: what was written, what was left out and why, and what to do next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chartgate.documents.escaping import one_line
from chartgate.documents.words import counted
from chartgate.starting.making import NewProject
from chartgate.starting.project_files import MATRIX, SETTINGS

_LONGEST = 240
"""Characters of a line; the matrix has all of it."""
_PARTS = {
    "product": "of the toggles",
    "all_on": "of the axes",
    "ci": "of ci/",
}


def announcement(project: NewProject) -> Iterator[str]:
    """Give the lines."""
    counts = Counter(_PARTS.get(reason.why, "named") for reason in project.matrix.reasons.values())
    parts = ", ".join(f"{count} {part}" for part, count in counts.items())
    scenarios = counted(len(project.matrix.scenarios), "scenario")
    yield f"{MATRIX}: {scenarios} ({parts}), all of them rendered"
    for name in project.files:
        if name not in (MATRIX, SETTINGS) and not name.endswith("__init__.py"):
            own = project.policy and name.endswith(f"/{project.policy.family}.py")
            yield f"{name}: the policy {project.policy.name}" if own and project.policy else name
    yield SETTINGS
    if project.start.values_from:
        yield ""
        yield f"The chart needs values: every scenario of the matrix has those of {project.start.values_from}."
        if project.secrets:
            yield f"They are in the file: write samples in place of {', '.join(project.secrets)} before you commit it."
    if project.start.left_out:
        yield ""
        yield "Left out of the matrix, which says so as well:"
        yield from (f"  {_shortened(one_line(str(each)))}" for each in project.start.left_out)
    yield ""
    yield "Next:"
    yield "  chartgate scenarios        what is rendered, and why"
    yield "  chartgate check --proofs   what is red today"
    yield "  chartgate check --accept   accept that as it is: from then on, only what is new is red"
    yield "  pytest                     the same, as tests"


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rpartition(', ')[0] or text[:_LONGEST]}, ..."
