"""What a person reads when something is red: what, where, expected and actual, and the commands to see it again."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from chartgate.documents import go_yaml
from chartgate.errors import InputError
from chartgate.model import Check, Rendering, Waiver
from chartgate.policy.policy import Counterexample
from chartgate.policy.proofs import Proof
from chartgate.policy.verdicts import Verdict, unsaid_words


def verdict_text(verdict: Verdict, again: Sequence[str]) -> str:
    """Explain a verdict with findings; `again` are the commands that show it once more."""
    policy = verdict.policy
    if verdict.unrendered:
        return "\n".join(f"scenario {name} did not render: see test_renders[{name}]" for name in verdict.unrendered)
    lines = [
        f"{policy.name} on {verdict.case.name}: {_count(verdict.open)} ({policy.severity})",
        policy.title,
        "",
    ]
    lines += findings_lines(verdict.open)
    lines += [f"waived:     {_count(verdict.waived)} more"] * bool(verdict.waived)
    lines += [f"what to do: {policy.remediation}"]
    lines += [f"spec:       {policy.spec}"] * bool(policy.spec)
    return "\n".join([*lines, *again_lines(again)])


def waived_text(verdict: Verdict) -> str:
    """Say in one line why all findings of a verdict are accepted."""
    return f"{_count(verdict.waived)} waived: " + "; ".join(str(waiver) for waiver in verdict.used_waivers)


def waiver_text(waiver: Waiver, source: str, problem: str) -> str:
    """Explain what is wrong with a waiver."""
    patterns = {"resource": waiver.resource, "scenario": waiver.scenario, "path": waiver.path}
    where = ", ".join(f"{name} {pattern}" for name, pattern in patterns.items() if pattern)
    return f"{source} waives findings of {waiver.policy} on {where}:\n  {waiver}\n{problem}"


def findings_lines(findings: Sequence[Check]) -> list[str]:
    """List findings, those of one resource together."""
    lines: list[str] = []
    for (subject, scenario), group in itertools.groupby(findings, lambda f: (f.subject, f.scenario)):
        checks = list(group)
        template = next((f" from {c.template}" for c in checks if c.template), "")
        lines.append(f"  {subject}{template} (scenario {scenario})" if scenario else f"  {subject}{template}")
        for check in checks:
            lines += [f"    {check.path}"] * bool(check.path)
            lines += value_lines("      expected: ", check.expected) + value_lines("      actual:   ", check.actual)
        lines.append("")
    return lines


def unrendered_text(rendering: Rendering, again: Sequence[str]) -> str:
    """Explain that a scenario which must render did not, in helm's own words, or that its hooks would fail."""
    name = rendering.scenario.name
    head = f"scenario {name} must render, but it does not:" if rendering.error else f"a hook of scenario {name} fails:"
    return "\n".join([head, "", rendering.error or rendering.hook_error, *again_lines(again)])


def unrefused_text(rendering: Rendering, again: Sequence[str]) -> str:
    """Explain that a scenario which must be refused was rendered, or refused for another reason."""
    wanted = [f"  {words!r}" for words in unsaid_words(rendering)]
    said = rendering.error or f"(nothing: it rendered {len(rendering.resources)} resources)"
    head = f"scenario {rendering.scenario.name} must be refused, with these words in helm's stderr:"
    return "\n".join([head, *wanted, "", "helm said:", said, *again_lines(again)])


def proof_text(counterexample: Counterexample, proof: Proof) -> str:
    """Explain why a counterexample proves nothing."""
    lines = [f"counterexample {counterexample.name} of {counterexample.policy.name} proves nothing:", ""]
    if proof.before:
        lines += ["the policy is red before anything is changed:", *findings_lines(proof.before)]
    elif not proof.changed:
        lines += ["it changes nothing"]
    elif not proof.after:
        lines += ["the policy stays green after a change to", *(f"  {name}" for name in proof.changed)]
    else:
        lines += [
            "no finding is about what was changed,",
            *(f"  {name}" for name in proof.changed),
            "but about",
        ]
        lines += findings_lines(proof.after)
    return "\n".join(lines)


def again_lines(commands: Sequence[str]) -> list[str]:
    """Head a list of commands."""
    return ["", "see it again:", *(f"  {command}" for command in commands)] if commands else []


def _count(findings: Sequence[Check]) -> str:
    return "1 finding" if len(findings) == 1 else f"{len(findings)} findings"


def value_lines(label: str, value: Any) -> list[str]:
    """Write a value on the label's line, or as a YAML block below it."""
    if isinstance(value, dict | list) and value:
        indent = " " * 8
        return [label.rstrip(), *(indent + line for line in go_yaml.dump(value).rstrip().splitlines())]
    if isinstance(value, str) and "\n" in value:
        return [label.rstrip(), *(" " * 8 + line for line in value.rstrip().splitlines())]
    return [f"{label}{value!r}" if isinstance(value, str) and not value.strip() else f"{label}{_scalar(value)}"]


def _scalar(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f'"{value}"' if isinstance(value, str) and reads_as_another_type(value) else str(value)


def reads_as_another_type(text: str) -> bool:
    """Tell `"1"` from `1` and `"true"` from `true`."""
    try:
        return isinstance(go_yaml.load(text, ""), bool | int | float | None)
    except InputError:
        return False
