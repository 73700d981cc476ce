"""What a review renders both sides with, and where what it makes is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chartgate.matrix.matrix import PatchHook
from chartgate.model import Chart
from chartgate.rendering.renderings import Renderings
from chartgate.system.store import Store
from chartgate.system.toolchain import Tools

Notify = Callable[[int, int], None]
"""Called with how much of something is done already, and with how much there is."""


@dataclass(frozen=True)
class Means:
    """Tools and places of one review."""

    tools: Tools
    """Helm and kubectl."""
    folder: Path
    """Where the renderings of this run are kept."""
    store: Store | None = None
    """What earlier runs made; nothing where there is none."""
    base_tools: Tools | None = None
    """What BASE is rendered with, where that is not what HEAD is."""
    notify: Notify | None = None
    """Who is told how far it is."""

    def renderings(self, charts: tuple[Chart, Chart], hooks: tuple[PatchHook, ...]) -> tuple[Renderings, Renderings]:
        """Give renderings of both sides, in which nothing is rendered yet; what is, they share with all others.

        Raises:
            InputError: this helm reads other values from a chart than it is judged by.
        """
        base, head = charts
        return (
            Renderings(base, self.base_tools or self.tools, hooks, self.folder / "base", self.store, is_shared=False),
            Renderings(head, self.tools, hooks, self.folder / "head", self.store, is_shared=False),
        )
