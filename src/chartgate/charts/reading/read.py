"""Reading a chart, once: a folder or a .tgz becomes this run's own copy and a `Chart`.

What helm refuses is refused, in one line; what it accepts is read as it reads it.
Source: https://github.com/helm/helm/blob/v4.2.3/pkg/chart/v2/loader/load.go
"""

from __future__ import annotations

import dataclasses
import hashlib
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.charts.metadata.chart_yaml import read_chart_yaml
from chartgate.charts.metadata.dependencies import missing_dependencies, used_subcharts
from chartgate.charts.reading.archives import Files, packed, unpacked
from chartgate.charts.reading.folders import files_of
from chartgate.charts.reading.limits_of_charts import LARGEST_CHART
from chartgate.charts.reading.nearby import charts_below
from chartgate.charts.reading.outward_references import references_taken_out, without_outward_references
from chartgate.documents.json_documents.json_text import json_text, load_json
from chartgate.documents.words import listed
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.yaml_decoder import RepeatedKey
from chartgate.documents.yaml_texts.yaml_encodings import is_utf16
from chartgate.errors import InputError
from chartgate.model import Chart

_MOST_TARGETS = 2
"""References that a note names."""
_MOST_CHARTS = 5


class MissingDependencies(InputError):
    """Dependencies of a chart are not in its charts/: helm refuses it."""

    def __init__(self, source: str, names: Sequence[str]) -> None:
        super().__init__(
            f"{source}/Chart.yaml: {', '.join(names)} among the dependencies, but not in charts/:"
            " `helm dependency build` fetches them"
        )
        self.names = names


def copy_chart(source: Path, into: Path, called: str = "", within: Path | None = None) -> Path:
    """Copy what helm reads of a chart folder or a .tgz below `into`, with `ci/`; give the copy.

    References of schemas that lead out of the chart are taken out of the copy.

    Args:
        source: a chart folder or a .tgz.
        into: where the copy is written.
        called: what messages call it; `source` where nothing is said.
        within: the folder that no link of the chart may lead out of; None for links as helm follows them.

    Raises:
        InputError: there is no chart at `source`, or helm refuses it.
    """
    called = called or str(source)
    if source.is_dir():
        if not (source / "Chart.yaml").exists():
            below = [str(Path(called) / chart) for chart in charts_below(source)]
            others = f"; name one below it: {listed(below, _MOST_CHARTS)}" if below else ""
            raise InputError(f"{called} is not a chart: it has no Chart.yaml{others}")
        files = files_of(source, called, within)
        if "Chart.yaml" not in files:
            raise InputError(f"{called}/.helmignore leaves out Chart.yaml, without which helm takes it for no chart")
        kept = [file for file in (source / ".helmignore", *_ci_files(source)) if file.is_file()]
        besides = {file.relative_to(source).as_posix(): _bytes(file, str(file)) for file in kept}
        copy = into / source.resolve().name
        for name, content in {**besides, **without_outward_references(files)}.items():
            write_file(copy / name, content)
        return copy
    if source.is_file():
        content = _bytes(source, called)
        if (source.parent / "Chart.yaml").is_file() and source.suffix in (".yaml", ".yml", ".json"):
            raise InputError(f"{called} is a file of the chart {Path(called).parent}: name that folder")
        inside = unpacked(content, called)
        closed = without_outward_references(inside)
        copy = into / source.name
        write_file(copy, content if closed == inside else packed(closed))
        return copy
    if called.startswith(("oci:/", "https:/", "http:/")):
        address = called.replace(":/", "://", 1)
        raise InputError(f"{address} is not fetched: run `helm pull {address}`, and name the .tgz")
    raise InputError(f"there is no chart at {called}: name a chart folder or a .tgz")


def read_chart(folder: Path, source: str) -> Chart:
    """Read a chart; `source` is what messages call it.

    Args:
        folder: of the chart, or its .tgz.
        source: where the user has it.

    Raises:
        InputError: helm refuses the chart: Chart.yaml, values.yaml or values.schema.json is missing, broken or of the
            wrong form, or a dependency is not in charts/.
    """
    if folder.is_dir():
        files = files_of(folder, source)
        ci = {file.name: _bytes(file, f"{source}/ci/{file.name}") for file in _ci_files(folder)}
    else:
        files = unpacked(_bytes(folder, source), source)
        ci = {
            posixpath.basename(name): content
            for name, content in sorted(files.items())
            if posixpath.dirname(name) == "ci" and name.endswith("-values.yaml")
        }
    chart = _chart(files, source, folder, decides=True, is_top=True)
    return dataclasses.replace(chart, ci_values=ci, defaults=coalesce(chart, {}))


