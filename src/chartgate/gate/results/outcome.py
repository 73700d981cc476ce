"""What a run found, as plain data: no session, no helm, no runner; no secret value is in it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from chartgate.gate.results.record import Record
from chartgate.gate.results.written import Written
from chartgate.model import AskedObject, Severity, Waiver

ProblemKind = Literal[
    "renders", "refused", "crash", "examines", "counterexample", "waiver", "target_revision", "placeholder"
]


HEADLINES: dict[ProblemKind, str] = {
    "renders": "must render, but it does not",
    "refused": "must be refused in the words of the matrix, but it is not",
    "crash": "the policy itself fails",
    "examines": "the policy proves nothing",
    "counterexample": "the counterexample proves nothing",
    "waiver": "the waiver is wrong",
    "target_revision": "another version is deployed",
    "placeholder": "the secret and the values do not fit together",
}
"""The headline of each kind of problem; it follows the name of the scenario, if there is one."""
HOOK_FAILS = "a hook fails: "
"""How the message of a scenario begins that renders, while its hooks would fail."""


@dataclass(frozen=True)
class PolicySummary:
    """What a policy says of itself."""

    name: str
    title: str
    remediation: str
    spec: str
    is_choice: bool = False
    """Whether a chart may well mean what it finds."""


@dataclass(frozen=True)
class AcceptedFinding:
    """An entry of the baseline: a finding that was there when somebody accepted it, and so makes no run red."""

    fingerprint: str
    severity: Severity
    """What it was then: a warning's entry does not accept an error."""
    since: datetime.date
    who: str = ""
    why: str = ""

    @property
    def policy(self) -> str:
        """The policy whose finding it is."""
        return self.fingerprint.partition(" ")[0]

    def __str__(self) -> str:
        return f"since {self.since}{f': {self.why}' if self.why else ''}{f' ({self.who})' if self.who else ''}"


@dataclass(frozen=True)
class Variant:
    """What a finding says besides its fingerprint."""

    text: str
    """With placeholders for what differs from one installation to the next: `<release>`."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The name that each placeholder is in place of."""


@dataclass(frozen=True)
class Finding:
    """A finding of a policy, once for all the cases that have it."""

    policy: PolicySummary
    severity: Severity
    """What it is in this project: that of the check or the policy, unless the settings change it."""
    fingerprint: str
    """What it has in common with all findings of the same cause; those of a run are one."""
    subject: str
    template: str
    path: str
    expected: Any
    actual: Any
    cases: tuple[str, ...]
    scenario: str = ""
    """The scenario of the first case that it was found in; empty where it is about all of them."""
    again: tuple[str, ...] = ()
    """The helm commands that show the first of the cases."""
    waivers: tuple[Waiver, ...] = ()
    """What accepts it; none for a finding that counts."""
    is_tolerated: bool = False
    """Whether its severity is below the one that makes a run red: then it is only told."""
    baseline: AcceptedFinding | None = None
    """Its entry in the baseline, where it has one: then it is counted."""
    variants: tuple[Variant, ...] = ()
    """What the findings of its fingerprint say, its own first, apart from names and versions."""
    where: str = ""
    """What its cases have in common: `in 16 of 73 scenarios: all with cache`; empty before a run is put together."""
    asked: AskedObject | None = None
    """What has to be there, where it is about a reference."""
    is_of_key: bool = False
    """Whether the last key of its path is wrong, whatever is below it."""
    elsewhere: str = ""
    """What is there in another namespace, in place of what has to be: `Secret shop/token`."""
    written: Written | None = None
    """Where it comes from; None where nobody has looked, or nothing is known."""
    follows: str = ""
    """The fingerprint of the finding that is its cause, where it only says once more what that says."""


@dataclass(frozen=True)
class Problem:
    """Something red that is not a finding of a policy."""

    kind: ProblemKind
    subject: str
    """The policy, the waiver, the file: what it is about, where that is not a scenario."""
    message: str
    cases: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    summary: str = ""
    """What its cases have in common, and what to do; empty where nothing is known of that."""
    where: str = ""
    """What its cases have in common, as of a finding."""
    written: Written | None = None
    """The line of a template that helm names."""
    follows: str = ""
    """The policy whose findings say all that it says, where the run has any that make it red."""
    is_of_nothing: bool = False
    """Whether it says that nothing is examined or accepted any longer: so it is where a finding's object is lost."""
    is_consequence: bool = False
    """Whether something else is its cause, and says all that it says."""


