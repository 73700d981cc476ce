"""What a run judged, one by one, as plain data: for reports that show what is green as well as what is red."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from chartgate.model import Severity, Waiver

State = Literal["failed", "error", "warning", "unjudged", "accepted", "waived", "green", "idle"]
"""What a case of a policy gave, from bad to good: the policy itself failed; it has open findings; a scenario did not
render; all findings are in the baseline, or waived; there are none; there was nothing to examine."""


@dataclass(frozen=True)
class RecordedScenario:
    """A scenario of the matrix."""

    name: str
    reason: str
    """Why it is there."""
    traits: tuple[str, ...]
    """Its toggles that are on (`cache`), and its values of axes (`source=literal`)."""
    given: tuple[str, ...] = ()
    """Under which release, where, and on which Kubernetes."""
    is_refused: bool = False
    """Whether helm must refuse it."""
    state: Literal["error", "green", ""] = ""
    """Whether helm did with it what it must; empty where this run did not ask."""


@dataclass(frozen=True)
class RecordedPolicy:
    """A policy that judged."""

    name: str
    title: str
    rationale: str
    """What else its documentation says."""
    remediation: str
    spec: str
    severity: Severity
    family: str
    is_of_a_pack: bool


@dataclass(frozen=True)
class RecordedCase:
    """What a policy said of a case."""

    policy: str
    case: str
    scenario: str
    """The scenario of the matrix that it is about: of a pair, the second; empty for all of them."""
    state: State
    checks: int
    """How many things were examined."""


@dataclass(frozen=True)
class ShownResource:
    """The resource that a finding is about, as text in which secrets are masked."""

    scenario: str
    """In which it is like that."""
    text: str
    first: int = 1
    """The number of the text's first line: of one that is very long, it is a part."""
    marked: tuple[int, int] = (0, 0)
    """The first and the last line that the finding is about, counted as `first` is; (0, 0) for the whole."""
    is_around: bool = False
    """Whether what the finding is about is not there, and the marked line is the one around it."""
    nearest: str = ""
    """The scenario without this finding that has most in common with this one; empty for none."""
    traits: tuple[str, ...] = ()
    """How they differ: `+cache` for what is in the nearest only, `-cache` for what is not in it."""
    difference: tuple[str, ...] = ()
    """How the resource is there, as a unified diff from here to there."""
    is_there: bool = False
    """Whether the nearest has the resource."""


@dataclass(frozen=True)
class Record:
    """What a run judged."""

    today: datetime.date
    """When: what waivers expire by."""
    scenarios: tuple[RecordedScenario, ...]
    policies: tuple[RecordedPolicy, ...]
    cases: tuple[RecordedCase, ...]
    waivers: tuple[Waiver, ...] = ()
    """Those of the matrix, whether they accept something or not."""
    resources: Mapping[str, ShownResource] = field(default_factory=dict)
    """By the fingerprint of a finding that is about one."""
