"""The tools as a change: BASE is rendered by another helm, or for another Kubernetes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from chartgate.matrix.served_apis import with_their_groups
from chartgate.model import Scenario
from chartgate.review.plan import ReviewPlan
from chartgate.system.toolchain import Tools


@dataclass(frozen=True)
class OtherTools:
    """What BASE is rendered with; empty, or None, where it is what HEAD has."""

    tools: Tools | None = None
    kube_version: str = ""
    api_versions: tuple[str, ...] | None = None
    """What the cluster serves besides, in place of what the matrix says."""

    @property
    def is_any(self) -> bool:
        """Whether anything is another."""
        return self.tools is not None or bool(self.kube_version) or self.api_versions is not None

    def told(self, tools: Tools, kube_version: str) -> str:
        """Say what changes besides the chart: `helm 3.17.3 -> 4.2.3`; empty for nothing.

        Args:
            tools: what HEAD is rendered with.
            kube_version: the version that the run names for HEAD; empty for that of each scenario.
        """
        changes = []
        if self.tools is not None:
            changes.append(f"helm {self.tools.helm_version} -> {tools.helm_version}")
        if self.kube_version:
            changes.append(f"Kubernetes {self.kube_version} -> {kube_version or 'that of each scenario'}")
        if self.api_versions is not None:
            changes.append(f"API versions {', '.join(self.api_versions) or 'none'} -> those of each scenario")
        return ", ".join(changes)

    def planned(self, plan: ReviewPlan) -> ReviewPlan:
        """Give a plan in which BASE gets these."""
        return dataclasses.replace(plan, for_base={name: self._of(each) for name, each in plan.for_base.items()})

    def _of(self, scenario: Scenario) -> Scenario:
        served = scenario.api_versions if self.api_versions is None else with_their_groups(self.api_versions)
        return dataclasses.replace(
            scenario, kube_version=self.kube_version or scenario.kube_version, api_versions=served
        )
