"""Which file of a chart a name means that helm gives a template, packed and renamed subcharts included."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterator, Mapping

from chartgate.charts.reading.archives import unpacked
from chartgate.charts.template_texts.template_sources import TemplateSources
from chartgate.model import Chart

_ARCHIVE = re.compile(r"charts/(?![_.])[^/]++\.tgz")


def every_file(files: Mapping[str, bytes], source: str) -> Iterator[tuple[str, bytes]]:
    """Give every file of a chart; those of a packed subchart below the name of the archive.

    Raises:
        InputError: an archive cannot be read.
    """
    for path, content in files.items():
        if _ARCHIVE.fullmatch(path):
            for inside, there in every_file(unpacked(content, f"{source}/{path}"), f"{source}/{path}"):
                yield f"{path}/{inside}", there
        else:
            yield path, content


class ChartPaths:
    """The texts of a chart's files by their paths, and the paths by what helm calls the templates."""

    def __init__(self, chart: Chart) -> None:
        """Read them.

        Raises:
            InputError: a packed subchart cannot be read.
        """
        self._chart = chart
        self.contents = dict(every_file(chart.files, chart.source))

    @functools.cached_property
    def templates(self) -> dict[str, str]:
        """The texts of the templates, subcharts' too, by their paths."""
        return {path: self.text(path) for path in self.contents if "templates/" in path}

    @functools.cached_property
    def sources(self) -> TemplateSources:
        """What is asked of these texts."""
        return TemplateSources(self.templates)

    def text(self, path: str) -> str:
        """Give the text of a file; empty where there is no such file."""
        return self.contents.get(path, b"").decode("utf-8", "replace")

    def of(self, template: str) -> str:
        """Give the path of what helm, or a policy, calls by this name; empty where that is not known.

        A subchart is called by its name or its alias, and is in a folder or an archive called like the former.
        """
        if template in self.contents:
            return template
        top, _, path = template.partition("/")
        if top != self._chart.name or path in self.contents:
            return path if top == self._chart.name else ""
        folder, _, inside = path.partition("/templates/")
        name = posixpath.basename(folder)
        ending = f"/templates/{inside}"
        found = [other for other in self.contents if inside and other.endswith(ending) and other.startswith("charts/")]
        named = [other for other in found if posixpath.basename(other.removesuffix(ending)).startswith(name)]
        return next(iter(named if len(named) == 1 else found if len(found) == 1 else []), "")

    def shown(self, path: str) -> str:
        """Give where a file is for who called the run."""
        return posixpath.normpath(posixpath.join(self._chart.source, path))