_RANKS = {"line": 0, "template": 1, "": 2}


def order_of(red: Finding | Problem) -> tuple[int, str, bool]:
    """Give what reports sort by: changed lines and templates first, then errors before warnings, choices last."""
    severity, is_choice = (red.severity, red.policy.is_choice) if isinstance(red, Finding) else ("", False)
    return _RANKS[red.written.changed if red.written else ""], severity, is_choice


class WhatIsRed:
    """What makes a result red; shared by that of an item and that of a run."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    unjudged: tuple[Any, ...]

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings that are not in the baseline."""
        return tuple(finding for finding in self.findings if not finding.baseline)

    @property
    def accepted(self) -> tuple[Finding, ...]:
        """The findings that are in the baseline."""
        return tuple(finding for finding in self.findings if finding.baseline)

    @property
    def failing(self) -> tuple[Finding, ...]:
        """The findings that make it red."""
        return tuple(finding for finding in self.open if not finding.is_tolerated)

    @property
    def tolerated(self) -> tuple[Finding, ...]:
        """The findings that are only told."""
        return tuple(finding for finding in self.open if finding.is_tolerated)

    @property
    def is_red(self) -> bool:
        """Whether anything is wrong, or could not be judged."""
        return bool(self.problems or self.unjudged or self.failing)


@dataclass(frozen=True)
class ItemResult(WhatIsRed):
    """What one item gave."""

    findings: tuple[Finding, ...] = ()
    waived: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    unjudged: tuple[str, ...] = ()
    """The scenarios that did not render, so that a policy could not be judged."""
    causes: tuple[Problem, ...] = ()
    """Why they did not; for a run that says it nowhere else."""
    idle: str = ""
    """Why the item is skipped; empty if it is not."""
    checks: int = 0
    """How many things a policy examined."""


@dataclass(frozen=True)
class Causes(WhatIsRed):
    """What is red in a run, each cause once."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    unjudged: tuple[tuple[str, str], ...]
    """Policy and case of what could not be judged, because a scenario did not render."""


@dataclass(frozen=True)
class ChartSummary:
    """Which chart was judged."""

    name: str
    version: str
    source: str


@dataclass(frozen=True)
class BaselineReport:
    """Which baseline a run had, and what became of it."""

    file: str
    mended: tuple[AcceptedFinding, ...] = ()
    """Its entries whose findings are no longer there, as far as the run has judged."""
    added: tuple[AcceptedFinding, ...] | None = None
    """What the run has added to it; None where it was not to add anything."""
    removed: tuple[AcceptedFinding, ...] | None = None
    """What the run has taken out of it; None where it was not to."""


@dataclass(frozen=True)
class Outcome(WhatIsRed):
    """What a run found."""

    chart: ChartSummary
    matrix: str
    infrastructure: str
    """The Argo-style file that gave the only scenario; empty where the matrix gave them."""
    helm: str
    findings: tuple[Finding, ...]
    waived: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    unjudged: tuple[tuple[str, str], ...]
    """Policy and case of what could not be judged, because a scenario did not render."""
    policies: int
    judged: Mapping[str, int] = field(default_factory=dict)
    """How many items of each kind were judged."""
    notes: tuple[str, ...] = ()
    """What of the chart could not be judged, whatever was found."""
    fail_on: Severity = "error"
    """The lowest severity of a finding that makes it red."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """The policies that judged nothing since the project does not want them, and why."""
    idle: tuple[str, ...] = ()
    """The policies of packs that found nothing to examine."""
    not_judged: tuple[str, ...] = ()
    """What no policy could judge, a kind without a schema, say; nothing is known to be wrong with it."""
    baseline: BaselineReport | None = None
    """What became of the baseline; None for a run without one."""
    record: Record | None = None
    """What was judged, one by one; None where no report asks for it."""
    cases: Mapping[str, int] = field(default_factory=dict)
    """How many cases were judged of each policy."""
    checks: int = 0
    """How many things policies examined."""
    seconds: Mapping[str, float] = field(default_factory=dict, compare=False)
    """How long each policy took to judge, where somebody measured it."""
    started_in: str = ""
    """The folder that the run was started in, from which files are named."""
    work_tree: str = ""
    """The top of the repository around it; empty where there is none."""
