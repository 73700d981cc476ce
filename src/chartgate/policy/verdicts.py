"""Judging: a policy on a case gives a verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chartgate.documents.looks import looks
from chartgate.matrix.derivations.set_in_ci import gives_item, gives_objects_of
from chartgate.model import Case, Check, Rendering, Scenario, Waiver
from chartgate.policy.checks import helm_states
from chartgate.policy.policy import THE_CHART, Policy
from chartgate.system.interruption import Stopped
from chartgate.system.parallel import in_order, worker_threads

RenderingOf = Callable[[Scenario], Rendering]
RENDERS_OR_SAYS_WHY = "renders, or is refused in words"


@dataclass(frozen=True)
class Verdict:
    """What a policy found in one case; `unrendered` names the scenarios that gave nothing to judge."""

    policy: Policy
    case: Case
    checks: tuple[Check, ...]
    unrendered: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    """Those that count today, of this policy or of any other."""
    saw_chart: bool = True
    """Whether more than the renderings may have decided: the policy looked at the chart, or had more rendered."""

    @property
    def findings(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if not check.passed)

    @property
    def unwaived(self) -> tuple[Check, ...]:
        """The findings that no waiver accepts."""
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


_MOST_RENDERINGS = 500
"""Of one case, besides its own: what a policy explores ends, whatever helm says."""
ATTEMPTS = (1, 2)
"""Twice, since what is picked at random among few things may well be the same once."""


def judge(policy: Policy, case: Case, rendering_of: RenderingOf, waivers: Sequence[Waiver] = ()) -> Verdict:
    """Judge one case, with the waivers that have not expired.

    Raises:
        ToolError: helm or kubectl is missing or hangs.
    """
    chart = case.scenarios[0].chart if policy.over == THE_CHART else None
    if chart is not None:
        checks = tuple(policy.checks_of_chart(chart))
        # What it finds counts where all render: what keeps one from it is told by helm, and often is the same.
        if all(check.passed for check in checks):
            return Verdict(policy, case, checks, (), tuple(waivers))
    renderings = [rendering_of(scenario) for scenario in case]
    failed = [rendering for rendering in renderings if rendering.error and not rendering.scenario.is_trial]
    unrendered = tuple(rendering.scenario.name for rendering in failed)
    if failed and all(rendering.scenario.origin for rendering in failed):
        # Nobody has written these into the matrix, so nobody could mend them there: it is a finding as any other.
        return Verdict(policy, case, tuple(map(_refusal_in_words, failed)), (), tuple(waivers))
    if not (unrendered or policy.is_of_a_pack):
        # What a project says of its objects is meant of those that hooks leave; the packs look at both.
        unrendered = tuple(rendering.scenario.name for rendering in renderings if rendering.hook_error)
    if not unrendered:
        renderings = _explored(policy, renderings, rendering_of)
    before = looks()
    try:
        checks = () if unrendered else tuple(checks_of(policy, renderings))
    except Stopped as stopped:
        stopped.meanwhile = f" while the policy {policy.name} judged"
        raise
    saw_chart = looks() != before or policy.rerenders or policy.explores is not None
    if policy.rerenders and not all(check.passed for check in checks):
        again = [rendering_of(scenario.again(attempt)) for attempt in ATTEMPTS for scenario in case]
        checks = tuple(checks_of(policy, renderings, [rendering for rendering in again if not rendering.error]))
    return Verdict(policy, case, checks, unrendered, tuple(waivers), saw_chart)


def _refusal_in_words(rendering: Rendering) -> Check:
    """Check that a chart refuses a name, a namespace or a version by `fail`, `required` or its schema, and by no panic.

    Source: https://helm.sh/docs/howto/charts_tips_and_tricks/#using-the-required-function
    """
    scenario = rendering.scenario
    said = is_in_words(rendering.error)
    check = helm_states(
        f"release {scenario.release} in namespace {scenario.namespace}",
        expected=RENDERS_OR_SAYS_WHY,
        actual=RENDERS_OR_SAYS_WHY if said else rendering.error.strip(),
    )
    return check.of(scenario.name)


def is_in_words(error: str) -> bool:
    """Tell whether a chart itself has said what is wrong: by `fail`, by `required`, or by its schema."""
    return "execution error at (" in error or "values don't meet the specifications of the schema" in error


def _explored(policy: Policy, given: list[Rendering], rendering_of: RenderingOf) -> list[Rendering]:
    """Render what a policy wants to see besides its case; each time it knows what came out before."""
    renderings = given
    known = {rendering.scenario.name for rendering in renderings}
    while policy.explores is not None and len(renderings) < len(given) + _MOST_RENDERINGS:
        more = {scenario.name: scenario for scenario in policy.explores(renderings) if scenario.name not in known}
        if not more:
            break
        known |= more.keys()
        with worker_threads() as pool:
            renderings = [*renderings, *in_order(pool, rendering_of, more.values())]
    return renderings


def unsaid_words(rendering: Rendering) -> tuple[str, ...]:
    """Give the words of a scenario's refusal that helm did not say: all of them when it rendered."""
    return tuple(words for words in rendering.scenario.refusal if words not in rendering.error)


def checks_of(policy: Policy, renderings: Sequence[Rendering], again: Sequence[Rendering] = ()) -> Iterator[Check]:
    """Run the policy; each check knows its scenario. What they say is not masked: that is for whoever reports it.

    Args:
        policy: what judges.
        renderings: those of one case.
        again: the same ones, rendered once more; for policies that ask for it.
    """
    scenario = renderings[-1].scenario.name if not policy.judges_all_at_once else ""
    for check in policy.checks([*renderings, *again]):
        is_given = not check.passed and policy.is_of_a_pack and _is_given(check, renderings)
        told = dataclasses.replace(check, passed=True) if is_given else check
        yield told if told.scenario or not scenario else told.of(scenario)


def _is_given(check: Check, renderings: Sequence[Rendering]) -> bool:
    """Tell whether what a check is about is no part of the chart: a file in ci/ adds it by itself."""
    last = renderings[-1]
    is_given = gives_item(last.scenario, check.path) or gives_objects_of(last.scenario, last.chart, check.template)
    return last.scenario.is_installation and not last.scenario.changes and is_given
