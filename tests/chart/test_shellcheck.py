"""Every shell script that the chart carries passes shellcheck in all matters of style; the pack forgives some."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

import pytest

from chartgate.kubernetes.programs.carried_scripts import scripts_in
from chartgate.model import Rendering

SHELLCHECK = Path(sysconfig.get_path("scripts")) / "shellcheck"
POD = "spec.template.spec"
# Without PostgreSQL and the model catalog, most sidecars idle, by a script in their command.
WITHOUT_DATABASE_AND_CATALOG = [
    "ConfigMap data[update.sh]",
    f"Deployment {POD}.containers[feedback-harvester].command[2]",
    f"Deployment {POD}.containers[llama-stack].command[2]",
    f"Deployment {POD}.containers[rhoai-normalizer].command[2]",
    f"Deployment {POD}.containers[storage-rest].command[2]",
    f"Deployment {POD}.initContainers[init-rag-data].command[2]",
]


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
        (script.shell, script.text): f"{script.place.owner.identity} {script.place.address}"
        for resources in rendering.stages
        for script in scripts_in(resources)
    }
    said = {place: complaints(shell, text) for (shell, text), place in found.items()}
    assert {place: text for place, text in said.items() if text} == {}


@pytest.mark.scenarios("lightspeed+sidecars")
def test_every_script_is_found(rendering: Rendering) -> None:
    places = [f"{script.place.owner.kind} {script.place.address}" for script in scripts_in(rendering.after_hooks)]
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
