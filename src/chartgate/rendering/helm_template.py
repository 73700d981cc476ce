"""One `helm template`: from a scenario to helm's own bytes, or its refusal."""

from __future__ import annotations

import collections
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chartgate.documents.limits import LONGEST
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import ToolError
from chartgate.model import Chart, Scenario
from chartgate.system.processes import TooMuchOutput
from chartgate.system.store import key_of
from chartgate.system.toolchain import Tools, start_tool


@dataclass(frozen=True)
class HelmOutput:
    """What one helm process wrote: the manifests when `exit_code` is 0, warnings or the refusal on stderr."""

    exit_code: int
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)


@dataclass(frozen=True)
class HelmInput:
    """Everything that decides what helm writes; equal inputs are rendered once."""

    chart: Chart
    release: str
    namespace: str
    kube_version: str
    api_versions: tuple[str, ...]
    values: str = field(repr=False)
    """The overrides as YAML text, which is what helm reads on standard input."""
    helm: Path
    attempt: int = 0
    """How often it was rendered before; the same input is rendered anew for another number."""
    is_upgrade: bool = False
    copy: Path | None = None
    """The folder of a copy of the chart that is rendered in its place."""

    @property
    def key(self) -> str:
        """What equal inputs share, and no other input has."""
        return key_of(*self.lasting_key, str(self.helm))

    @property
    def lasting_key(self) -> list[object]:
        """The same, but for the helm: which one is at a path may change from one run to the next."""
        given = [self.release, self.namespace, self.kube_version, self.api_versions, self.values, self.attempt]
        return [self.chart.digest, *given, *["copy"] * bool(self.copy), *["upgrade"] * self.is_upgrade]

    @property
    def folder(self) -> Path:
        """What helm reads the chart from."""
        return self.copy or self.chart.folder

    @property
    def arguments(self) -> list[str]:
        """What follows `helm` on the command line."""
        return _arguments(self, str(self.folder))


def _arguments(given: HelmInput | Scenario, chart: str) -> list[str]:
    """Give the arguments of the `helm template` that makes every rendering; values come on standard input."""
    words = ["template", given.release, chart, "--namespace", given.namespace, "--include-crds", "--values", "-"]
    words += ["--kube-version", given.kube_version] if given.kube_version else []
    words += ["--is-upgrade"] * given.is_upgrade
    return [*words, *api_options(given.api_versions)]


def api_options(api_versions: Sequence[str]) -> list[str]:
    """Give the options by which helm learns what a cluster serves besides Kubernetes' own APIs."""
    return [word for version in api_versions for word in ("--api-versions", version)]


def helm_input(chart: Chart, scenario: Scenario, tools: Tools) -> HelmInput:
    """Give what helm gets for a scenario."""
    return HelmInput(
        chart=chart,
        release=scenario.release,
        namespace=scenario.namespace,
        kube_version=scenario.kube_version,
        api_versions=scenario.api_versions,
        values=go_yaml.dump(scenario.overrides),
        helm=tools.helm,
        attempt=scenario.attempt,
        is_upgrade=scenario.is_upgrade,
    )


UNPARSABLE = ("Error: parse error at ", "Error: parse error in ")
"""How helm begins to say that it cannot parse a template; in brackets follow its name and perhaps the line."""


def is_unparsable(error: str, chart: Chart) -> bool:
    """Tell whether helm cannot parse a template of the chart itself, so that nothing renders, whatever the values are.

    It parses the templates of all charts that are on before it runs any of them; the top one is always on.
    https://github.com/helm/helm/blob/v3.17.3/pkg/engine/engine.go#L227-L290
    """
    return error.startswith(tuple(f"{beginning}({chart.name}/templates/" for beginning in UNPARSABLE))


def template(given: HelmInput) -> HelmOutput:
    """Run helm; a refusal is an answer, not an exception, and so is that a template prints more than anybody can use.

    Raises:
        ToolError: helm is missing or damaged, cannot be started, hangs, is ended by a signal, or writes something that
            is neither text nor begins with a manifest.
    """
    try:
        output = start_tool(given.helm, given.arguments, stdin=given.values.encode(), most=LONGEST)
    except TooMuchOutput as error:
        longest = _longest(error.output)
        if not longest:
            raise
        return HelmOutput(
            1, "", f"{longest} prints too much: helm was stopped after {LONGEST // 2**20} MiB, most of them from it"
        )
    try:
        stdout = output.stdout.decode("utf-8")
    except UnicodeDecodeError as error:
        if not _SOURCE.search(output.stdout[: error.start]):
            raise ToolError(f"{given.helm} wrote something that is not UTF-8: {error}") from error
        # A template in UTF-16, which helm reads and copies: the document that it is in cannot be read, all others can.
        stdout = output.stdout.decode("utf-8", "surrogateescape")
    return HelmOutput(output.exit_code, stdout, output.errors)


def _longest(output: bytes) -> str:
    """Give the template from which most of an output is; empty where helm names none."""
    sizes: collections.Counter[str] = collections.Counter()
    headers = list(_SOURCE.finditer(output))
    for header, after in itertools.zip_longest(headers, headers[1:]):
        sizes[header[1].decode("utf-8", "replace")] += (after.start() if after else len(output)) - header.end()
    return max(sizes, key=lambda name: sizes[name], default="")


_SOURCE = re.compile(rb"^# Source: (.+)$", re.MULTILINE)
