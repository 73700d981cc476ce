"""Every rendering of a run: helm, parsing and hooks, once per distinct input and in parallel."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import threading
from collections.abc import Collection, Iterable
from pathlib import Path

from chartgate.charts.one_reading import check_one_reading
from chartgate.errors import InputError, ToolError
from chartgate.matrix.matrix import PatchHook
from chartgate.model import Chart, Missing, Rendering, Resources, Scenario
from chartgate.rendering import helm_template
from chartgate.rendering.hooks import KubectlPatch, run_hooks
from chartgate.rendering.manifests import read_output
from chartgate.rendering.shellcheck import Shellcheck
from chartgate.rendering.stamped_chart import StampedChart
from chartgate.system.cache import OutputCache
from chartgate.system.parallel import in_order, worker_threads
from chartgate.system.toolchain import Tools


class Renderings:
    """What helm made of each scenario; asking for one renders it, `prepare` renders many in parallel."""

    def __init__(self, chart: Chart, tools: Tools, hooks: tuple[PatchHook, ...], folder: Path) -> None:
        """Begin a run; nothing is rendered yet.

        Args:
            chart: what is rendered.
            tools: by which helm and kubectl.
            hooks: those of the matrix.
            folder: what the processes of this run share.

        Raises:
            InputError: this helm reads other values from the chart than it is judged by.
        """
        check_one_reading(chart, tools.helm_version)
        self.chart = chart
        self.tools = tools
        self._hooks = hooks
        self._cache = OutputCache(folder)
        self._patch = KubectlPatch(tools.kubectl, self._cache)
        self.shellcheck = Shellcheck(self._cache)
        self._done: dict[str, Rendering] = {}
        self._lock = threading.Lock()
        self._names: frozenset[str] = frozenset()
        self._unparsable = ""

    @property
    def names(self) -> frozenset[str]:
        """What objects were called so far, with their namespaces and kinds; those of trials do not count."""
        return self._names

    def prepare(self, scenarios: Iterable[Scenario]) -> None:
        """Render all of these, as many at a time as there are processors.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        missing = {s.name: s for s in scenarios if s.name not in self._done}
        with worker_threads() as pool:
            list(in_order(pool, self.of, missing.values()))

    def of(self, scenario: Scenario) -> Rendering:
        """Give the rendering of a scenario.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        if scenario.name not in self._done:
            self._done[scenario.name] = self.render(scenario)
        return self._done[scenario.name]

    def render(self, scenario: Scenario) -> Rendering:
        """Render a scenario and keep nothing of it in memory.

        Raises:
            ToolError: helm or kubectl is missing or hangs.
        """
        empty = Rendering(scenario, self.chart, Resources(), Resources())
        if self._unparsable and not scenario.refusal:
            return dataclasses.replace(empty, error=self._unparsable)
        output = self._helm(helm_template.helm_input(self.chart, scenario, self.tools))
        stderr = output.stderr.strip()
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
            return dataclasses.replace(empty, error="helm rendered no resource at all")
        if not scenario.is_trial:
            found = frozenset(name for r in resources for name in (r.name, r.namespace, r.kind))
            with self._lock:
                self._names = self._names if found <= self._names else self._names | found
        rendering = dataclasses.replace(
            empty,
            resources=resources,
            after_hooks=resources,
            warnings=tuple(filter(None, stderr.splitlines())),
            flaws=flaws,
            script_faults=self.shellcheck,
        )
        try:
            return dataclasses.replace(rendering, after_hooks=run_hooks(resources, self._hooks, self._patch))
        except ToolError:
            raise
        except (InputError, Missing) as error:
            return dataclasses.replace(rendering, hook_error=str(error))

    def stamped(self, templates: Collection[str], without: str = "") -> StampedChart:
        """Give a copy of the chart that prints what these templates print with stamps; `without` prints nothing else.

        Raises:
            InputError: it cannot be written.
        """
        return StampedChart(self.chart, templates, Path(tempfile.mkdtemp(dir=self._cache.folder)), without)

    def _helm(self, given: helm_template.HelmInput) -> helm_template.HelmOutput:
        stored = self._cache.once(
            f"{given.key}.helm.json", lambda: json.dumps(dataclasses.asdict(helm_template.template(given))).encode()
        )
        return helm_template.HelmOutput(**json.loads(stored))
