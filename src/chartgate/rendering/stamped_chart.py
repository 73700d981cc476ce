"""A copy of a chart that prints, besides what it always prints, what chosen templates print with stamps in it.

Each chosen template has a companion that prints the stamped form in base64 as an object of its own, so that helm, which
reads every object, finds no stamp. The other templates are as they were, and so is what they see of each other. One
start of helm gives all of it; a rendering that nobody asks about costs nothing.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import dataclasses
import posixpath
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from chartgate.charts.reading.archives import Files
from chartgate.charts.reading.chart_paths import every_file
from chartgate.charts.reading.read import write_file
from chartgate.charts.template_texts.stamps import StampedText, Stamps, named_templates
from chartgate.errors import InputError, ToolError
from chartgate.model import Chart, Scenario
from chartgate.rendering import helm_template
from chartgate.rendering.in_process import made
from chartgate.rendering.manifests import split
from chartgate.system.scratch import make_private
from chartgate.system.toolchain import Tools

_FOLDER = re.compile(r"(?:charts/[^/]++/)*+templates(?P<below>/.*+)?")
"""Of templates."""
_COMPANION, _FORM = "stamped-", "_stamped-"
_PRINTED = re.compile(r'^ {2}text: "([A-Za-z0-9+/=]*+)"$', re.MULTILINE)
_OBJECT = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: stamped
data:
  text: "{{{{ include (print $.Template.BasePath "{}") . | b64enc }}}}"
"""


class StampedChart:
    """The copy, written once; each scenario that is asked for is one start of helm."""

    def __init__(self, chart: Chart, templates: Collection[str], folder: Path, without: str = "") -> None:
        """Write the copy.

        Args:
            chart: what is copied.
            templates: those to print with stamps, by the name that helm gives them: `shop/templates/web.yaml`.
            folder: where it is written; nothing is there yet.
            without: a template that prints nothing itself, so that helm does not stop at what it prints.

        Raises:
            InputError: it cannot be written, or a packed subchart cannot be read.
        """
        paths = dict(every_file(chart.files, chart.source))
        texts = {path: content.decode("utf-8", "replace") for path, content in paths.items() if is_of_templates(path)}
        self._stamps = Stamps({name for text in texts.values() for name in named_templates(text)})
        wanted = {posixpath.basename(template) for template in templates}
        files = {of_a_folder(path): content for path, content in paths.items()}
        for path, text in texts.items():
            place, name = posixpath.split(of_a_folder(path))
            below = _FOLDER.fullmatch(place)
            if without and name == posixpath.basename(without):
                files[of_a_folder(path)] = b""
            if below and (stamped := self._stamps.stamped(path, text)):
                files[f"{place}/{_FORM}{name}"] = stamped.encode()
                if name in wanted and not name.startswith("_"):
                    form = f"{below['below'] or ''}/{_FORM}{name}"
                    files[f"{place}/{_COMPANION}{name}"] = _OBJECT.format(form).encode()
        write_chart(folder, files)
        self._chart = dataclasses.replace(chart, folder=folder)

    def printed(self, scenario: Scenario, tools: Tools) -> dict[str, StampedText]:
        """Give what the chosen templates print in a scenario, by their names; nothing where helm refuses it.

        Raises:
            ToolError: helm is missing or hangs.
        """
        given = helm_template.helm_input(self._chart, scenario, tools)
        # Whatever renders it, a line is told only where the same is printed as was judged.
        output = None
        with contextlib.suppress(ToolError):  # the library gives no answer, and helm may
            output = made(given) if tools.is_in_process else None
        output = output or helm_template.template(given)
        if output.exit_code:
            return {}
        try:
            documents = split(output.stdout)
        except InputError:
            return {}
        return dict(self._read(documents))

    def _read(self, documents: list[tuple[str, str]]) -> Iterator[tuple[str, StampedText]]:
        for source, text in documents:
            place, name = posixpath.split(source)
            if name.startswith(_COMPANION) and (found := _PRINTED.search(text)):
                try:
                    printed = base64.b64decode(found[1]).decode("utf-8")
                except (binascii.Error, UnicodeDecodeError):
                    continue
                yield f"{place}/{name.removeprefix(_COMPANION)}", self._stamps.read(printed)


def of_a_folder(path: str) -> str:
    """Give a path in which no folder is called like an archive: helm would take it for one."""
    return re.sub(r"\.tgz(?=/)", "-tgz", path)


def is_of_templates(path: str) -> bool:
    """Tell whether a file of a chart is in a folder of templates, its own or a subchart's."""
    return _FOLDER.fullmatch(posixpath.dirname(path)) is not None


def write_chart(folder: Path, files: Files) -> None:
    """Write the files of a chart, for nobody else to read.

    Raises:
        InputError: they cannot be written.
    """
    for path, content in files.items():
        write_file(folder / path, content)
    make_private(folder)
