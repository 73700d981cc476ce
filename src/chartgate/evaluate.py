"""Judging: a policy on a case gives a verdict, a counterexample on a policy gives a proof that it can fail."""

from __future__ import annotations

import copy
import dataclasses
import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chartgate.errors import InputError
from chartgate.manifests import parse
from chartgate.masking import mask, masked
from chartgate.model import Case, Chart, Check, Identity, Missing, Rendering, Scenario, Waiver
from chartgate.policy import WHOLE_MATRIX, Counterexample, Policy
from chartgate.values import secret_values

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


@dataclass(frozen=True)
class Proof:
    """What a counterexample did: findings before and after the change, and what it changed."""

    before: tuple[Check, ...]
    after: tuple[Check, ...]
    changed: tuple[str, ...]

    @property
    def noticed(self) -> bool:
        """Whether a finding is about something that the counterexample changed."""
        return any(_names(finding.subject, self.changed) for finding in self.after)


def judge(policy: Policy, case: Case, rendering_of: RenderingOf, waivers: Sequence[Waiver] = ()) -> Verdict:
    """Judge one case, and part its findings by the waivers that count.

    Raises:
        ToolError: helm or kubectl is missing or hangs.
    """
    renderings = [rendering_of(scenario) for scenario in case]
    unrendered = tuple(r.scenario.name for r in renderings if r.error and not r.scenario.is_trial)
    checks = () if unrendered else tuple(_checks(policy, renderings))
    return Verdict(policy, case, checks, unrendered, tuple(waivers))


def waiver_problem(
    waiver: Waiver, policies: Sequence[Policy], today: datetime.date, is_used: Callable[[], bool]
) -> str:
    """Say what is wrong with a waiver: its policy is unknown, it has expired, or it accepts nothing; else nothing."""
    if all(policy.name != waiver.policy for policy in policies):
        return f"there is no policy {waiver.policy!r} to waive a finding of"
    if waiver.is_expired(today):
        return f"it expired on {waiver.expires}: mend what it accepts, or let {waiver.owner} decide anew"
    return "" if is_used() else "it accepts no finding in any scenario: take it out of the matrix"


def accepts_something(
    waiver: Waiver, policies: Sequence[Policy], scenarios: Sequence[Scenario], rendering_of: RenderingOf
) -> bool:
    """Tell whether a waiver accepts at least one finding of its policy; stops at the first case with one."""
    cases = ((policy, case) for policy in policies if policy.name == waiver.policy for case in policy.cases(scenarios))
    return any(judge(policy, case, rendering_of, [waiver]).waived for policy, case in cases)


def unsaid_words(rendering: Rendering) -> tuple[str, ...]:
    """Give the words of a scenario's refusal that helm did not say: all of them when it rendered."""
    return tuple(words for words in rendering.scenario.refusal if words not in rendering.error)


def examines_something(policy: Policy, scenarios: Sequence[Scenario], rendering_of: RenderingOf) -> bool:
    """Tell whether the policy makes at least one check somewhere; stops at the first."""
    for case in policy.cases(scenarios):
        renderings = [rendering_of(scenario) for scenario in case]
        if (
            not any(r.error and not r.scenario.is_trial for r in renderings)
            and next(_checks(policy, renderings), None) is not None
        ):
            return True
    return False


def prove(counterexample: Counterexample, healthy: Sequence[Rendering]) -> Proof:
    """Judge healthy renderings, break deep copies of them, and judge again.

    Raises:
        InputError: the counterexample does not return as many renderings as it was given.
    """
    policy = counterexample.policy
    before = tuple(check for check in _checks(policy, healthy) if not check.passed)
    copies = [dataclasses.replace(copy.deepcopy(r), scenario=r.scenario) for r in healthy]
    result = counterexample.break_(copies) if policy.over == WHOLE_MATRIX else counterexample.break_(*copies)
    broken = [result] if isinstance(result, Rendering) else list(result or ())
    if len(broken) != len(healthy):
        raise InputError(f"counterexample {counterexample} must return what it was given, broken: {len(healthy)} of it")
    after = tuple(check for check in _checks(policy, broken) if not check.passed)
    changed = [name for old, new in zip(healthy, broken, strict=True) for name in _changes(old, new)]
    return Proof(before, after, tuple(dict.fromkeys(changed)))


def literal_renderings(counterexample: Counterexample, chart: Chart) -> list[Rendering]:
    """Make what a counterexample with literal manifests starts from: one, or two that are one toggle apart."""
    rendering = literal_rendering(counterexample.manifests, chart)
    if counterexample.policy.judges_one:
        return [rendering]
    return [
        dataclasses.replace(copy.deepcopy(rendering), scenario=dataclasses.replace(rendering.scenario, switched=on))
        for on in (frozenset[str](), frozenset(["feature"]))
    ]


def literal_rendering(manifests: str, chart: Chart) -> Rendering:
    """Make a rendering of literal manifests (with `# Source:` headers or without), for generic policies."""
    text = (
        manifests
        if manifests.startswith("---\n# Source:")
        else f"---\n# Source: literal/templates/all.yaml\n{manifests}"
    )
    scenario = Scenario("literal", "release-name", "default", "", {}, dict(chart.defaults))
    resources = parse(text, scenario.namespace)
    # What the chart's own templates have to do with its values is no part of literal manifests.
    chart = dataclasses.replace(chart, templates={}, subcharts=())
    return Rendering(scenario, chart, resources, resources)


def _checks(policy: Policy, renderings: Sequence[Rendering]) -> Iterator[Check]:
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


def _changes(old: Rendering, new: Rendering) -> Iterator[str]:
    """Name what differs: resources, before and after the hooks, and parts of the chart."""
    for before, after in ((old.resources, new.resources), (old.after_hooks, new.after_hooks)):
        was: dict[Identity, object] = {r.identity: (r.manifest, r.template) for r in before}
        now: dict[Identity, object] = {r.identity: (r.manifest, r.template) for r in after}
        doubled = [r.identity for r in after if sum(r.identity == other.identity for other in after) > 1]
        yield from (str(i) for i in [*was, *now, *doubled] if was.get(i) != now.get(i) or i in doubled)
        # A template that renders nothing any more, or something for the first time.
        yield from sorted({r.template for r in before} ^ {r.template for r in after})
    for part, before_part, after_part in (
        ("Chart.yaml", old.chart.metadata, new.chart.metadata),
        ("values.yaml", old.chart.defaults, new.chart.defaults),
        ("values.schema.json", old.chart.schema, new.chart.schema),
        ("templates", old.chart.templates, new.chart.templates),
        ("helm", old.warnings, new.warnings),
        ("matrix", old.scenario.external, new.scenario.external),
    ):
        if before_part != after_part:
            yield part


def _names(subject: str, changed: Sequence[str]) -> bool:
    """Tell whether a finding's subject is one of the changed things; `Kind name` may leave out the rest."""
    kind, _, name = subject.partition(" ")
    for thing in changed:
        full = thing.partition(" (")[0]
        full_kind, _, full_name = full.partition(" ")
        if subject in (thing, full) or (kind == full_kind and name == full_name.rpartition("/")[2]):
            return True
    return False