def files_digest(files: Mapping[str, bytes], without: frozenset[str] = frozenset()) -> str:
    """Hash names and contents of files, so that two charts are one exactly when helm cannot tell them apart.

    Args:
        files: of the chart, by their paths.
        without: paths that do not count.
    """
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        if name not in without:
            digest.update(f"{name}\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def notes_on(chart: Chart) -> Iterator[str]:
    """Tell what is not judged, of a chart and its subcharts."""
    if chart.not_fetched:
        targets = listed(chart.not_fetched, _MOST_TARGETS)
        are, them = ("is", "it") if len(chart.not_fetched) == 1 else ("are", "them")
        place = f"{chart.source}/values.schema.json"
        yield f"{place} refers to {targets}, which {are} not fetched: values are not held against {them}."
    for subchart in chart.subcharts:
        yield from notes_on(subchart)


def _chart(files: Files, source: str, folder: Path, *, decides: bool, is_top: bool) -> Chart:
    """Make the chart of its files, and of those below charts/ the subcharts.

    Args:
        files: by their path in the chart.
        source: what messages call it.
        folder: of this run's copy.
        decides: whether helm looks at the dependencies of this chart: it does not below one that declares none.
        is_top: whether it is the chart itself, not a subchart.
    """
    repeats: dict[str, list[RepeatedKey]] = {"Chart.yaml": [], "values.yaml": []}
    metadata = read_chart_yaml(files, source, repeats["Chart.yaml"], is_top=is_top)
    where = f"{source}/values.yaml"
    own_values = go_yaml.load_values(files.get("values.yaml", b""), where, repeats["values.yaml"])
    schema = _schema(files, f"{source}/values.schema.json")
    decides = decides and metadata.get("dependencies") is not None
    there = [
        _chart(below, f"{source}/charts/{name}", folder / "charts" / name, decides=decides, is_top=False)
        for name, below in _below_charts(files, source)
    ]
    if is_top and (missing := missing_dependencies(metadata, there)):
        raise MissingDependencies(source, missing)
    subcharts = used_subcharts(metadata if decides else {}, there, source)
    return Chart(
        name=metadata["name"],
        version=metadata["version"],
        folder=folder,
        source=source,
        digest=files_digest(files),
        metadata=metadata,
        own_values=own_values,
        defaults={},
        schema=schema,
        templates={n: c.decode("utf-8", "replace") for n, c in sorted(files.items()) if n.startswith("templates/")},
        subcharts=subcharts,
        files=files,
        repeats={name: tuple(found) for name, found in repeats.items() if found},
        not_fetched=tuple(references_taken_out(schema)),
    )


def _below_charts(files: Files, source: str) -> Iterator[tuple[str, Files]]:
    """Give the name of everything in charts/ that helm takes for a chart, with its files."""
    found: dict[str, Files] = {}
    for path, content in files.items():
        top, _, below = path.partition("/")
        if top == "charts" and below and not path.endswith(".prov"):
            name, _, inside = below.partition("/")
            found.setdefault(name, {})[inside] = content
    for name, there in sorted(found.items()):
        if name.startswith(("_", ".")):
            continue
        if name.endswith(".tgz") and set(there) == {""}:
            yield name, unpacked(there[""], f"{source}/charts/{name}")
        elif "Chart.yaml" in there and not name.endswith(".tgz"):
            yield name, {path: content for path, content in there.items() if path}
        else:
            raise InputError(
                f"{source}/charts/{name} is not a chart: helm takes all that is in charts/ for one, unless its name"
                " begins with . or _"
            )


def _schema(files: Files, where: str) -> Mapping[str, Any]:
    if "values.schema.json" not in files:
        return {}
    if is_utf16(files["values.schema.json"]):
        raise InputError(f"{where} is UTF-16, which no JSON is: save it as UTF-8")
    content = load_json(json_text(files["values.schema.json"]), where)
    if isinstance(content, bool):
        return {} if content else {"not": {}}
    if not isinstance(content, dict):
        raise InputError(f"{where}: expected an object, true or false, found {type(content).__name__}")
    return content


def _ci_files(folder: Path) -> list[Path]:
    return sorted(file for file in (folder / "ci").glob("*-values.yaml") if file.is_file())


def _bytes(file: Path, what: str) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST_CHART + 1)
    except OSError as error:
        raise InputError(f"{what} cannot be read: {error.strerror}") from error
    if len(content) > LARGEST_CHART:
        raise InputError(f"{what} is larger than {LARGEST_CHART // 2**20} MiB, the most that helm reads")
    return content


def write_file(file: Path, content: bytes) -> None:
    """Write a file of a copy, with the folders that it is in.

    Raises:
        InputError: it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}") from error
