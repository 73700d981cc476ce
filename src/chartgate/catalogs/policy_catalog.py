"""All policies, or some of them, as a Markdown document, a table for a terminal, and JSON; from their own metadata."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence

from chartgate.catalogs.explanation import here, looks_at, sources_of
from chartgate.documents.escaping import json_text, terminal_text
from chartgate.documents.words import counted
from chartgate.gate.rules.settings import Settings
from chartgate.policy.policy import Policy

_WIDTH = 120


def policy_table(policies: Sequence[Policy]) -> str:
    """Give a chapter for each package of policies, a table for each family, a row for each policy."""
    lines = ["# Policies", "", "Made from the policies themselves by `chartgate policies`."]
    for packages, members in itertools.groupby(policies, lambda policy: policy.packages):
        lines += ["", f"## {' / '.join(packages)}"]
        for family, rows in itertools.groupby(members, lambda policy: policy.family):
            lines += ["", f"### {family}", "", "| Policy | Severity | What holds | What to do when it does not |"]
            lines += ["| --- | --- | --- | --- |", *map(_row, rows)]
    return "\n".join(lines) + "\n"


def _row(policy: Policy) -> str:
    cells = [f"`{policy.name}`", policy.severity, policy.title, policy.remediation]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def policy_list(policies: Sequence[Policy], settings: Settings) -> str:
    """Give a line or two for each policy, by package and family, for a person at a terminal."""
    if not policies:
        return "there is no such policy\n"
    width = max(len(policy.name) for policy in policies)
    lines: list[str] = []
    for place, members in itertools.groupby(policies, lambda policy: (*policy.packages, policy.family)):
        lines += ["", " / ".join(place)] if lines else [" / ".join(place)]
        for policy in members:
            head = f"  {policy.name:<{width}}  {policy.severity:<7}  "
            changed = f" [here {here(policy, settings)}]" if here(policy, settings) else ""
            lines += textwrap.wrap(
                f"{policy.title}{changed}",
                max(_WIDTH, len(head) + 40),
                initial_indent=head,
                subsequent_indent=" " * len(head),
                break_long_words=False,
            )
    counts = [counted(sum(p.severity == s for p in policies), s) for s in ("error", "warning")]
    return terminal_text([*lines, "", f"{counted(len(policies), 'policy', 'policies')}: {', '.join(counts)}"])


def policy_json(policies: Sequence[Policy], settings: Settings) -> str:
    """Give a list of objects for other programs."""
    return json_text(
        [
            {
                "name": policy.name,
                "package": "/".join(policy.packages),
                "family": policy.family,
                "severity": policy.severity,
                "here": here(policy, settings),
                "title": policy.title,
                "looks_at": looks_at(policy),
                "remediation": policy.remediation,
                "spec": policy.spec,
                "sources": list(sources_of(policy.documentation)),
            }
            for policy in policies
        ]
    )
