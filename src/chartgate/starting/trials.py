"""What helm makes of a chart when a few values are set: what is written into a starting matrix was tried."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from chartgate.documents.escaping import one_line
from chartgate.documents.words import cut
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.matrix.derivations.derived import with_values
from chartgate.model import Rendering, Resource, Scenario
from chartgate.rendering.renderings import Renderings
from chartgate.system.parallel import in_order, worker_threads

Changes = Mapping[str, Any]
"""Values by address."""
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is so far."""
_LOCATION = re.compile(r"^(?:Error: )?(?:execution error at \([^)]*\): |template: \S+: )*")
_PLACE = re.compile(r"(?<![^\s(])([\w./-]++:\d++):\d++(?![\w.])")
_LONGEST = 160
"""Characters of helm's words that are quoted."""


@dataclass(frozen=True)
class Effect:
    """What is different in a rendering when something is set; it is true where anything is."""

    added: tuple[Resource, ...] = ()
    removed: tuple[Resource, ...] = ()
    changed: tuple[Resource, ...] = ()

    @property
    def reverse(self) -> Effect:
        """The effect of taking the setting back."""
        return Effect(self.removed, self.added, self.changed)

    @property
    def objects(self) -> tuple[Resource, ...]:
        """The objects that come; where none do, those that go."""
        return self.added or self.removed

    @property
    def size(self) -> tuple[int, int]:
        """How much it is: objects that come and go first, then those that only change."""
        return len(self.added) + len(self.removed), len(self.changed)

    def __bool__(self) -> bool:
        return self.size != (0, 0)


class Trials:
    """Renders a chart from one scenario on, the base, with other values each time."""

    def __init__(self, base: Scenario, renderings: Renderings, progress: Progress) -> None:
        """Render the base twice: what differs then is chance, and no effect of a value.

        Raises:
            ToolError: helm is missing or hangs.
        """
        self.base = base
        self._renderings = renderings
        self._progress = progress
        self.count = 0
        self.start = renderings.render(base)
        again = renderings.render(base.again(1))
        self._chance: frozenset[str] = frozenset()
        self._chance = frozenset(one.template for one in _all(self.between(self.start, again)))

    def of(self, changes: Sequence[Changes], api_versions: Sequence[tuple[str, ...]] = ()) -> list[Rendering]:
        """Give what helm makes of each of these changes, in their order.

        Args:
            changes: what is set beside what the base sets.
            api_versions: what the cluster serves besides, for each of the changes; nothing where it is left out.

        Raises:
            ToolError: helm is missing or hangs.
        """
        served = api_versions or [()] * len(changes)
        scenarios = [
            dataclasses.replace(
                with_values(self.base, f"try-{number}", each), api_versions=(*self.base.api_versions, *apis)
            )
            for number, (each, apis) in enumerate(zip(changes, served, strict=True))
        ]
        made: list[Rendering] = []
        of = self.count + len(scenarios)
        with worker_threads() as pool:
            for rendering in in_order(pool, self._renderings.render, scenarios):
                made.append(rendering)
                self.count += 1
                self._progress("tried", self.count, of)
        return made

    def effect(
        self, rendering: Rendering, beside: Changes = MappingProxyType({}), api_versions: tuple[str, ...] = ()
    ) -> Effect:
        """Give what is different from the base, or from the base with what is set beside, where helm accepts that."""
        before = self.start
        if beside or api_versions:
            [alone] = self.of([beside], [api_versions])
            before = before if alone.error else alone
        return self.between(before, rendering)

    def _counts(self, resource: Resource) -> bool:
        return resource.template not in self._chance and not is_test(resource)

    def between(self, one: Rendering, other: Rendering) -> Effect:
        """Compare two renderings; what `helm test` makes and what is different each time do not count."""
        before, after = (
            {each.identity: each for each in rendering.resources if self._counts(each)} for rendering in (one, other)
        )
        return Effect(
            tuple(after[name] for name in sorted(after.keys() - before.keys())),
            tuple(before[name] for name in sorted(before.keys() - after.keys())),
            tuple(after[n] for n in sorted(before.keys() & after.keys()) if before[n].manifest != after[n].manifest),
        )


def _all(effect: Effect) -> tuple[Resource, ...]:
    return (*effect.added, *effect.removed, *effect.changed)


def words_of_helm(error: str) -> str:
    """Give what helm says is wrong in a line: the end of its message, without the way that led there.

    Helm 4 writes that way in lines of their own, helm 3 all of it in one.
    """
    lines = [line.strip() for line in error.splitlines() if line.strip() and not line.startswith("Use --debug")]
    said = next((line for line in lines if line.startswith("- ")), lines[-1] if lines else "")
    places = _PLACE.findall(error)
    last = re.split(r" at <[^<>]*+>: |error calling \w++: ", said)[-1]
    text = cut(one_line(_LOCATION.sub("", last).removeprefix("- ").strip()), _LONGEST)
    return f"{text} ({places[-1]})" if places else text
