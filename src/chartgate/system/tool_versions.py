"""Which versions of helm and kubectl a run works with; pure judgement of what the tools say of themselves."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chartgate.errors import ToolError
from chartgate.system.processes import Output

OLDEST_HELM = (3, 17)
NEWEST_HELM = (4, 2)
"""The ends of what is supported, both of them tested."""
_OLDEST_KUBECTL = (1, 20)
"""The first with `patch --patch-file`: kubernetes/kubernetes CHANGELOG-1.20, #93548."""

_VERSION = re.compile(r"v(?P<major>[0-9]{1,4})\.(?P<minor>[0-9]{1,4})(\.[0-9]{1,4})?([-+~.][-+~.0-9A-Za-z]{0,80})?")
"""`v4.2.3+g1a2b3c4`; `v3.17` where it was built with `go install`, `v3.17.1+2.el9` where a distribution did."""


def check_helm(helm: Path, output: Output) -> tuple[str, str]:
    """Judge what `helm version --short` said; give the version, and why it may render differently, or empty text.

    Only major and minor count: distributions write `-rancher1` where SemVer has a pre-release.

    Raises:
        ToolError: it is not helm, or one that is too old.
    """
    said = output.stdout.decode("utf-8", "replace").strip()
    supported = f"helm {_dotted(OLDEST_HELM)} to {_dotted(NEWEST_HELM)} are supported"
    if said.startswith("Client: v2."):
        raise ToolError(f"{helm} is helm 2: {supported}, so name another with --helm=PATH")
    found = _VERSION.fullmatch(said)
    if output.exit_code or found is None:
        raise ToolError(f"{helm} is not helm: `{helm} version --short` said {_shortened(said or output.errors)!r}")
    version = said.removeprefix("v").partition("+")[0]
    number = (int(found["major"]), int(found["minor"]))
    if number < OLDEST_HELM:
        raise ToolError(f"{helm} is helm {version}, which is too old: {supported}, so name another with --helm=PATH")
    return version, f"newer than helm {_dotted(NEWEST_HELM)}, the last that is tested" if number > NEWEST_HELM else ""


def check_kubectl(kubectl: Path, output: Output) -> None:
    """Judge what `kubectl version --client --output=json` said.

    Raises:
        ToolError: it is not kubectl, or one that is too old to patch without a cluster from a file.
    """
    try:
        said = json.loads(output.stdout)["clientVersion"]["gitVersion"]
        found = _VERSION.fullmatch(said)
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if output.exit_code or found is None:
        text = _shortened(output.stdout.decode("utf-8", "replace") or output.errors)
        raise ToolError(f"{kubectl} is not kubectl: `{kubectl} version --client --output=json` said {text!r}")
    if (int(found["major"]), int(found["minor"])) < _OLDEST_KUBECTL:
        raise ToolError(
            f"{kubectl} is kubectl {said}, which is too old for after_hooks: install kubectl"
            f" {_dotted(_OLDEST_KUBECTL)} or newer"
        )


def _dotted(number: tuple[int, int]) -> str:
    return ".".join(map(str, number))


def _shortened(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 200 else f"{text[:200]}..."
