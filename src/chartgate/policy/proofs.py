"""Proving that a policy can fail: a counterexample breaks what is healthy, and the policy must notice."""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chartgate.errors import InputError
from chartgate.model import Chart, Check, Identity, Rendering, Resources, Scenario
from chartgate.policy.policy import Counterexample
from chartgate.policy.verdicts import checks_of
from chartgate.rendering.manifests import parse


@dataclass(frozen=True)
class Proof:
    """What a counterexample did: findings before and after the change, and what it changed."""

    before: tuple[Check, ...]
    after: tuple[Check, ...]
    changed: tuple[str, ...]
    renderings: tuple[tuple[Rendering, Rendering], ...] = ()
    """Each of the healthy renderings, and what was made of it."""

    @property
    def noticed(self) -> bool:
        """Whether a finding is about something that the counterexample changed."""
        return bool(self.noticing)

    @property
    def noticing(self) -> tuple[Check, ...]:
        """The findings about something that the counterexample changed."""
        return tuple(finding for finding in self.after if _names(finding.subject, self.changed))


def prove(counterexample: Counterexample, healthy: Sequence[Rendering]) -> Proof:
    """Judge healthy renderings, break deep copies of them, and judge again.

    Raises:
        InputError: an edit finds nothing to change, or a function does not return as many renderings as it was given.
    """
    policy = counterexample.policy
    before = tuple(check for check in checks_of(policy, healthy) if not check.passed)
    copies = [dataclasses.replace(copy.deepcopy(r), scenario=r.scenario) for r in healthy]
    broken = made_by(counterexample, copies)
    if len(broken) != len(healthy):
        raise InputError(f"counterexample {counterexample} must return what it was given, broken: {len(healthy)} of it")
    after = tuple(check for check in checks_of(policy, broken) if not check.passed)
    changed = [name for old, new in zip(healthy, broken, strict=True) for name in _changes(old, new)]
    return Proof(before, after, tuple(dict.fromkeys(changed)), tuple(zip(healthy, broken, strict=True)))


def proof_problem(proof: Proof) -> str:
    """Say why a counterexample proves nothing; empty where it does prove that its policy can fail."""
    if proof.before:
        return "\n".join(["the policy is red before anything is changed:", *map(_line, proof.before)])
    if proof.noticed:
        return ""
    if not proof.changed:
        return "it changes nothing"
    changed = [f"  {name}" for name in proof.changed]
    if not proof.after:
        return "\n".join(["the policy stays green after a change to", *changed])
    return "\n".join(["no finding is about what was changed,", *changed, "but about", *map(_line, proof.after)])


def _line(finding: Check) -> str:
    place = " ".join(filter(None, (finding.subject, finding.path)))
    return f"  {place}: expected {finding.expected}, found {finding.actual}"


def made_by(counterexample: Counterexample, copies: list[Rendering]) -> list[Rendering]:
    """Give what a counterexample makes of deep copies of healthy renderings.

    Raises:
        InputError: an edit finds nothing to change.
    """
    change = counterexample.change
    if isinstance(change, tuple):
        try:
            return functools.reduce(lambda renderings, edit: edit.apply_to(renderings), change, copies)
        except InputError as error:
            raise InputError(f"counterexample {counterexample}: {error}") from error
    result = change(copies) if counterexample.policy.judges_all_at_once else change(*copies)
    return [result] if isinstance(result, Rendering) else list(result or ())


NO_CHART = Chart(
    name="literal",
    version="0.0.0",
    folder=Path(),
    source="literal",
    digest="",
    metadata={},
    own_values={},
    defaults={},
    schema={},
    templates={},
    subcharts=(),
)
"""The chart that literal manifests belong to when none is given: no values, and any Kubernetes version."""


def literal_renderings(counterexample: Counterexample, chart: Chart = NO_CHART) -> list[Rendering]:
    """Make what a counterexample with literal manifests starts from: one, or two that are one toggle apart."""
    rendering = literal_rendering(counterexample.manifests, chart)
    if counterexample.policy.judges_one:
        return [rendering]
    return [
        dataclasses.replace(copy.deepcopy(rendering), scenario=dataclasses.replace(rendering.scenario, switched=on))
        for on in (frozenset[str](), frozenset(["feature"]))
    ]


def literal_rendering(manifests: str, chart: Chart = NO_CHART) -> Rendering:
    """Make a rendering of literal manifests (with `# Source:` headers or without), for policies on any chart."""
    text = (
        manifests
        if manifests.startswith("---\n# Source:")
        else f"---\n# Source: literal/templates/all.yaml\n{manifests}"
    )
    scenario = Scenario("literal", "release-name", "default", "", {}, dict(chart.defaults))
    resources = parse(text, scenario.namespace)
    # What the chart's own templates have to do with its values is not part of literal manifests.
    chart = dataclasses.replace(chart, templates={}, subcharts=())
    return Rendering(scenario, chart, resources, Resources(resources))


def _changes(old: Rendering, new: Rendering) -> Iterator[str]:
    """Name what differs: resources, before and after the hooks, and parts of the chart."""
    for before, after in ((old.resources, new.resources), (old.after_hooks, new.after_hooks)):
        was: dict[Identity, object] = {r.identity: (r.manifest, r.template) for r in before}
        now: dict[Identity, object] = {r.identity: (r.manifest, r.template) for r in after}
        times = Counter(r.identity for r in after)
        doubled = {identity for identity, count in times.items() if count > 1}
        yield from (str(i) for i in dict.fromkeys([*was, *now]) if was.get(i) != now.get(i) or i in doubled)
        # A template that no longer renders anything, or does for the first time.
        yield from sorted({r.template for r in before} ^ {r.template for r in after})
    yield from (flaw.subject for flaw in new.flaws if flaw not in old.flaws)
    for part, before_part, after_part in (
        ("Chart.yaml", old.chart.metadata, new.chart.metadata),
        ("values.yaml", old.chart.defaults, new.chart.defaults),
        *((file, old.chart.files.get(file), new.chart.files.get(file)) for file in ("Chart.yaml", "values.yaml")),
        ("values.yaml", old.chart.repeats, new.chart.repeats),
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
