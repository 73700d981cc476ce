"""A container of the rendering, played in a folder: its mounts, its command and its variables."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chartgate.kubernetes.pods.environment import values
from chartgate.kubernetes.pods.volume_mounts import mounts, volumes
from chartgate.kubernetes.pods.workloads import Container
from chartgate.model import Resources


@dataclass(frozen=True)
class Sandbox:
    """What a container would run, with every path of a mount moved below `folder`."""

    folder: Path
    command: list[str]
    environment: dict[str, str]

    def file(self, path: str) -> Path:
        """Give the file that the container sees at a path."""
        return self.folder / path.lstrip("/")

    def run(self, programs: Path, changes: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command, finding its programs in a folder first; `changes` are made to its variables."""
        environment = {"PATH": f"{programs}:/usr/bin:/bin", **self.environment, **(changes or {})}
        return subprocess.run(
            self.command,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def lay_out(container: Container, resources: Resources, folder: Path) -> Sandbox:
    """Write what a container mounts (ConfigMaps, and empty folders to write to) below a folder."""
    for mount in mounts(container):
        place = folder / mount.path.lstrip("/")
        place.mkdir(parents=True)
        source = volumes(container.resource)[mount.volume].get("configMap")
        if source is None:
            continue
        configmap = resources.one("ConfigMap", source["name"], container.resource.namespace)
        for key, text in configmap.at("data").items():
            (place / key).write_text(text)

    def moved(word: str) -> str:
        inside = any(word == mount.path or word.startswith(f"{mount.path}/") for mount in mounts(container))
        return f"{folder}{word}" if inside else word

    command = [moved(word) for word in [*container.at("command"), *(container.at("args") or [])]]
    return Sandbox(folder, command, {name: moved(text) for name, text in values(container, resources).items()})
