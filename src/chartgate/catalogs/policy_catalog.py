"""All policies as a Markdown document, from their own metadata."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from chartgate.policy.policy import Policy


def policy_table(policies: Sequence[Policy]) -> str:
    """Give a chapter for each package of policies, a table for each family, a row for each policy."""
    lines = ["# Policies", "", "Made from the policies themselves by `chartgate policies`."]
    for group, members in itertools.groupby(policies, lambda policy: policy.group):
        lines += ["", f"## {group}"]
        for family, rows in itertools.groupby(members, lambda policy: policy.family):
            lines += ["", f"### {family}", "", "| Policy | Severity | What holds | What to do when it does not |"]
            lines += ["| --- | --- | --- | --- |", *map(_row, rows)]
    return "\n".join(lines) + "\n"


def _row(policy: Policy) -> str:
    cells = [f"`{policy.name}`", policy.severity, policy.title, policy.remediation]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
