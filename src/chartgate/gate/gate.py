"""What one run judges, in pytest or on the command line: chart, matrix, policies, and the rules of its verdicts."""

from __future__ import annotations

import datetime
import difflib
import functools
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chartgate.charts.secret_values import secret_values
from chartgate.errors import InputError
from chartgate.gate.inputs import Session, open_session
from chartgate.matrix.choice import Choice
from chartgate.matrix.matrix import Matrix
from chartgate.model import Waiver
from chartgate.policy.loading import load_policies
from chartgate.policy.policy import Policy
from chartgate.policy.waivers import waiver_problem


@dataclass(frozen=True)
class Gate:
    """What one run judges."""

    session: Session
    policies: list[Policy]
    options: str
    """The options of this run, for commands to copy."""
    today: datetime.date
    """When the run started: what waivers expire by."""
    is_selection: bool
    """Whether the run named its policies: then the matrix may waive findings of others."""

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers that count today."""
        return tuple(waiver for waiver in self.session.matrix.waivers if not waiver.is_expired(self.today))

    def named_waivers(self) -> dict[str, Waiver]:
        """Give the waivers that this run can judge, expired ones too, by the policy and their number among its own."""
        names = {policy.name for policy in self.policies}
        found: dict[str, Waiver] = {}
        for waiver in self.session.matrix.waivers:
            if waiver.policy in names or not self.is_selection:
                number = sum(other.policy == waiver.policy for other in found.values()) + 1
                found[f"{waiver.policy}-{number}"] = waiver
        return found

    @functools.cached_property
    def secrets(self) -> tuple[str, ...]:
        """Every secret value of every scenario: what no report may show."""
        session = self.session
        found = (secret_values(session.chart, scenario.values) for scenario in session.matrix.scenarios.values())
        return tuple(sorted({secret for secrets in found for secret in secrets}))

    def waiver_problem(self, waiver: Waiver, is_used: Callable[[], bool]) -> str:
        """Say what is wrong with a waiver, or nothing; `is_used` tells whether it accepts a finding of this run."""
        return waiver_problem(waiver, self.policies, self.today, is_used)

    def examination_problem(self, policy: Policy, examines: bool) -> str:
        """Say that a policy examines nothing, or something where the matrix says it would not; else nothing."""
        matrix = self.session.matrix
        reason = matrix.nothing_to_examine.get(policy.name)
        if examines:
            return "" if reason is None else f"{matrix.source} says that {policy.name} has nothing to examine: it does"
        if reason or matrix.is_conventional:
            return ""
        return f"{policy.name} examines nothing in all of {matrix.source}: it proves nothing"


def open_gate(
    choice: Choice,
    sources: Sequence[str],
    folder: Path,
    *,
    copied_chart: Path,
    options: Sequence[str],
    is_selection: bool,
) -> Gate:
    """Read chart, matrix and policies; nothing is rendered yet.

    Args:
        choice: which chart, matrix and helm.
        sources: the folders and packs of policies to judge by.
        folder: what the processes of this run share.
        copied_chart: the copy of the chart that this run judges.
        options: those of this run, for commands to copy.
        is_selection: whether the run named its policies itself.

    Raises:
        InputError: one of them cannot be used, or they do not fit together.
        ToolError: there is no helm.
    """
    session = open_session(choice, copied_chart, folder)
    policies = load_policies(sources)
    # A deployment is judged without proofs, which start from the scenarios of the matrix.
    for policy in () if choice.infrastructure else policies:
        for example in policy.counterexamples:
            unknown = [name for name in example.scenarios if name not in session.matrix.scenarios]
            if unknown:
                raise InputError(
                    f"policy {policy.name} starts from scenario {unknown[0]!r}, which {session.matrix.source} does not"
                    " have: choose policies that fit with --policies=FOLDER, or the matrix with --matrix=FILE"
                )
    if policies and not is_selection:
        _check_names(session.matrix, [policy.name for policy in policies])
    today = datetime.datetime.now(datetime.UTC).date()
    return Gate(session, policies, shlex.join(options), today, is_selection)


def _check_names(matrix: Matrix, policies: Sequence[str]) -> None:
    """Refuse a reason for a policy that does not exist; a run that selects its policies cannot know.

    Raises:
        InputError: there is one.
    """
    for name in matrix.nothing_to_examine:
        if name not in policies:
            near = ", ".join(difflib.get_close_matches(name, policies)) or "none of a name like that"
            raise InputError(f"{matrix.source}: nothing_to_examine: there is no policy {name!r}; there is: {near}")
