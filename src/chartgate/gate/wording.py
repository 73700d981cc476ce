"""Puts what is wrong into words without secrets: findings, problems, and the commands that show them again."""

from __future__ import annotations

import dataclasses
import shlex

from chartgate.documents.secret_texts.masking import is_guarded
from chartgate.errors import InputError
from chartgate.gate.fingerprints import fingerprint, readings, variant
from chartgate.gate.gate import Gate
from chartgate.gate.results.outcome import Finding, PolicySummary, Problem, ProblemKind
from chartgate.model import AskedObject, Case, Check, Rendering, Scenario, Waiver
from chartgate.policy.loading import line_of
from chartgate.policy.policy import Policy
from chartgate.policy.verdicts import ATTEMPTS, RenderingOf

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
            policy=PolicySummary(policy.name, policy.title, policy.remediation, policy.spec, policy.is_choice),
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
            asked=check.asked and AskedObject(*map(masker.text, check.asked)),
            is_of_key=check.is_of_key,
            elsewhere=masker.text(check.elsewhere),
        )

    def _chance_names(self, case: Case, check: Check) -> dict[str, str]:
        """Give the names around a finding that are others each time; asked only where its template may do so."""
        if check.template not in self._may_differ:
            from chartgate.charts.template_texts.template_calls import calls_of  # of findings only

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
        from chartgate.gate.chance_names import chance_names

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
        """Give the commands that render a case, the scenario with the finding first: of a pair, the other as well."""
        scenarios = sorted(case.scenarios, key=lambda each: each.name != scenario)
        if len(scenarios) > _BOTH:
            scenarios = scenarios[:1]
        if self._gate.rules_from:
            again = [f"--gate-from={self._gate.rules_from}", f"--scenario={case.name}"]
            return (shlex.join(["chartgate", "check", *again]),)
        return tuple(_command_of(self._gate, each) for each in scenarios)


def _command_of(gate: Gate, scenario: Scenario) -> str:
    """Give the command that prints what helm makes of a scenario; it has names in it, and no value."""
    name = f"--infrastructure={gate.infrastructure}" if gate.infrastructure else scenario.name
    words = ["chartgate", "scenarios", name, "--render", f"--chart={gate.chart.source}"]
    words += [f"--matrix={gate.matrix.source}"] * (not gate.matrix.is_conventional)
    words += [f"--policies={source}" for source in gate.named_policies if scenario.origin]
    words += [f"--helm={gate.renderings.tools.helm}"] * gate.renderings.tools.is_named
    words += [f"--kube-version={gate.kube_version}"] * bool(gate.kube_version)
    return shlex.join(words)


def words_of(error: BaseException) -> str:
    """Say what went wrong in somebody's policy, and in which file and line."""
    if isinstance(error, InputError):
        return str(error)
    return f"{type(error).__name__}: {error} ({line_of(error)})"
