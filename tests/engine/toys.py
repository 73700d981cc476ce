"""Tiny literal charts and stand-ins for helm, so that each test says all that it is about."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartgate.charts.reading.read import read_chart
from chartgate.documents.yaml_texts import go_yaml
from chartgate.model import Chart, Rendering, Resource, Resources, Scenario
from chartgate.rendering.manifests import parse

CHART = "apiVersion: v2\nname: toy\nversion: 1.2.3\n"

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-config}
data: {mode: {{ .Values.mode | quote }}}
"""

GUARDED = """
{{- if .Values.secret.enabled }}
apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}-secret}
stringData: {token: {{ .Values.secret.token | quote }}}
{{- end }}
"""

DEFAULTS = """
mode: plain
secret: {enabled: false, token: t0p-s3cret}
cache: {enabled: false}
"""

SCHEMA = json.dumps(
    {
        "properties": {
            "mode": {"type": "string"},
            "secret": {"properties": {"token": {"type": "string", "writeOnly": True}}},
        }
    }
)

TOY = {
    "Chart.yaml": CHART,
    "values.yaml": DEFAULTS,
    "values.schema.json": SCHEMA,
    "templates/config.yaml": CONFIG,
    "templates/secret.yaml": GUARDED,
}
"""A chart that renders a ConfigMap, and with `secret.enabled` a Secret; `cache.enabled` changes nothing."""

MATRIX = """
chart: ../toy
release: demo
namespace: shop
kube_version: 1.31.0
toggles: {secret: secret.enabled, cache: cache.enabled}
scenarios:
  loud: {toggles: [], values: {mode: loud}}
refusals:
  no_text: {values: {mode: [1]}, stderr: [mode]}
"""


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    return folder


def chart_from(folder: Path, files: Mapping[str, str]) -> Chart:
    """Write a chart, with a Chart.yaml of its own unless it is given, and read it."""
    return read_chart(write(folder, {"Chart.yaml": CHART} | dict(files)), str(folder))


def archive(file: Path, members: Mapping[str, str]) -> Path:
    """Pack texts into a .tgz, under names that no well-meaning tool would write."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content.encode())
            tar.addfile(member, io.BytesIO(content.encode()))
    return file


def scenario(name: str = "plain", **values: Any) -> Scenario:
    """Make a scenario by hand."""
    return Scenario(name, "demo", "shop", "", values, values)


def rendering_of(chart: Chart, manifests: str, given: Scenario | None = None) -> Rendering:
    """Make a rendering of literal manifests, all from templates/all.yaml."""
    resources = parse(f"---\n# Source: toy/templates/all.yaml\n{manifests}", "shop")
    return Rendering(given or scenario(), chart, resources, Resources(resources))


def resource(manifest: str) -> Resource:
    """Make a resource of one literal manifest."""
    return Resource(go_yaml.load(manifest, "literal"), "toy/templates/all.yaml", "shop")


@dataclass(frozen=True)
class Start:
    """One start of a wrapped tool: what it was given, and what it wrote."""

    arguments: list[str]
    stdin: str
    stdout: bytes


@dataclass(frozen=True)
class Wrapper:
    """A script in place of a tool, which passes everything on and writes it down."""

    path: Path
    notes: Path
    tool: Path

    def note(self, arguments: Sequence[str], stdin: bytes, stdout: bytes) -> None:
        """Write down a start as the script does, where it need not be started."""
        note = Path(tempfile.mkdtemp(dir=self.notes))
        (note / "arguments").write_text("".join(f"{word}\n" for word in arguments))
        (note / "stdin").write_bytes(stdin)
        (note / "stdout").write_bytes(stdout)

    def starts(self, command: str) -> list[Start]:
        """Give the starts of one command of the tool (`template`), in no particular order."""
        found = [
            Start(
                (note / "arguments").read_text().splitlines(),
                (note / "stdin").read_text("utf-8"),
                (note / "stdout").read_bytes(),
            )
            for note in self.notes.iterdir()
        ]
        return [start for start in found if start.arguments[0] == command]

    def forget(self) -> None:
        """Start counting anew."""
        shutil.rmtree(self.notes)
        self.notes.mkdir()


def wrapper(folder: Path, tool: Path) -> Wrapper:
    """Write a script that records the starts of a tool."""
    made = Wrapper(folder / tool.name, folder / f"{tool.name}-notes", tool)
    made.notes.mkdir(parents=True)
    script(
        made.path,
        f"""
        note={made.notes}/$$; mkdir $note
        for word; do echo "$word"; done > $note/arguments
        cat > $note/stdin
        {tool} "$@" < $note/stdin > $note/stdout; code=$?
        cat $note/stdout; exit $code
        """,
    )
    WRAPPERS[made.path] = made
    return made


WRAPPERS: dict[Path, Wrapper] = {}
"""Those of this process."""


def script(file: Path, body: str) -> Path:
    """Write an executable shell script."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file


HELM_VERSION = 'if [ "$1" = version ]; then echo v4.2.3+toy; exit; fi\n'
"""The beginning of a script that is taken for a helm."""
