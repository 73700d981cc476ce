"""Pinned tools come from a wheel, by hash, once; here from a small wheel of our own, without any network."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import platform
import re
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
from chartgate.system import toolchain
from chartgate.system.toolchain import Release, find, provision
from tests.engine.toys import HELM_VERSION, script

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
    monkeypatch.setattr(toolchain, "_download", lambda _release, _into: wheel)
    return release


def _damage(release: Release, how: str) -> None:
    tool = release.tool("helm")
    if how == "half":
        tool.write_bytes(HELM[:5])
    elif how == "another":
        tool.write_bytes(b"#!/bin/sh\nrm -rf /\n")
    elif how == "gone":
        tool.unlink()
    else:
        tool.unlink()
        tool.mkdir()


@pytest.mark.parametrize("how", ["half", "another", "gone", "a folder"])
def test_a_damaged_tool_is_repaired(how: str, without_pip: Release) -> None:
    release = without_pip
    release.folder.mkdir(parents=True)
    release.tool("helm").write_bytes(HELM)
    release.tool("kubectl").write_bytes(KUBECTL)
    _damage(release, how)
    provision(release)
    assert (release.tool("helm").read_bytes(), release.tool("kubectl").read_bytes()) == (HELM, KUBECTL)


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
from chartgate.system import toolchain

def download(release, into):
    time.sleep(0.2)
    return pathlib.Path(sys.argv[2])

toolchain.is_carried = lambda: True
toolchain._download = download
toolchain.provision(toolchain.Release(*json.loads(sys.argv[1])))
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
    monkeypatch.setattr(toolchain, "_INSTALL_TIMEOUT", 0.1)
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


@pytest.mark.parametrize(
    ("system", "machine", "carried"),
    [("linux", "x86_64", True), ("linux", "aarch64", False), ("darwin", "x86_64", False), ("win32", "AMD64", False)],
)
def test_which_machines_have_pinned_builds(
    system: str, machine: str, carried: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert toolchain.is_carried() is carried


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be on a machine without pinned builds; give the only folder on PATH."""
    monkeypatch.setattr(toolchain, "is_carried", lambda: False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def test_elsewhere_the_helm_on_path_is_used_and_named(elsewhere: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script(elsewhere / "helm", "echo v3.9.0+g0")
    script(elsewhere / "kubectl", "")
    tools = find()
    assert (tools.helm, tools.kubectl) == (elsewhere / "helm", elsewhere / "kubectl")
    assert tools.helm_version == "3.9.0 from PATH (pinned: 4.2.3)"
    assert provision() == elsewhere
    assert capsys.readouterr().out == (
        "chartgate: no pinned tools for this machine; using helm 3.9.0 from PATH (pinned: 4.2.3)\n"
    )


def test_elsewhere_without_helm(elsewhere: Path) -> None:
    for command in (find, provision):
        with pytest.raises(
            ToolError, match=r"^install helm 4\.2\.3 \(no build of it is pinned for this machine\), or use"
        ):
            command()
    assert not elsewhere.exists()


def test_the_provisioned_tools_are_found() -> None:
    tools = find()
    assert (tools.helm, tools.kubectl) == (toolchain.PINNED.tool("helm"), toolchain.PINNED.tool("kubectl"))
    assert tools.helm_version == "4.2.3"


def test_nothing_is_provisioned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTGATE_CACHE", str(tmp_path))
    monkeypatch.setattr(toolchain, "is_carried", lambda: True)
    with pytest.raises(ToolError, match=r"^helm 4\.2\.3 is not provisioned: run `chartgate provision`, or use --helm="):
        find()
    assert find(script(tmp_path / "helm", HELM_VERSION)).helm_version == f"4.2.3 at {tmp_path}/helm"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('echo "$@"', "is not helm: `{helm} version --short` said 'version --short'"),
        ("echo v1", "is not helm: `{helm} version --short` said 'v1'"),
        ("echo v4.2.3; exit 1", "is not helm: `{helm} version --short` said 'v4.2.3'"),
        ("echo no such command >&2; exit 1", "is not helm: `{helm} version --short` said 'no such command'"),
        ("exec sleep 60", " was stopped: no answer within 0.2 s"),
    ],
)
def test_what_is_no_helm(body: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "0.2" if "sleep" in body else "20")
    helm = script(tmp_path / "helm", body)
    with pytest.raises(ToolError) as error:
        find(helm)
    assert message.format(helm=helm) in str(error.value)


def test_a_named_helm_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(
        ToolError, match=r"/nobody is not there: run `chartgate provision`, or name another with --helm="
    ):
        find(tmp_path / "nobody")
