"""An example of a finding: a counterexample of the policy, judged, and what would have been better."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chartgate.documents.secret_texts.masking import is_guarded
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import Finding, PolicySummary
from chartgate.gate.wording import words_of
from chartgate.model import Case, Check, Manifest, Rendering, Resource
from chartgate.policy.policy import Counterexample, Policy
from chartgate.policy.proofs import Proof, literal_renderings, prove

_CONTEXT = 2
"""Lines around each that differs."""

Written = Callable[[Manifest], str]


@dataclass(frozen=True)
class Example:
    """A finding of a policy, made by one of its own counterexamples."""

    name: str
    """The counterexample's, in words."""
    finding: Finding
    better: tuple[str, ...]
    """What the counterexample broke, as a difference: `-` is what has the finding, `+` what has none."""


def example_of(policy: Policy, judgement: Judgement | None) -> Example | str:
    """Give the first example that can be made, or say why none can.

    Args:
        policy: whose counterexamples are tried, those of literal manifests first.
        judgement: of the project's matrix, for counterexamples that start there; None where there is none.
    """
    examples = sorted(policy.counterexamples, key=lambda example: not example.manifests)
    why = "its counterexamples start from scenarios of a matrix, and there is none here"
    for example in examples:
        if not (example.manifests or judgement):
            continue
        try:
            proof = prove(example, _healthy(example, judgement))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's code raises: it is said
            why = judgement.gate.masker.text(words_of(error)) if judgement else words_of(error)
            continue
        if proof.noticing:
            return _example(example, proof, None if example.manifests else judgement)
        why = f"the counterexample {example.name} gives no finding"
    return why


def _healthy(example: Counterexample, judgement: Judgement | None) -> Sequence[Rendering]:
    if example.manifests or judgement is None:
        return literal_renderings(example)
    renderings = [judgement.rendering(judgement.gate.matrix.scenarios[name]) for name in example.scenarios]
    for rendering in renderings:
        if rendering.error:
            raise InputError(f"scenario {rendering.scenario.name} does not render")
    return renderings


def _example(example: Counterexample, proof: Proof, judgement: Judgement | None) -> Example:
    [check, *_] = proof.noticing
    words = example.name.strip("_").replace("_", " ")
    if judgement is None:
        return Example(words, _plain(example.policy, check), _better(proof, check, go_yaml.dump))
    scenarios = tuple(judgement.gate.matrix.scenarios[name] for name in example.scenarios)
    case = Case("..".join(example.scenarios), scenarios)
    masker = judgement.gate.masker_for(case)

    def masked(manifest: Manifest) -> str:
        is_secret = manifest.get("kind") == "Secret"
        parts = {
            key: masker.document(value, guarded=is_secret and is_guarded("Secret x", key))
            for key, value in manifest.items()
        }
        return go_yaml.dump(parts)

    return Example(words, judgement.words.finding(example.policy, case, check), _better(proof, check, masked))


def _plain(policy: Policy, check: Check) -> Finding:
    """Make the finding of literal manifests, which hold no secret and are in no template."""
    return Finding(
        policy=PolicySummary(policy.name, policy.title, policy.remediation, policy.spec, policy.is_choice),
        severity=check.severity or policy.severity,
        fingerprint="",
        subject=check.subject,
        template="",
        path=check.path,
        expected=check.expected,
        actual=check.actual,
        cases=(),
    )


def _better(proof: Proof, check: Check, written: Written) -> tuple[str, ...]:
    """Compare the object that has the finding with what it was before."""
    for healthy, broken in reversed(proof.renderings):
        was = {resource.identity: resource.manifest for resource in healthy.after_hooks}
        for resource in broken.after_hooks:
            before = was.get(resource.identity)
            if before is not None and before != resource.manifest and check.subject.startswith(_named(resource)):
                lines = difflib.unified_diff(
                    written(resource.manifest).splitlines(), written(before).splitlines(), n=_CONTEXT, lineterm=""
                )
                return tuple(line for line in list(lines)[2:] if not line.startswith("@@"))
    return ()


def _named(resource: Resource) -> str:
    return str(resource.identity).partition(" (")[0]
