"""docs/requirements.md: each statement of the spec has a proof that exists or a reason, each policy its statement."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from chartgate.gate.gate import Gate
from chartgate.matrix.matrix import Matrix
from policies.lightspeed.spec.runbook_commands import ANSWERS, TARGETS, filled

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "requirements.md"
REASON = re.compile(r"not renderable: \w\S* \S+")


class Row(NamedTuple):
    """A requirement, the proof of it, and the heading that they stand under."""

    heading: str
    requirement: str
    proof: str

    @property
    def names(self) -> list[str]:
        """What the proof names in `code`."""
        return re.findall(r"`([^`]+)`", self.proof)

    def __str__(self) -> str:
        return f"{self.heading}: {self.requirement}"


def headings(document: str) -> list[str]:
    """Give the headings below the title."""
    return re.findall(r"(?m)^##+ (.+)$", document)


def rows(document: str) -> Iterator[Row]:
    """Give the rows of all tables.

    Raises:
        ValueError: a row has not two cells.
    """
    heading = ""
    for line in document.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line.startswith("|") and line not in ("| Requirement | Proof |", "|---|---|"):
            cells = [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if len(cells) != 2:
                raise ValueError(f"{heading}: a row of {len(cells)} cells: {line}")
            yield Row(heading, *cells)


def problems(document: str, policies: Mapping[str, str], scenarios: Collection[str]) -> list[str]:
    """Say what is wrong with a document; `policies` gives for each name the heading that it proves, empty for none."""
    found = []
    there = list(rows(document))
    for row in there:
        paths = [name for name in row.names if "/" in name]
        known = [*policies, *scenarios]
        found += [f"{row}: no policy or scenario {name}" for name in row.names if name not in [*known, *paths]]
        found += [f"{row}: no file {path}" for path in paths if not (ROOT / path).is_file()]
        if not any(name in policies or name in paths for name in row.names) and not REASON.search(row.proof):
            found.append(f"{row}: neither a proof nor a reason")
    filled_headings = {row.heading for row in there}
    found += [f"{heading}: no rows" for heading in headings(document) if heading not in filled_headings]
    for policy, heading in policies.items():
        if heading and not any(policy in row.names for row in there if row.heading == heading):
            found.append(f"{policy}: no row under {heading!r}, which it says it proves")
    return found


@pytest.fixture(scope="session")
def spec_policies(gate: Gate) -> dict[str, str]:
    return {policy.name: policy.spec for policy in gate.policies}


def test_requirements_are_complete(spec_policies: dict[str, str], matrix: Matrix) -> None:
    found = problems(DOCUMENT.read_text(), spec_policies, matrix.scenarios)
    assert found == [], "\n".join(found)


def test_every_command_of_the_runbook_has_a_row(matrix: Matrix) -> None:
    text = "\n".join(row.requirement for row in rows(DOCUMENT.read_text()))
    commands = {filled(typed.command, matrix.scenarios["defaults"]) for typed in (*ANSWERS, *TARGETS)}
    assert sorted(command for command in commands if f"`{command}`" not in text) == []


HEALTHY = """
# Requirements
## Overview
| Requirement | Proof |
|---|---|
| It is off | `default_is_disabled` |
| It answers | not renderable: the model does |
| `a \\| b` prints nothing | `default_is_disabled` on `off`, `tests/matrix.yaml` |
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("", "", [], id="healthy"),
        pytest.param(
            "not renderable: the model does", "", ["Overview: It answers: neither a proof nor a reason"], id="no_proof"
        ),
        pytest.param(
            "not renderable: the model does",
            "not renderable:",
            ["Overview: It answers: neither a proof nor a reason"],
            id="no_reason",
        ),
        pytest.param(
            "not renderable: the model does",
            "`off`",
            ["Overview: It answers: neither a proof nor a reason"],
            id="only_a_scenario",
        ),
        pytest.param(
            "on `off`", "`gone`", ["Overview: `a | b` prints nothing: no policy or scenario gone"], id="no_such_policy"
        ),
        pytest.param(
            "tests/matrix.yaml",
            "tests/gone.py",
            ["Overview: `a | b` prints nothing: no file tests/gone.py"],
            id="no_such_file",
        ),
        pytest.param("## Overview", "## Support\n## Overview", ["Support: no rows"], id="empty_heading"),
        pytest.param(
            "## Overview",
            "## Support",
            ["default_is_disabled: no row under 'Overview', which it says it proves"],
            id="policy_under_another_heading",
        ),
        pytest.param(
            "`default_is_disabled`",
            "`tests/matrix.yaml`",
            ["default_is_disabled: no row under 'Overview', which it says it proves"],
            id="policy_without_row",
        ),
    ],
)
def test_problems(old: str, new: str, problem: list[str]) -> None:
    broken = HEALTHY.replace(old, new) if old else HEALTHY
    assert problems(broken, {"default_is_disabled": "Overview"}, ["off"]) == problem


def test_a_row_of_three_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="Overview: a row of 3 cells"):
        list(rows(HEALTHY.replace(r"a \| b", "a | b")))
