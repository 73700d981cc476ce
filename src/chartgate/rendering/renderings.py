"""Every rendering of a run: helm, parsing and hooks, once per distinct input and in parallel."""

from __future__ import annotations

import dataclasses
import functools
import json
import secrets
import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from chartgate.charts.reading.one_reading import check_one_reading
from chartgate.errors import InputError, ToolError
from chartgate.matrix.matrix import PatchHook
from chartgate.model import Chart, Missing, Rendering, Resources, Scenario
from chartgate.rendering import helm_template
from chartgate.rendering.in_process import InProcess
from chartgate.rendering.library import QUESTIONS
from chartgate.rendering.manifests import read_output
from chartgate.rendering.shellcheck import Shellcheck
from chartgate.system.cache import OutputCache
from chartgate.system.parallel import in_order, worker_threads
from chartgate.system.processes import TooMuchTime, time_limit
from chartgate.system.store import Store, key_of
from chartgate.system.tool_digests import program_digest
from chartgate.system.toolchain import Tools

if TYPE_CHECKING:
    from chartgate.charts.template_texts.repeatable import Repeatability
    from chartgate.rendering.hooks import KubectlPatch
    from chartgate.rendering.stamped_chart import StampedChart


class Renderings:
    """What helm made of each scenario; asking for one renders it, `prepare` renders many in parallel."""

    def __init__(
        self,
        chart: Chart,
        tools: Tools,
        hooks: tuple[PatchHook, ...],
        folder: Path,
        store: Store | None = None,
        *,
        is_shared: bool = True,
    ) -> None:
        """Begin a run; nothing is rendered yet.

        Args:
            chart: what is rendered.
            tools: by which helm and kubectl.
            hooks: those of the matrix.
            folder: what the processes of this run share.
            store: what earlier runs made; nothing where none is given.
            is_shared: whether there may be other processes.

        Raises:
            InputError: this helm reads other values from the chart than it is judged by, or is to render in process
                and cannot.
        """
        check_one_reading(chart, tools.helm_version)
        self.chart = chart
        self.tools = tools
        self.hooks = hooks
        self.store = store or Store(None)
        self._in_process = InProcess(chart, tools) if tools.is_in_process else None
        self._cache = OutputCache(folder, self.store, is_shared=is_shared)
        self.shellcheck = Shellcheck(self._cache)
        self._done: dict[str, Rendering] = {}
        self._lock = threading.Lock()
        self._names: frozenset[str] = frozenset()
        self._unparsable = ""
        self.unanswered: set[str] = set()
        """The scenarios that a policy tried, and helm did not end."""

    @functools.cached_property
    def helm_digest(self) -> str:
        """What renders, by the SHA-256 of helm; empty where nothing that it gives may be kept."""
        digest = program_digest(self.tools.helm, self.store) if self.store.is_used else ""
        return f"{digest} {self._in_process.version}" if digest and self._in_process else digest

    @property
    def kubectl_digest(self) -> str:
        """The same of kubectl, where hooks have a use for it."""
        return self._patch.digest if self.hooks else ""

    @functools.cached_property
    def _patch(self) -> KubectlPatch:
        from chartgate.rendering.hooks import KubectlPatch

        return KubectlPatch(self.tools.kubectl, self._cache)

    @functools.cached_property
    def _repeatability(self) -> Repeatability:
        from chartgate.charts.template_texts.repeatable import repeatability  # here and below: most runs know it all

        return repeatability(self.chart)

    def is_repeatable(self, scenario: Scenario) -> bool:
        """Tell whether a scenario gives the same each time that it is rendered."""
        # The text of the values takes longer to write than all the rest, and mostly nothing is made of it.
        is_read = self._repeatability.expands
        written = helm_template.helm_input(self.chart, scenario, self.tools).values if is_read else ""
        return self._repeatability.holds_with(written, scenario.values)

    def is_lasting(self, scenario: Scenario) -> bool:
        """Tell whether later runs with this helm, which is known by its content, will render the same of a scenario."""
        return bool(self.helm_digest) and self.is_repeatable(scenario)

    @property
    def names(self) -> frozenset[str]:
        """What objects were called so far, with their namespaces and kinds; those of trials do not count."""
        return self._names

    def add_names(self, names: frozenset[str]) -> None:
        """Take in the names in a rendering that an earlier run has made."""
        with self._lock:
            self._names = self._names if names <= self._names else self._names | names

    def prepare(
        self, scenarios: Iterable[Scenario], rendering_of: Callable[[Scenario], Rendering] | None = None
    ) -> None:
        """Render all of these, in this way, as many at a time as there are processors.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        missing = {s.name: s for s in scenarios if s.name not in self._done}
        with worker_threads(self.at_once) as pool:
            list(in_order(pool, rendering_of or self.of, missing.values()))

    @property
    def at_once(self) -> int | None:
        """How many are rendered at a time; as many as there are processors where that is None."""
        return QUESTIONS if self.tools.is_in_process else None

    def is_made(self, scenario: Scenario) -> bool:
        """Tell whether this process has the rendering of a scenario."""
        return scenario.name in self._done

    def of(self, scenario: Scenario) -> Rendering:
        """Give the rendering of a scenario.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        if scenario.name not in self._done:
            self._done[scenario.name] = self.render(scenario)
        return self._done[scenario.name]

    def refusal_of(self, scenario: Scenario) -> str:
        """Give helm's words where it does not render a scenario, of which nothing is kept then; empty where it does.

        And where no helm gives an answer: whoever judges says so.
        """
        try:
            error = self.of(scenario).error
        except ToolError:
            return ""
        if error:
            del self._done[scenario.name]
        return error

    def render(self, scenario: Scenario) -> Rendering:
        """Render a scenario and keep nothing of it in memory.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        empty = Rendering(scenario, self.chart, Resources(), Resources())
        if self._unparsable and not scenario.refusal:
            return dataclasses.replace(empty, error=self._unparsable)
        given = helm_template.helm_input(self.chart, scenario, self.tools)
        if scenario.is_derived:
            given = dataclasses.replace(given, copy=self._without_new_keys)
        output = self._helm(given, scenario)
        stderr = output.stderr.strip()
        if scenario.is_trial and stderr == self._busy:
            self.unanswered.add(scenario.name)
        if output.exit_code:
            # No values help: the others need not be tried. A refusal may come before, from a schema.
            if helm_template.is_unparsable(stderr, self.chart):
                self._unparsable = stderr
            return dataclasses.replace(empty, error=stderr or f"helm failed with exit code {output.exit_code}")
        try:
            resources, flaws = read_output(output.stdout, scenario.namespace)
        except InputError as error:
            return dataclasses.replace(empty, error=str(error))
        if not resources and not flaws:
            why = "" if self.chart.templates else ": templates/ has no file, or .helmignore leaves all of them out"
            return dataclasses.replace(empty, error=f"helm rendered no resource at all{why}")
        if not scenario.is_trial:
            self.add_names(names_of(resources))
        rendering = dataclasses.replace(
            empty,
            resources=resources,
            after_hooks=Resources(resources),
            warnings=tuple(filter(None, stderr.splitlines())),
            flaws=flaws,
            script_faults=self.shellcheck,
            digest=key_of("output", output.stdout, stderr),
        )
        if not self.hooks:
            return rendering
        from chartgate.rendering.hooks import run_hooks

        try:
            return dataclasses.replace(rendering, after_hooks=run_hooks(resources, self.hooks, self._patch))
        except ToolError:
            raise
        except (InputError, Missing) as error:
            return dataclasses.replace(rendering, hook_error=str(error))

    @functools.cached_property
    def _without_new_keys(self) -> Path | None:
        from chartgate.rendering.given_keys import without_new_keys

        with self._lock:
            return without_new_keys(self.chart, self._new_folder())

    def stamped(self, templates: Collection[str], without: str = "") -> StampedChart:
        """Give a copy of the chart that prints what these templates print with stamps; `without` prints nothing else.

        Raises:
            InputError: it cannot be written.
        """
        from chartgate.rendering.stamped_chart import StampedChart

        return StampedChart(self.chart, templates, self._new_folder(), without)

    def _new_folder(self) -> Path:
        """Name a folder that is not there yet; who writes a chart into it says so where it cannot be made."""
        return self._cache.folder / secrets.token_hex(8)

    def _helm(self, given: helm_template.HelmInput, scenario: Scenario) -> helm_template.HelmOutput:
        lasting = (
            key_of("helm", given.lasting_key, self.helm_digest)
            if self.helm_digest and self._repeatability.holds_with(given.values, scenario.values)
            else ""
        )
        stored = self._cache.once(
            f"{given.key}.helm.json",
            lambda: json.dumps(dataclasses.asdict(self._templated(given, scenario))).encode(),
            lasting,
            unless=json.dumps(str(self.chart.folder.parent))[1:-1],
        )
        return helm_template.HelmOutput(**json.loads(stored))

    def _templated(self, given: helm_template.HelmInput, scenario: Scenario) -> helm_template.HelmOutput:
        library = self._in_process
        try:
            return library.template(given, is_trial=scenario.is_trial) if library else helm_template.template(given)
        except TooMuchTime as error:
            if scenario.is_trial:  # nobody has such values; the folder in the words keeps them out of the store
                return helm_template.HelmOutput(1, "", self._busy)
            raise ToolError(f"scenario {scenario.name}: {error}") from error  # its values are not in the command

    @property
    def _busy(self) -> str:
        return f"helm gave no answer within {time_limit():g} s for {self.chart.folder}"


def names_of(resources: Resources) -> frozenset[str]:
    """Give what objects are called, with their namespaces and kinds."""
    return frozenset(name for r in resources for name in (r.name, r.namespace, r.kind))
