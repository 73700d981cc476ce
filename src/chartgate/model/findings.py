"""What policies say: checks, of which those that failed are findings, and the waivers that accept some."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, NamedTuple

Severity = Literal["error", "warning"]
"""From high to low: what breaks the release or its users, and what breaks a convention or may be meant."""


class AskedObject(NamedTuple):
    """What a reference names."""

    kind: str
    name: str
    namespace: str
    """Empty for a cluster-scoped kind."""


@dataclass(frozen=True, init=False)
class Check:
    """One thing that a policy examined; a finding is a check that failed."""

    subject: str
    """Identity of the resource, or the part of the chart (`values.yaml`), that it is about."""
    path: str
    expected: Any
    actual: Any
    passed: bool
    template: str = ""
    scenario: str = ""
    severity: Severity | None = None
    """Where it is not that of its policy."""
    unjudged: str = ""
    """What could not be judged, though the check passed: told once, at the end of a run."""
    cause: str = ""
    """What makes findings of its policy one, wherever they are; empty where their resource and path do."""
    asked: AskedObject | None = None
    """What has to be there for it to pass, where it is about a reference."""
    is_omission: bool = False
    """Whether nothing there is wrong, and something is not given."""
    is_of_key: bool = False
    """Whether the last key of the path is wrong, whatever is below it."""
    elsewhere: str = ""
    """What is there in another namespace, in place of what has to be: `Secret shop/token`."""

    def __init__(
        self,
        subject: str,
        path: str,
        expected: Any,
        actual: Any,
        passed: bool,
        template: str = "",
        scenario: str = "",
        severity: Severity | None = None,
        unjudged: str = "",
        cause: str = "",
        asked: AskedObject | None = None,
        is_omission: bool = False,
        is_of_key: bool = False,
        elsewhere: str = "",
    ) -> None:
        """Say what was examined: three times as quick as what `dataclass` writes, and a run says a lot."""
        self.__dict__.update(
            subject=subject,
            path=path,
            expected=expected,
            actual=actual,
            passed=passed,
            template=template,
            scenario=scenario,
            severity=severity,
            unjudged=unjudged,
            cause=cause,
            asked=asked,
            is_omission=is_omission,
            is_of_key=is_of_key,
            elsewhere=elsewhere,
        )

    def of(self, scenario: str) -> Check:
        """Give the same check with the scenario that it was made in."""
        # Many times as quick as `dataclasses.replace`, and a run makes hundreds of thousands.
        made = object.__new__(Check)
        made.__dict__.update(self.__dict__, scenario=scenario)
        return made


@dataclass(frozen=True)
class Waiver:
    """Accepted findings of one policy, with a reason, an owner and an expiry date; an empty pattern accepts any."""

    policy: str
    resource: str
    """Pattern of `Kind namespace/name`, or of `Kind name` where it has no namespace."""
    scenario: str
    """Pattern of the scenario's name, or of the pair's (`off..postgres`)."""
    path: str
    """Pattern of the address inside of the resource."""
    reason: str
    owner: str
    expires: datetime.date
    """The last day on which it counts."""

    def __str__(self) -> str:
        return f"{self.reason} ({self.owner}, until {self.expires})"

    def is_expired(self, today: datetime.date) -> bool:
        """Tell whether its last day is over."""
        return today > self.expires

    def accepts(self, policy: str, case: str, finding: Check) -> bool:
        """Tell whether it is about this finding."""
        return (
            policy == self.policy
            and _fits(self.resource, finding.subject.partition(" (")[0])
            and _fits(self.path, finding.path)
            and (_fits(self.scenario, case) or _fits(self.scenario, finding.scenario))
        )


def _fits(pattern: str, text: str) -> bool:
    """Compare with a pattern in which `*` and `?` stand for anything, and brackets for themselves."""
    return not pattern or fnmatchcase(text, pattern.replace("[", "[[]"))
