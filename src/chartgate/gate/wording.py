"""Puts what is wrong into words without secrets: findings, problems, and the commands that show them again."""

from __future__ import annotations

import dataclasses
import functools
import shlex

from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.documents.secret_texts.masking import is_guarded
from chartgate.errors import InputError
from chartgate.gate.chance_names import chance_names
from chartgate.gate.fingerprints import fingerprint, readings, variant
from chartgate.gate.gate import Gate
from chartgate.gate.results.outcome import Finding, PolicySummary, Problem, ProblemKind
from chartgate.model import Case, Check, Rendering, Scenario, Waiver
from chartgate.policy.loading import line_of
from chartgate.policy.policy import Policy
from chartgate.policy.verdicts import ATTEMPTS, RenderingOf
from chartgate.rendering import helm_template

_MOST_CHANGES = 40
"""Values that a command sets beside those of its scenario."""
_BOTH = 2
"""Scenarios of a pair."""


class Wording:
    """Says what a run has found; it asks for renderings only to know names that are others each time."""

    def __init__(self, gate: Gate, rendering_of: RenderingOf) -> None:
        self._gate = gate
        self._rendering_of = rendering_of
        self._may_differ: dict[str, bool] = {}
        self._names_of: dict[str, dict[str, str]] = {}

    def finding(self, policy: Policy, case: Case, check: Check, waivers: tuple[Waiver, ...] = ()) -> Finding:
        """Put a check that failed into words that hold no secret value."""
        masker = self._gate.masker_for(case)
        guarded = is_guarded(check.subject, check.path)
        severity = self._gate.severity_of(policy, check)
        # Placeholders for names come after the masks: a name may be a part of a secret.
        shown = dataclasses.replace(
            check,
            subject=masker.text(check.subject),
            template=masker.text(check.template),
            path=masker.text(check.path),
            cause=masker.text(check.cause),
            expected=masker.document(check.expected, guarded=guarded),
            actual=masker.document(check.actual, guarded=guarded),
        )
        names = self._chance_names(case, check)
        print_of = fingerprint(policy.name, case, shown, self._gate.chart, names)
        said = variant(case, shown, self._gate.chart)
        accepted = self._gate.baseline
        meant = (print_of, *readings(print_of, said.names)) if accepted else ()
        entry = next((entry for one in meant if accepted and (entry := accepted.of(one, severity))), None)
        return Finding(
            policy=PolicySummary(policy.name, policy.title, policy.remediation, policy.spec),
            severity=severity,
            fingerprint=print_of,
            subject=shown.subject,
            template=shown.template,
            path=shown.path,
            expected=shown.expected,
            actual=shown.actual,
            cases=(masker.name(case.name),),
            scenario=masker.name(check.scenario),
            again=tuple(map(masker.name, self.again(case, check.scenario))),
            waivers=waivers,
            is_tolerated=self._gate.tolerates(severity),
            # A waiver is the closer look, and has an end.
            baseline=entry if not waivers else None,
            variants=(said,),
            is_of_key=check.is_of_key,
        )

    def _chance_names(self, case: Case, check: Check) -> dict[str, str]:
        """Give the names around a finding that are others each time; asked only where its template may do so."""
        if check.template not in self._may_differ:
            self._may_differ[check.template] = calls_of(self._gate.chart).may_differ_in(check.template)
        if not self._may_differ[check.template]:
            return {}
        named = [scenario for scenario in case if scenario.name == check.scenario]
        found: dict[str, str] = {}
        for scenario in case if len(case.scenarios) <= _BOTH else named:
            if scenario.name not in self._names_of:
                is_always_same = self._gate.renderings.is_repeatable(scenario)
                self._names_of[scenario.name] = {} if is_always_same else self._names_by_chance(scenario)
            found |= self._names_of[scenario.name]
        return found

    def _names_by_chance(self, scenario: Scenario) -> dict[str, str]:
        """Render a scenario again, and once more where a name is another one then: part of it may be the same once."""
        again: list[Rendering] = []
        for attempt in ATTEMPTS:
            rendering = self._rendering_of(scenario.again(attempt))
            again += [rendering] * (not rendering.error)
            if not (found := chance_names(self._rendering_of(scenario), again)):
                break
        return found

    def problem(self, kind: ProblemKind, subject: str, message: str, case: Case | None = None) -> Problem:
        """Say what is wrong besides findings, in words that hold no secret value."""
        masker = self._gate.masker if case is None else self._gate.masker_for(case)
        cases = (masker.name(case.name),) if case else ()
        again = tuple(map(masker.name, self.again(case))) if case else ()
        return Problem(kind, subject, masker.text(message), cases, again)

    def again(self, case: Case, scenario: str = "") -> tuple[str, ...]:
        """Give the commands that render a case: both sides of a pair; of more, only the scenario with the finding.

        The same where a policy has changed so many values that nobody would read the command.
        """
        scenarios = case.scenarios
        if len(scenarios) > _BOTH or any(len(other.changes) > _MOST_CHANGES for other in scenarios):
            scenarios = tuple(s for s in scenarios if s.name == scenario) or scenarios[:1]
        gate = self._gate
        if gate.rules_from:
            return (shlex.join(["chartgate", "check", f"--gate-from={gate.rules_from}", f"--scenario={case.name}"]),)
        source = "" if gate.matrix.is_conventional else gate.matrix.source
        shown = functools.partial(
            helm_template.command, infrastructure=gate.infrastructure, kube_version=gate.kube_version
        )
        return tuple(shown(gate.chart, each, gate.renderings.tools, source) for each in scenarios)


def words_of(error: BaseException) -> str:
    """Say what went wrong in somebody's policy, and in which file and line."""
    if isinstance(error, InputError):
        return str(error)
    return f"{type(error).__name__}: {error} ({line_of(error)})"
