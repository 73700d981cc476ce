"""What one run judges, in pytest or on the command line: chart, matrix, policies, and how they are rendered."""

from __future__ import annotations

import datetime
import functools
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from chartgate.charts.chart_values.secret_values import ValueTexts, value_texts
from chartgate.documents.secret_texts.masking import Masker, masker_of
from chartgate.documents.words import listed, near
from chartgate.errors import InputError
from chartgate.gate.declared import answers_of, demanding
from chartgate.gate.memory import Memory
from chartgate.gate.rules.baseline import Baseline
from chartgate.gate.rules.baseline_file import read_baseline
from chartgate.gate.rules.changed_sources import Since, since_named
from chartgate.gate.rules.own_policies import OwnPolicies
from chartgate.gate.rules.settings import Settings
from chartgate.matrix.choice import Choice, read_inputs, tools_for
from chartgate.matrix.matrix import Matrix
from chartgate.model import Chart, Check, Scenario, Severity, Waiver
from chartgate.policy.loading import load_policies
from chartgate.policy.policy import Policy
from chartgate.rendering.renderings import Renderings
from chartgate.system.store import Store

_NONE = Settings()


@dataclass(frozen=True)
class Gate:
    """What one run judges."""

    chart: Chart
    matrix: Matrix
    renderings: Renderings
    memory: Memory
    """What earlier runs found."""
    policies: list[Policy]
    """Those that judge."""
    options: str
    """The options of this run, for commands to copy."""
    today: datetime.date
    """When the run started: what waivers expire by."""
    is_selection: bool
    """Whether the run named its policies: then the matrix may waive findings of others."""
    infrastructure: str = ""
    """The Argo-style file that gave the only scenario; empty where the matrix gave them."""
    settings: Settings = _NONE
    """Those of the project, as the options of the run change them."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """The policies that do not judge since the project or the run does not want them, and why."""

    baseline: Baseline | None = None
    """What was accepted when the gate was introduced; None where the run does not want to know."""
    kube_version: str = ""
    """The version of Kubernetes that the run names for all scenarios."""
    since: Since | None = None
    """The commit whose differences from the chart are told first, where the run names one."""
    named_policies: tuple[str, ...] = ()
    """The `--policies` of the run, for commands to copy."""
    rules_from: str = ""
    """The commit that all but the chart is taken from, as the run names it; empty for the work tree."""
    finds_lines_of: Literal["nothing", "red", "all"] = "red"
    """What is led to the lines that wrote it, for which the chart is rendered a few times more: whatever is found by a
    run that is red; of one that is green, what only warns is worth it where somebody looks at it."""

    def severity_of(self, policy: Policy, check: Check | None = None) -> Severity:
        """Give what a finding of a policy is in this project."""
        if change := self.settings.severity.get(policy.name):
            return change.to
        return check.severity if check and check.severity else policy.severity

    def tolerates(self, severity: Severity) -> bool:
        """Tell whether a finding of this severity is told without making the run red."""
        return severity == "warning" and self.settings.fail_on == "error"

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers that count today."""
        return tuple(waiver for waiver in self.matrix.waivers if not waiver.is_expired(self.today))

    def named_waivers(self) -> dict[str, Waiver]:
        """Give the waivers that this run can judge, expired ones too, by the policy and their number among its own."""
        names = {policy.name for policy in self.policies}
        found: dict[str, Waiver] = {}
        for waiver in self.matrix.waivers:
            if waiver.policy in names or not (self.is_selection or waiver.policy in self.left_out):
                number = sum(other.policy == waiver.policy for other in found.values()) + 1
                found[f"{waiver.policy}-{number}"] = waiver
        return found

    @property
    def masker(self) -> Masker:
        """Masks every secret value of every scenario of the matrix."""
        return self.masker_for(())

    def masker_for(self, scenarios: Iterable[Scenario]) -> Masker:
        """Give what masks the secret values of these scenarios as well, which a policy may have derived."""
        # One that differs in its names only has the values of the matrix.
        derived = tuple(s for s in scenarios if s.origin and id(s.values) not in self._known_values)
        texts = self._texts
        for scenario in derived:
            if scenario.name not in self._derived_texts:
                self._derived_texts[scenario.name] = value_texts([(self.chart, scenario.values)])
            texts |= self._derived_texts[scenario.name]
        return masker_of(texts.secrets, texts.plain, self.renderings.names)

    def matrix_for(self, policy: Policy) -> Matrix:
        """Give the matrix among whose scenarios a policy chooses: where it derives others, they know what helm says.

        Helm is asked when the first such policy chooses.
        """
        return self._answered if policy.is_deriving and not self.infrastructure else self.matrix

    @functools.cached_property
    def _answered(self) -> Matrix:
        return demanding(self.matrix, self.settings, answers_of(self.matrix, self.renderings.refusal_of))

    @functools.cached_property
    def _texts(self) -> ValueTexts:
        return self.memory.texts(list(self.matrix.scenarios.values()))

    @functools.cached_property
    def _known_values(self) -> frozenset[int]:
        """Which values are those of the matrix; asked for at each finding, in a matrix of hundreds of scenarios."""
        return frozenset(id(scenario.values) for scenario in self.matrix.scenarios.values())

    @functools.cached_property
    def _derived_texts(self) -> dict[str, ValueTexts]:
        """The texts of the values that policies derived, by the name of the scenario, as far as anybody asked."""
        return {}


