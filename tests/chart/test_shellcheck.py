"""Every shell script that the chart carries passes shellcheck: those in ConfigMaps, and those in commands."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chartgate.documents.addresses import join
from chartgate.model import Rendering, Resource

SHELLCHECK = Path(sysconfig.get_path("scripts")) / "shellcheck"
SHELL = re.compile(r"(?:\S*/)?(bash|sh)")
SHEBANG = re.compile(r"#! ?\S*/(?:env )?(bash|sh)\b")
POD = "spec.template.spec"
# Without PostgreSQL and the model catalog, most sidecars idle, by a script in their command.
WITHOUT_DATABASE_AND_CATALOG = [
    "ConfigMap data[update.sh]",
    f"Deployment {POD}.containers[feedback-harvester].command",
    f"Deployment {POD}.containers[llama-stack].command",
    f"Deployment {POD}.containers[rhoai-normalizer].command",
    f"Deployment {POD}.containers[storage-rest].command",
    f"Deployment {POD}.initContainers[init-rag-data].command",
]


def scripts(resource: Resource) -> Iterator[tuple[str, str, str]]:
    """Give address, shell and text of each script in a resource."""
    if resource.kind == "ConfigMap":
        for key, text in (resource.at("data") or {}).items():
            shebang = SHEBANG.match(text)
            if shebang or key.endswith(".sh"):
                yield join("data", key), shebang[1] if shebang else "sh", text
    yield from _commands(resource.manifest, "")


def _commands(value: Any, above: str) -> Iterator[tuple[str, str, str]]:
    """Find commands wherever they stand: of containers, of probes, of hooks of the container's life."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            name = item.get("name", index) if isinstance(item, dict) else index
            yield from _commands(item, f"{above}[{name}]")
    elif isinstance(value, dict):
        words = [str(word) for field in ("command", "args") for word in value.get(field) or []]
        shell = SHELL.fullmatch(words[0]) if words else None
        flag = next((i for i, word in enumerate(words) if re.fullmatch(r"-\w*c", word)), None)
        if shell and flag is not None:
            yield f"{above}.command", shell[1], words[flag + 1]
        for key, child in value.items():
            yield from _commands(child, f"{above}.{key}" if above else str(key))


def complaints(shell: str, text: str) -> str:
    """Give what shellcheck says about a script; empty for nothing."""
    done = subprocess.run(
        [SHELLCHECK, f"--shell={shell}", "--norc", "--severity=style", "--format=gcc", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout


@pytest.mark.scenarios("all_on", "off", "lightspeed+sidecars", "mix_02", "placeholders")
def test_scripts_pass(rendering: Rendering) -> None:
    found = {
        (shell, text): f"{resource.identity} {address}"
        for resource in [*rendering.resources, *rendering.after_hooks]
        for address, shell, text in scripts(resource)
    }
    said = {place: complaints(shell, text) for (shell, text), place in found.items()}
    assert {place: text for place, text in said.items() if text} == {}


@pytest.mark.scenarios("lightspeed+sidecars")
def test_every_script_is_found(rendering: Rendering) -> None:
    places = [f"{r.kind} {address}" for r in rendering.after_hooks for address, _, _ in scripts(r)]
    assert sorted(place for place in places if "Probe" not in place) == WITHOUT_DATABASE_AND_CATALOG


@pytest.mark.parametrize(
    ("shell", "text", "code"),
    [
        ("bash", "#!/bin/bash\noc get $NAMESPACE\n", "SC2086"),
        ("sh", "mapfile -t lines\n", "SC3044"),
        ("bash", "if true; then\n", "SC1073"),
        ("bash", 'echo "$(cat x)" | grep `y`\n', "SC2006"),
    ],
)
def test_faults_are_found(shell: str, text: str, code: str) -> None:
    assert f"[{code}]" in complaints(shell, text)
