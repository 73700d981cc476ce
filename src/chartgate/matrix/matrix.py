"""The matrix as data: every scenario by name, and what else is particular to one chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from chartgate.matrix.toggles import Toggle
from chartgate.model import Declarations, Scenario, Waiver

CONVENTIONAL = Scenario(
    "deployment", "release-name", "default", "", {}, {}, declared=Declarations(is_conventional=True)
)
"""What helm, and chart-testing, deploy where nobody named anything."""


@dataclass(frozen=True)
class Matrix:
    """All scenarios by name, in the order of the file, and what else is particular to one chart."""

    source: str
    """The file, or what stands in for it: for the header and for messages."""
    scenarios: Mapping[str, Scenario]
    toggles: Mapping[str, Toggle] = field(default_factory=dict)
    """The feature toggles by name."""
    hooks: tuple[PatchHook, ...] = ()
    nothing_to_examine: Mapping[str, str] = field(default_factory=dict)
    """Policies that this chart gives nothing to examine, with the reason."""
    waivers: tuple[Waiver, ...] = ()
    """Findings that this chart's owners accept."""
    risk_waivers: tuple[Waiver, ...] = ()
    """Risks of a review that they accept; `policy` is the class of the risk."""
    is_conventional: bool = False
    """No matrix file: nobody has said what there should be to examine."""
    snapshots: Snapshots | None = None
    """What of it is compared with snapshots; None where it says nothing of them."""
    reasons: Mapping[str, Reason] = field(default_factory=dict)
    """Why each scenario is there, by its name."""
    base: Scenario = CONVENTIONAL
    """The point that sets nothing: what a deployment outside of the matrix starts from."""

    @property
    def rendering(self) -> tuple[Scenario, ...]:
        """The scenarios that must render."""
        return tuple(s for s in self.scenarios.values() if not s.refusal)

    @property
    def refused(self) -> tuple[Scenario, ...]:
        """The scenarios that helm must refuse."""
        return tuple(s for s in self.scenarios.values() if s.refusal)


Why = Literal["product", "all_on", "master_off", "named", "ci", "refusal", "defaults", "deployment"]


@dataclass(frozen=True)
class Reason:
    """Why a scenario is there."""

    why: Why
    text: str


@dataclass(frozen=True)
class Snapshots:
    """Which scenarios are compared with snapshots, besides the inventory of all of them."""

    in_full: Mapping[str, str | None] = field(default_factory=dict)
    """The scenarios that are written in full, and for each the one whose equal resources are left out."""
    after_hooks: tuple[str, ...] = ()
    """The scenarios of which is written what the hooks change."""


@dataclass(frozen=True)
class PatchHook:
    """A Job that patches a workload.

    `patch_file` and `target` are the names of two environment variables of the Job: the path of the mounted
    patch, and the label selector of the Deployment it is for.
    """

    job: str
    patch_file: str
    target: str
