"""What a run found, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chartgate.gate.gate import Gate
from chartgate.model import Check, Waiver
from chartgate.policy.policy import Policy

Kind = Literal["renders", "refused", "crash", "examines", "waiver", "target_revision", "placeholder"]


@dataclass(frozen=True)
class Selection:
    """What a run is narrowed to: policies, cases of these names; everything where nothing is named."""

    policies: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A finding of a policy, once for all the cases that have it."""

    policy: Policy
    finding: Check
    cases: tuple[str, ...]
    again: tuple[str, ...]
    """The helm commands that show the first of the cases."""
    waivers: tuple[Waiver, ...] = ()
    """What accepts it; none for a finding that counts."""


@dataclass(frozen=True)
class Problem:
    """Something red that is no finding of a policy."""

    kind: Kind
    subject: str
    """The policy, the waiver, the file: what it is about, where that is no scenario."""
    message: str
    cases: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a run found; `judged` counts the cases, `unjudged` names those whose scenarios did not render."""

    gate: Gate
    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    policies: tuple[Policy, ...]
    rendered: int
    refused: int
    judged: int
    unjudged: tuple[tuple[str, str], ...]
    """Policy and case."""
    guards: bool
    """Whether waivers and policies that do nothing were looked for: in all cases of a policy, or not at all."""

    @property
    def is_red(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.findings or self.problems)
