"""Rendering by helm's own library instead of a process for each scenario: the same bytes, in a quarter of the time.

What the library does not do as `helm template` does is left to helm; so is what it refuses, for the words, but for what
a policy only tries. The first scenario of each chart is rendered by both, to see that they agree. The library itself is
in processes of its own: `chartgate.rendering.sdk_worker`.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import sys
import threading
from typing import Any

from chartgate.charts.reading.chart_paths import every_file
from chartgate.charts.template_texts.template_actions import without_comments
from chartgate.documents.limits import LONGEST
from chartgate.errors import InputError, ToolError
from chartgate.model import Chart
from chartgate.rendering import library
from chartgate.rendering.helm_template import HelmInput, HelmOutput, template
from chartgate.system.processes import time_limit
from chartgate.system.toolchain import Tools

_DISTRIBUTION = "helm-python-sdk"
"""What the extra `inprocess` brings: https://pypi.org/project/helm-python-sdk/."""
HELMS = {"0.2.2": "4.2.3"}
"""The versions of it that were compared with helm, and the helm in each."""
_OWN_WORDS = re.compile(rb"""HelmVersion|[."'`]Capabilities\b(?!\.(?:KubeVersion|APIVersions)\b)""")
"""What tells a template which program renders it: the library says another commit, and another version of Go."""
_HANDED_ON = re.compile(rb'(\bdict\s[^{}]{0,200}?)"Capabilities"\s{1,9}+\$?\.Capabilities\b(?!\.)')
"""All of it in the context of a named template, under its own name: what is read of it is seen there."""
_OF_A_TEMPLATE = re.compile(r"execution error at \(|template: |[\w.-]++/(?:charts/[\w.-]++/)*+templates/")
"""How it begins to say that a template fails, which it says as helm does."""
_INSTALLED = f"{_DISTRIBUTION.replace('-', '_')}-", ".dist-info"
"""What is around the version in the name of the folder that an installer makes."""


def installed_version() -> str | None:
    """Give the version of the library that is installed; None where there is none.

    An installer writes it into the name of a folder, which is found sooner than Python's own reader is imported.
    Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    for place in dict.fromkeys(sys.path):
        try:
            names = os.listdir(place or ".")  # noqa: PTH208 - names are enough
        except OSError:
            continue
        for name in names:
            if name.startswith(_INSTALLED[0]) and name.endswith(_INSTALLED[1]):
                return name.removeprefix(_INSTALLED[0]).removesuffix(_INSTALLED[1])
    return None


def _checked_version(tools: Tools) -> str:
    """Give the version of the library; it is refused where it would not do what this helm does.

    Raises:
        InputError: the library is not installed, or there is another helm in it.
    """
    version = installed_version()
    if version is None:
        raise InputError(
            f"--renderer=inprocess: {_DISTRIBUTION} is not installed: `pip install 'chartgate[inprocess]'`"
        )
    if version not in HELMS:
        known = " or ".join(HELMS)
        raise InputError(f"--renderer=inprocess: {_DISTRIBUTION} is {version}, not {known}, which was compared")
    if tools.helm_version.split(",")[0].split(" ")[0] != HELMS[version]:
        raise InputError(
            f"--renderer=inprocess: {_DISTRIBUTION} {version} renders as helm {HELMS[version]}, and this run's helm is"
            f" {tools.helm_version}: leave the option out, or name helm {HELMS[version]}"
        )
    return version


class InProcess:
    """Renders a chart where it can, and leaves the rest to helm."""

    def __init__(self, chart: Chart, tools: Tools) -> None:
        """Read what is to be known of a chart; nothing is started.

        Args:
            chart: the one that all is rendered of.
            tools: the helm that counts.

        Raises:
            InputError: the library is not installed, is none that was compared with this helm, or a packed subchart
                cannot be read.
        """
        self.version = _checked_version(tools)
        contents = (content for _, content in every_file(chart.files, chart.source))
        self._is_used = not any(map(_asks_which_helm, contents))
        # Helm alone compares the version of Kubernetes with what the chart asks for.
        self._asks_for_a_version = bool(chart.metadata.get("kubeVersion"))
        self._agreed: set[str] = set()
        self._comparing = threading.Lock()
        # More threads ask the library than there are processors.
        self._starting = threading.BoundedSemaphore(os.cpu_count() or 1)

    def template(self, given: HelmInput, *, is_trial: bool = False) -> HelmOutput:
        """Give what helm gives.

        Args:
            given: the input.
            is_trial: whether it is only tried, so that the library may say which template fails.

        Raises:
            ToolError: as for `helm_template.template`.
        """
        found = None
        if self._is_used and not _asks_which_helm(given.values.encode()):
            try:
                found = made(given, is_trial=is_trial)
            except ToolError:  # it would take as long with the next scenario, and end as it did
                self._is_used = False
        return self._by_helm(given) if found is None else self._compared(given, found)

    def _by_helm(self, given: HelmInput) -> HelmOutput:
        with self._starting:
            return template(given)

    def _compared(self, given: HelmInput, found: HelmOutput) -> HelmOutput:
        """Give what the library made, where it agreed with helm before; else helm's, and see whether they agree."""
        version = given.kube_version if self._asks_for_a_version else ""
        if version not in self._agreed:
            with self._comparing:  # one scenario tells for those that wait
                if self._is_used and version not in self._agreed:
                    output = template(given)
                    if output.exit_code == 0:
                        is_equal = found == output or _differ_by_chance(found, output, template(given))
                        self._is_used = is_equal
                        self._agreed |= {version} if is_equal else set()
                    return output
        return found if self._is_used else self._by_helm(given)


