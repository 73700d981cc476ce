"""What helm made of a scenario."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from chartgate.documents.looks import counting_looks
from chartgate.model.given import Chart, Scenario
from chartgate.model.objects import Resources


@dataclass(frozen=True)
class Flaw:
    """What in helm's output is no sound object of Kubernetes: helm prints it, and an installation fails or drops it."""

    sort: Literal["object", "key", "list"]
    """A document that is no sound object; a key that is there twice, of which the last one counts; an empty List."""
    template: str
    subject: str
    """The object, as far as it says what it is."""
    address: str
    """Where in it."""
    expected: Any
    actual: Any
    line: int = 0
    """Where in the rendered document, counted from 1; 0 where it is about the whole."""


@dataclass(frozen=True)
class ScriptFault:
    """What shellcheck says about a line of a script."""

    line: int
    code: str
    """`SC2086`: https://www.shellcheck.net/wiki/SC2086 explains it."""
    level: Literal["error", "warning"]
    message: str


ScriptFaults = Mapping[tuple[str, str], tuple[ScriptFault, ...]]
"""By shell (`bash`) and text of a script; what nobody could look at is not in it."""


@counting_looks("chart")
@dataclass(frozen=True)
class Rendering:
    """What helm made of one scenario: the resources, each with its template, or the error."""

    scenario: Scenario
    chart: Chart
    resources: Resources
    after_hooks: Resources
    """The resources once the hooks that patch them have run (the sidecar Job, say)."""
    warnings: tuple[str, ...] = ()
    error: str = ""
    """Helm's own stderr when it refused, verbatim: it may show secret values, and is masked where it is reported."""
    hook_error: str = ""
    """Why a hook would fail; `after_hooks` are the resources without it then."""
    flaws: tuple[Flaw, ...] = ()
    """What else helm wrote, which is no sound object."""
    script_faults: ScriptFaults = field(default_factory=dict, repr=False, compare=False)
    """What shellcheck says about whatever script a policy asks for."""
    digest: str = field(default="", repr=False, compare=False)
    """What stands for all that helm wrote; empty where nobody has rendered it by helm."""

    def settle(self) -> None:
        """Promise that its resources no longer change, so that lookups may be quick."""
        self.resources.settle()
        self.after_hooks.settle()

    @property
    def stages(self) -> tuple[Resources, ...]:
        """The resources before the hooks, and those after them where a hook changes, adds or removes any."""
        same = len(self.resources) == len(self.after_hooks) and all(map(operator.is_, self.resources, self.after_hooks))
        return (self.resources,) if same else (self.resources, self.after_hooks)

    @property
    def forms(self) -> Resources:
        """Each resource as it is rendered, and once more as the hooks leave it, where they change or add it."""
        if len(self.stages) == 1:
            return self.resources
        before = {id(resource) for resource in self.resources}
        return Resources([*self.resources, *(r for r in self.after_hooks if id(r) not in before)])
