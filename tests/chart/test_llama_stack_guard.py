"""The start command of llama-stack in a real shell: an empty API key never reaches the image's entrypoint."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Rendering
from policies.lightspeed.scripts.shell import NotUnderstood, environment_of
from policies.lightspeed.spec.backstage import after_hooks

KEYS = [
    pytest.param(None, id="not_set"),
    pytest.param("", id="empty"),
    pytest.param("sk-x", id="set"),
    pytest.param("a b'c\"d$e;f", id="set_with_special_characters"),
]
SCRIPTS = [
    'export VLLM_API_KEY="${VLLM_API_KEY:-fake}"; exec ./entrypoint.sh',
    'export VLLM_API_KEY="${VLLM_API_KEY-fake}"; exec ./entrypoint.sh',
    'VLLM_API_KEY="${VLLM_API_KEY:-fake}"; exec ./entrypoint.sh',
    'VLLM_API_KEY="${VLLM_API_KEY:-fake}" exec ./entrypoint.sh',
    'set -e\n# why\n: "${VLLM_API_KEY:=fake}"\nexport VLLM_API_KEY\n./entrypoint.sh',
    "export VLLM_API_KEY='${VLLM_API_KEY:-fake}' && exec ./entrypoint.sh",
    "export VLLM_API_KEY=${VLLM_API_KEY:+set}; exec ./entrypoint.sh",
    "./entrypoint.sh VLLM_API_KEY=fake",
    "exec ./entrypoint.sh; export VLLM_API_KEY=fake",
]
REFUSED = [
    "unset VLLM_API_KEY; ./entrypoint.sh",
    "export VLLM_API_KEY=fake ./entrypoint.sh",
    "exec ./other.sh; ./entrypoint.sh",
    "[ -n x ] && ./entrypoint.sh",
    "if true; then ./entrypoint.sh; fi",
    'export VLLM_API_KEY="$(cat key)"; ./entrypoint.sh',
    'export VLLM_API_KEY="${VLLM_API_KEY:-${OTHER}}"; ./entrypoint.sh',
]


@pytest.fixture
def app_root(tmp_path: Path) -> Path:
    """Stand in for the image's working folder: its entrypoint says what it sees."""
    entrypoint = tmp_path / "entrypoint.sh"
    entrypoint.write_text("#!/bin/sh\nprintf '%s' \"started with ${VLLM_API_KEY-nothing}.\"\n")
    entrypoint.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.scenarios("lightspeed+sidecars", "all_on", "np_hub", "mix_02")
def test_entrypoint_sees_a_key(rendering: Rendering, key: str | None, app_root: Path) -> None:
    llama_stack = container(after_hooks(rendering), "llama-stack")
    command = [*llama_stack.at("command"), *(llama_stack.at("args") or [])]
    said = _start(command, key, app_root)
    if key:
        assert said == f"started with {key}."
    else:
        assert said.startswith("started with ")
        assert said not in ("started with .", "started with nothing.")


@pytest.mark.parametrize("key", KEYS[:3])
@pytest.mark.parametrize("script", SCRIPTS)
def test_the_policy_plays_a_script_as_bash_does(script: str, key: str | None, app_root: Path) -> None:
    played = environment_of("./entrypoint.sh", script, {} if key is None else {"VLLM_API_KEY": key})
    expected = "" if played is None else f"started with {played.get('VLLM_API_KEY', 'nothing')}."
    assert _start(["/bin/bash", "-c", script], key, app_root) == expected


@pytest.mark.parametrize("script", REFUSED)
def test_the_policy_refuses_what_it_cannot_play(script: str) -> None:
    with pytest.raises(NotUnderstood):
        environment_of("./entrypoint.sh", script, {})


def _start(command: list[str], key: str | None, folder: Path) -> str:
    environment = {"PATH": "/usr/bin:/bin"} if key is None else {"PATH": "/usr/bin:/bin", "VLLM_API_KEY": key}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.stderr == ""
    return done.stdout