def open_gate(
    choice: Choice,
    sources: Sequence[str],
    folder: Path,
    *,
    copied_chart: Path,
    options: Sequence[str],
    is_selection: bool,
    named_policies: Sequence[str] = (),
    settings: Settings = _NONE,
    exclude: Sequence[str] = (),
    baseline: str = "",
    store: Store | None = None,
    since: str = "",
    is_shared: bool = True,
) -> Gate:
    """Read chart, matrix and policies; nothing is rendered yet.

    Args:
        choice: which chart, matrix and helm.
        sources: the folders and packs of policies to judge by.
        folder: what the processes of this run share.
        copied_chart: the copy of the chart that this run judges.
        options: those of this run, for commands to copy.
        is_selection: whether the run named its policies itself.
        named_policies: the `--policies` of this run, for commands to copy.
        settings: those of the project; what is chosen by them of chart, matrix and policies is in the other arguments.
        exclude: the policies that this run leaves out.
        baseline: the file of the baseline, which need not be there; empty for a run without one.
        store: what earlier runs made, closed with the gate's memory; nothing where none is given.
        since: the commit whose differences from the chart are told first, as git knows it; empty for the usual one.
        is_shared: whether other processes may judge the same in this folder.

    Raises:
        InputError: one of them cannot be used, or they do not fit together.
        ToolError: helm, or the kubectl that after_hooks need, is not there or cannot be used.
    """
    chart, matrix = read_inputs(choice, copied_chart)
    store = store or Store(None)
    renderings = Renderings(chart, tools_for(choice, matrix), matrix.hooks, folder / "runs", store, is_shared=is_shared)
    matrix = demanding(matrix, settings)
    own = OwnPolicies(sources, store)
    every = load_policies(sources)
    left_out = _left_out([policy.name for policy in every], settings, exclude, is_selection)
    policies = [policy for policy in every if policy.name not in left_out]
    # A deployment is judged without proofs, which start from the scenarios of the matrix.
    _check_starts(matrix, [] if choice.infrastructure else policies)
    if every and not is_selection:
        _check_reasons(matrix, [policy.name for policy in every])
    return Gate(
        chart=chart,
        matrix=matrix,
        renderings=renderings,
        memory=Memory(renderings, own, matrix.scenarios),
        policies=policies,
        options=shlex.join(options),
        today=datetime.datetime.now(datetime.UTC).date(),
        is_selection=is_selection,
        infrastructure=choice.infrastructure,
        settings=settings,
        left_out=left_out,
        baseline=read_baseline(baseline, chart.name) if baseline else None,
        kube_version=choice.kube_version,
        named_policies=tuple(named_policies),
        since=since_named(since, Path(chart.source)) if since else None,
    )


def _left_out(known: Sequence[str], settings: Settings, exclude: Sequence[str], is_selection: bool) -> dict[str, str]:
    """Give the policies that do not judge, and why; a name that no policy has is an error.

    A run that selects its policies cannot know whether those of the settings exist.
    """
    if not is_selection:
        settings.check_names(known)
    for name in exclude:
        if name not in known:
            there = listed(near(name, known), 3) or "none of a name like that"
            raise InputError(f"--exclude={name}: there is no such policy; there is: {there}")
    reasons = {name: f"{settings.source} disables it: {reason}" for name, reason in settings.disable.items()}
    return {name: why for name, why in (reasons | dict.fromkeys(exclude, "excluded")).items() if name in known}


def _check_starts(matrix: Matrix, policies: Sequence[Policy]) -> None:
    """Refuse policies whose counterexamples start from scenarios that the matrix does not have."""
    for policy in policies:
        for example in policy.counterexamples:
            for name in example.scenarios:
                if name not in matrix.scenarios:
                    there = listed(near(name, list(matrix.scenarios)) or list(matrix.scenarios), 3)
                    raise InputError(
                        f"policy {policy.name} starts from scenario {name!r}, which {matrix.source} does not have:"
                        f" name one that it has, {there}, in {policy.place}, or choose policies that fit with"
                        " --policies=FOLDER, or the matrix with --matrix=FILE"
                    )


def _check_reasons(matrix: Matrix, policies: Sequence[str]) -> None:
    """Refuse a reason for a policy that does not exist; a run that selects its policies cannot know."""
    for name in matrix.nothing_to_examine:
        if name not in policies:
            there = ", ".join(near(name, policies)) or "none of a name like that"
            raise InputError(f"{matrix.source}: nothing_to_examine: there is no policy {name!r}; there is: {there}")
