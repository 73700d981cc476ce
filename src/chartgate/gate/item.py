"""What every item is: one thing that a run passes or fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import ItemResult
from chartgate.model import Scenario
from chartgate.policy.policy import Policy

Kind = Literal["renders", "refused", "policy", "examines", "counterexample", "waiver", "snapshot"]


@dataclass(frozen=True)
class Item:
    """One thing that a run passes or fails; its name tells it from the others of its kind."""

    kind: ClassVar[Kind]

    @property
    def name(self) -> str:
        """What is in the brackets of a test's id."""
        raise NotImplementedError

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What must be rendered to judge it; what it may look for beyond that, it renders itself."""
        return ()

    def is_known(self, judgement: Judgement) -> bool:  # noqa: ARG002 - the signature of all
        """Tell whether earlier runs have found all that it is judged by, so that nothing need be rendered for it."""
        return False

    @property
    def about(self) -> Policy | None:
        """The policy that it is about."""
        return None

    def judge(self, judgement: Judgement) -> ItemResult:
        """Say what is wrong.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        raise NotImplementedError
