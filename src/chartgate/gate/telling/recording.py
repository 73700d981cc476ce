"""Puts together what a run judged, one by one: scenarios, policies, cases, waivers, and the resources of findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import Finding
from chartgate.gate.results.record import Record, RecordedCase, RecordedPolicy, RecordedScenario, State
from chartgate.gate.telling.causes import JudgedItem
from chartgate.gate.telling.shown_resources import shown_resources
from chartgate.model import Scenario
from chartgate.policy.policy import Policy


def record_of(
    judged: Sequence[JudgedItem], findings: Sequence[Finding], policies: Sequence[Policy], judgement: Judgement
) -> Record:
    """Give the record of a run, in which no secret value is.

    Args:
        judged: its items.
        findings: each once, the accepted ones and the waived ones too.
        policies: those that it asked for.
        judgement: of the run.

    Raises:
        ToolError: helm or kubectl is missing or hangs.
    """
    gate = judgement.gate
    of_helm = {item.case: item for item in judged if item.kind in ("renders", "refused")}
    cases = tuple(_cases(judged))
    return Record(
        today=gate.today,
        scenarios=tuple(_scenario(scenario, of_helm, judgement) for scenario in gate.matrix.scenarios.values()),
        policies=tuple(_policy(policy, judgement) for policy in policies),
        cases=cases,
        waivers=gate.matrix.waivers,
        resources=shown_resources(findings, cases, judgement),
    )


def _scenario(scenario: Scenario, of_helm: dict[str, JudgedItem], judgement: Judgement) -> RecordedScenario:
    gate = judgement.gate
    name = gate.masker.name(scenario.name)
    item = of_helm.get(name)
    reason = gate.matrix.reasons.get(scenario.name)
    given = [f"release {scenario.release}", f"namespace {scenario.namespace}"]
    given += [f"Kubernetes {scenario.kube_version}"] * bool(scenario.kube_version)
    return RecordedScenario(
        name=name,
        reason=gate.masker.text(reason.text) if reason else "",
        traits=tuple(map(gate.masker.name, sorted(scenario.traits))),
        given=tuple(map(gate.masker.text, given)),
        is_refused=bool(scenario.refusal),
        state="" if item is None else "error" if item.result.is_red else "green",
    )


def _policy(policy: Policy, judgement: Judgement) -> RecordedPolicy:
    _, _, rationale = policy.documentation.partition("\n")
    return RecordedPolicy(
        name=policy.name,
        title=policy.title,
        rationale=rationale.strip(),
        remediation=policy.remediation,
        spec=policy.spec,
        severity=judgement.gate.severity_of(policy),
        family=policy.family,
        is_of_a_pack=policy.is_of_a_pack,
    )


def _cases(judged: Sequence[JudgedItem]) -> Iterator[RecordedCase]:
    for item in judged:
        if item.kind == "policy":
            yield RecordedCase(item.policy, item.case, item.scenario, _state(item), item.result.checks)


def _state(item: JudgedItem) -> State:
    result = item.result
    if result.problems:
        return "failed"
    if result.open:
        return "error" if any(finding.severity == "error" for finding in result.open) else "warning"
    if result.unjudged:
        return "unjudged"
    if result.findings:
        return "accepted"
    if result.waived:
        return "waived"
    return "green" if result.checks else "idle"