def _asks_which_helm(text: bytes) -> bool:
    if not _OWN_WORDS.search(text):
        return False
    said = without_comments(text.decode("latin-1")).encode("latin-1")
    return bool(_OWN_WORDS.search(_HANDED_ON.sub(rb"\1", said)))


def _differ_by_chance(found: HelmOutput, *helms: HelmOutput) -> bool:
    """Tell whether something differs from helm in such lines alone as helm itself gives differently a second time."""
    lines = [output.stdout.split("\n") for output in (found, *helms)]
    others = [dataclasses.replace(output, stdout="") for output in (found, *helms)]
    if any(other != others[0] for other in others) or len({len(each) for each in lines}) > 1:
        return False
    return all(own == first or first != second for own, first, second in zip(*lines, strict=True))


def made(given: HelmInput, *, is_trial: bool = False) -> HelmOutput | None:
    """Give what the library makes of it; None where only helm knows, as the words of a refusal that is no trial.

    Raises:
        ToolError: the library does not answer, or with nothing that can be read.
    """
    if given.is_upgrade:  # the library knows installations only
        return None
    request = {
        "chart": str(given.folder),
        "release": given.release,
        "namespace": given.namespace,
        "kube_version": given.kube_version,
        "api_versions": given.api_versions,
        "values": given.values,
    }
    try:
        answer: dict[str, Any] = json.loads(library.ask(json.dumps(request).encode(), time_limit()))
    except ValueError as error:
        raise ToolError(f"{_DISTRIBUTION} answers with something that is no JSON: {error}") from error
    if "printed" not in answer:
        said = answer.get("refused", "")
        is_told = is_trial and _OF_A_TEMPLATE.match(said) and "\ufffd" not in said
        return HelmOutput(1, "", f"Error: {said}\n\nUse --debug flag to render out invalid YAML\n") if is_told else None
    from chartgate.rendering.helm_order import Unlike, put_together  # not needed where all is known

    try:
        text = put_together(answer["printed"], answer["crds"])
    except Unlike:
        return None
    # What is not UTF-8 gets lost between the library and us.
    return None if "\ufffd" in text or len(text) > LONGEST else HelmOutput(0, text, "")
