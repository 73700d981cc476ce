"""Reading a chart, once: a folder or a .tgz becomes this run's own copy and a `Chart`."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chartgate.charts.coalescing import coalesce
from chartgate.documents import go_yaml
from chartgate.documents.json_text import load_json
from chartgate.errors import InputError
from chartgate.model import Chart
from chartgate.system.files import read_text

_LARGEST_ARCHIVE = 256 * 2**20
"""Bytes that a chart may unpack to; helm itself stops at 100 MiB of files."""


def copy_chart(source: Path, into: Path) -> Path:
    """Copy a chart folder, or unpack a .tgz, below `into`; give the copy's folder.

    Raises:
        InputError: there is no chart at `source`, or the archive is broken, too large or climbs out of its folder.
    """
    if source.is_dir():
        if not (source / "Chart.yaml").is_file():
            raise InputError(f"{source} is not a chart: it has no Chart.yaml")
        ignore = shutil.ignore_patterns(".git", "__pycache__")
        try:
            return Path(shutil.copytree(source, into / source.resolve().name, ignore=ignore))
        except (OSError, shutil.Error) as error:
            raise InputError(f"{source} cannot be copied: {error}") from error
    if source.is_file():
        _unpack(source, into)
        return _only_chart_below(into, source)
    raise InputError(f"there is no chart at {source}: name a chart folder or a .tgz")


def read_chart(folder: Path, source: str) -> Chart:
    """Read the chart in `folder`; `source` is what messages call it.

    Raises:
        InputError: Chart.yaml, values.yaml or values.schema.json is missing, broken or of the wrong form.
    """
    metadata = _mapping(folder / "Chart.yaml", source)
    for key in ("name", "version"):
        if not isinstance(metadata.get(key), str):
            raise InputError(f"{source}/Chart.yaml: {key} is missing or not text")
    _check_dependencies(metadata.get("dependencies"), source)
    schema_file = folder / "values.schema.json"
    schema = _json(schema_file, source) if schema_file.is_file() else {}
    own_values = _mapping(folder / "values.yaml", source) if (folder / "values.yaml").is_file() else {}
    subcharts = _subcharts(folder, metadata, source)
    chart = Chart(
        name=metadata["name"],
        version=metadata["version"],
        folder=folder,
        source=source,
        digest=files_digest(folder),
        metadata=metadata,
        own_values=own_values,
        defaults={},
        schema=schema,
        templates=_templates(folder),
        subcharts=subcharts,
    )
    return dataclasses.replace(chart, defaults=coalesce(chart, {}))


def _subcharts(folder: Path, metadata: Mapping[str, Any], source: str) -> tuple[Chart, ...]:
    """Read charts/, each under the aliases that Chart.yaml gives it."""
    found = []
    for entry in sorted((folder / "charts").glob("*")):
        place = entry
        if entry.suffix == ".tgz":
            place = entry.with_suffix("")
            # Beside the archive, in our own copy: helm reads the archive, we read what is in it.
            place = place.with_name(f".{place.name}")
            if not place.is_dir():
                _unpack(entry, place)
            place = _only_chart_below(place, entry)
        if not (place / "Chart.yaml").is_file() or entry.name.startswith((".", "_")):
            continue
        chart = read_chart(place, f"{source}/charts/{entry.name}")
        dependencies = metadata.get("dependencies") or []
        aliases = [d.get("alias") or d["name"] for d in dependencies if d.get("name") == chart.name] or [chart.name]
        found += [dataclasses.replace(chart, name=alias) for alias in aliases]
    return tuple(found)


def _check_dependencies(dependencies: Any, source: str) -> None:
    forms = {"name": str, "alias": str, "condition": str, "tags": list, "import-values": list}
    for entry in dependencies if isinstance(dependencies, list) else [dependencies] if dependencies else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise InputError(f"{source}/Chart.yaml: dependencies must be a list of maps, each with a name")
        for key, form in forms.items():
            if not isinstance(entry.get(key), form | None):
                raise InputError(f"{source}/Chart.yaml: {key} of dependency {entry['name']!r} is no {form.__name__}")


def _templates(folder: Path) -> dict[str, str]:
    files = sorted(path for path in (folder / "templates").rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8", "replace") for path in files}


def files_digest(folder: Path, without: frozenset[str] = frozenset()) -> str:
    """Hash names and contents of all files, so that two inputs are one exactly when helm cannot tell them apart.

    Args:
        folder: of the chart.
        without: paths in it that do not count.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name in without:
            continue
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _mapping(file: Path, source: str) -> dict[str, Any]:
    content = go_yaml.load(read_text(file, f"{source}/{file.name}"), f"{source}/{file.name}")
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InputError(f"{source}/{file.name}: expected a map of keys, found {type(content).__name__}")
    return content


def _json(file: Path, source: str) -> dict[str, Any]:
    # Helm takes a byte order mark from each file of a chart.
    content = load_json(read_text(file, f"{source}/{file.name}").removeprefix("\ufeff"), f"{source}/{file.name}")
    if not isinstance(content, dict):
        raise InputError(f"{source}/{file.name}: expected an object")
    return content


def _unpack(archive: Path, into: Path) -> None:
    try:
        with tarfile.open(archive) as tar:
            if sum(member.size for member in tar.getmembers()) > _LARGEST_ARCHIVE:
                raise InputError(f"{archive}: unpacks to more than {_LARGEST_ARCHIVE // 2**20} MiB")
            into.mkdir(parents=True, exist_ok=True)
            tar.extractall(into, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        reason = str(error).partition("\n")[0]  # tarfile lists every compression that it is not
        raise InputError(f"{archive} is not a usable chart archive: {reason}") from error


def _only_chart_below(folder: Path, archive: Path) -> Path:
    charts = [child for child in folder.iterdir() if (child / "Chart.yaml").is_file()]
    if len(charts) != 1:
        raise InputError(f"{archive} is not a chart archive: it must hold one folder with a Chart.yaml")
    return charts[0]
