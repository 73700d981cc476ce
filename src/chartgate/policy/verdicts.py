"""Judging: a policy on a case gives a verdict, a counterexample on a policy gives a proof that it can fail."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chartgate.charts.secret_values import secret_values
from chartgate.documents.masking import mask, masked
from chartgate.model import Case, Check, Missing, Rendering, Scenario, Waiver
from chartgate.policy.policy import WHOLE_MATRIX, Policy

RenderingOf = Callable[[Scenario], Rendering]


@dataclass(frozen=True)
class Verdict:
    """What a policy found in one case; `unrendered` names the scenarios that gave nothing to judge."""

    policy: Policy
    case: Case
    checks: tuple[Check, ...]
    unrendered: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    """Those that count today, of this policy or of any other."""

    @property
    def findings(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if not check.passed)

    @property
    def open(self) -> tuple[Check, ...]:
        """The findings that nobody has accepted."""
        return tuple(finding for finding in self.findings if not self.accepting(finding))

    @property
    def waived(self) -> tuple[Check, ...]:
        """The findings that a waiver accepts."""
        return tuple(finding for finding in self.findings if self.accepting(finding))

    @property
    def used_waivers(self) -> tuple[Waiver, ...]:
        """The waivers that accept something here."""
        return tuple(dict.fromkeys(waiver for finding in self.findings for waiver in self.accepting(finding)))

    def accepting(self, finding: Check) -> list[Waiver]:
        """Give the waivers that accept a finding."""
        return [waiver for waiver in self.waivers if waiver.accepts(self.policy.name, self.case.name, finding)]


def judge(policy: Policy, case: Case, rendering_of: RenderingOf, waivers: Sequence[Waiver] = ()) -> Verdict:
    """Judge one case, and part its findings by the waivers that count.

    Raises:
        ToolError: helm or kubectl is missing or hangs.
    """
    renderings = [rendering_of(scenario) for scenario in case]
    unrendered = tuple(r.scenario.name for r in renderings if r.error and not r.scenario.is_trial)
    checks = () if unrendered else tuple(checks_of(policy, renderings))
    return Verdict(policy, case, checks, unrendered, tuple(waivers))


def unsaid_words(rendering: Rendering) -> tuple[str, ...]:
    """Give the words of a scenario's refusal that helm did not say: all of them when it rendered."""
    return tuple(words for words in rendering.scenario.refusal if words not in rendering.error)


def examines_something(policy: Policy, scenarios: Sequence[Scenario], rendering_of: RenderingOf) -> bool:
    """Tell whether the policy makes at least one check somewhere; stops at the first."""
    for case in policy.cases(scenarios):
        renderings = [rendering_of(scenario) for scenario in case]
        if (
            not any(r.error and not r.scenario.is_trial for r in renderings)
            and next(checks_of(policy, renderings), None) is not None
        ):
            return True
    return False


def checks_of(policy: Policy, renderings: Sequence[Rendering]) -> Iterator[Check]:
    """Run the policy; what it looks for and does not find is a finding, and each check knows its scenario."""
    scenario = renderings[-1].scenario.name if policy.over != WHOLE_MATRIX else ""
    checks = policy(list(renderings)) if policy.over == WHOLE_MATRIX else policy(*renderings)
    try:
        for check in checks:
            yield _finished(check, check.scenario or scenario, renderings)
    except Missing as missing:
        yield _finished(missing.check, scenario, renderings)


def _finished(check: Check, scenario: str, renderings: Sequence[Rendering]) -> Check:
    """Add the scenario, and take the secret values out of what a report will show."""
    if check.passed:
        return dataclasses.replace(check, scenario=scenario)
    secrets = [secret for r in renderings for secret in secret_values(r.chart, r.scenario.values)]
    shown = {"expected": masked(check.expected, secrets), "actual": masked(check.actual, secrets)}
    return dataclasses.replace(check, scenario=scenario, path=mask(check.path, secrets), **shown)
