"""A stand-in for `oc`: answers from a state file, and refuses what a role does not allow.

The state is a JSON file: the `deployments` of one `namespace`, the `permissions` of whoever calls, `fails` (the
command that fails for another reason). `kubectl patch --local` makes the patches. What it was asked goes to `calls`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from chartgate.kubernetes.permissions import Permission, covered, on


def main(arguments: list[str]) -> int:
    """Answer one command; give its exit code."""
    path = Path(os.environ["STAND_IN_STATE"])
    state = json.loads(path.read_text())
    command = " ".join(arguments[:2]) if arguments[0] == "rollout" else arguments[0]
    parser = argparse.ArgumentParser("oc", allow_abbrev=False)
    parser.add_argument("-n", "--namespace", required=True)
    parser.add_argument("object")
    parser.add_argument("-l", "--selector")
    parser.add_argument("-o", "--output", choices=["name"])
    parser.add_argument("--type", choices=["strategic"])
    parser.add_argument("--patch-file")
    parser.add_argument("--timeout")
    call = parser.parse_args(arguments[len(command.split()) :])
    state["calls"].append(arguments)
    try:
        if call.namespace != state["namespace"]:
            raise PermissionError(f'cannot do anything in the namespace "{call.namespace}"')
        print(_COMMANDS[command](call, state))  # noqa: T201 - this is oc's output
        if state["fails"] == command:
            raise RuntimeError(f"{command} fails, for whatever reason")
    except PermissionError as error:
        print(f"Error from server (Forbidden): {error}", file=sys.stderr)  # noqa: T201
        return 1
    except RuntimeError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    finally:
        path.write_text(json.dumps(state))
    return 0


def _get(call: argparse.Namespace, state: dict[str, Any]) -> str:
    """List by labels, which no rule can narrow to a name."""
    assert (call.object, call.output) == ("deployments", "name"), call
    _demand(state, "list")
    wanted = dict(part.split("=", 1) for part in call.selector.split(","))
    found = [d["metadata"] for d in state["deployments"] if wanted.items() <= d["metadata"]["labels"].items()]
    return "\n".join(f"deployment.apps/{metadata['name']}" for metadata in found)


def _patch(call: argparse.Namespace, state: dict[str, Any]) -> str:
    """Read the object, as oc does before it patches, and patch it."""
    deployment = _named(call, state, "get patch")
    if state["fails"] == "patch":
        return ""
    options = [f"--type={call.type}", f"--patch-file={call.patch_file}", "--filename=-", "--output=json"]
    done = subprocess.run(
        [os.environ["STAND_IN_KUBECTL"], "patch", "--local", *options],
        input=json.dumps(deployment),
        env={"HOME": "/nonexistent", "KUBECONFIG": "/nonexistent/config"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    patched = json.loads(done.stdout)
    same = patched == deployment
    state["deployments"][state["deployments"].index(deployment)] = patched
    return f"{call.object} patched{' (no change)' if same else ''}"


def _rollout_status(call: argparse.Namespace, state: dict[str, Any]) -> str:
    """Read the object, then list and watch it by its name."""
    deployment = _named(call, state, "get list watch")
    return f'deployment "{deployment["metadata"]["name"]}" successfully rolled out'


def _named(call: argparse.Namespace, state: dict[str, Any], verbs: str) -> Any:
    kind, _, name = call.object.partition("/")
    assert kind == "deployment.apps", call
    _demand(state, verbs, name)
    found = [d for d in state["deployments"] if d["metadata"]["name"] == name]
    if not found:
        raise RuntimeError(f'deployments.apps "{name}" not found')
    return found[0]


def _demand(state: dict[str, Any], verbs: str, name: str = "") -> None:
    granted = [Permission(*parts) for parts in state["permissions"]]
    for needed in on("apps", "deployments", verbs, name):
        if not covered(needed, granted):
            raise PermissionError(f'cannot {needed.verb} resource "deployments" in API group "apps" {name}')


_COMMANDS = {"get": _get, "patch": _patch, "rollout status": _rollout_status}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
