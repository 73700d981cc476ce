"""Which tools a run uses, in which versions, and how they are started."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chartgate.errors import ToolError
from chartgate.system import toolchain
from chartgate.system.provisioning import provision
from chartgate.system.toolchain import Tools, find, start_tool
from tests.engine.toys import CHART, HELM_VERSION, script, write


@pytest.mark.parametrize(
    ("system", "machine", "carried"),
    [
        ("linux", "x86_64", True),
        ("linux", "aarch64", False),
        ("darwin", "x86_64", False),
        ("darwin", "arm64", False),
        ("win32", "AMD64", False),
    ],
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
    script(elsewhere / "helm", "echo v3.19.0+g0")
    script(elsewhere / "kubectl", "")
    tools = find()
    assert (tools.helm, tools.kubectl) == (elsewhere / "helm", elsewhere / "kubectl")
    assert tools.helm_version == "3.19.0 from PATH (pinned: 4.2.3)"
    assert provision() == elsewhere
    assert capsys.readouterr().out == (
        "chartgate: no pinned tools for this machine; using helm 3.19.0 from PATH (pinned: 4.2.3)\n"
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
    with pytest.raises(
        ToolError, match=r"^helm 4\.2\.3 is not provisioned: run `chartgate provision`, or name another with --helm="
    ):
        find()
    assert find(script(tmp_path / "helm", HELM_VERSION)).helm_version == f"4.2.3 at {tmp_path}/helm"


@pytest.mark.parametrize(
    ("body", "version", "warning"),
    [
        ("echo v3.17.3+ge4da497", "3.17.3", ""),
        ("echo v3.17.0-rc.1", "3.17.0-rc.1", ""),
        ("echo v3.17", "3.17", ""),
        ("echo v3.17.1+2.el9", "3.17.1", ""),
        ("echo v3.18.4+unreleased", "3.18.4", ""),
        ("echo v3.17.0-rancher1", "3.17.0-rancher1", ""),
        ("echo v3.20.1~beta1", "3.20.1~beta1", ""),
        ("echo v4.0.0-beta.2+g0", "4.0.0-beta.2", ""),
        ("echo v4.2.9+g0", "4.2.9", ""),
        ("echo 'WARNING: Kubernetes configuration file is group-readable.' >&2; echo v4.2.3+g0", "4.2.3", ""),
        ("printf 'v4.2.3\\r\\n'", "4.2.3", ""),
        ("echo v4.3.0-rc.1+g0", "4.3.0-rc.1", "newer than helm 4.2, the last that is tested"),
        ("echo v4.10.0", "4.10.0", "newer than helm 4.2, the last that is tested"),
        ("echo v5.0.0", "5.0.0", "newer than helm 4.2, the last that is tested"),
    ],
)
def test_a_helm_that_is_used(body: str, version: str, warning: str, tmp_path: Path) -> None:
    helm = script(tmp_path / "helm", body)
    found = find(helm)
    assert found.helm_version == f"{version} at {helm}{warning and f', {warning}'}"
    assert found.warning == warning


def _folder(path: Path) -> None:
    path.mkdir()


NO_HELM = "is not helm: `{helm} version --short` said "
TOO_OLD = "which is too old: helm 3.17 to 4.2 are supported, so name another with --helm=PATH"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        ('echo "$@"', NO_HELM + "'version --short'"),
        ("echo v1", NO_HELM + "'v1'"),
        ("echo v4.2.3; exit 1", NO_HELM + "'v4.2.3'"),
        ("echo no such command >&2; exit 1", NO_HELM + "'no such command'"),
        ("echo Hello; echo v4.2.3", NO_HELM + "'Hello\\nv4.2.3'"),
        ("printf 'v4.2.3\\377'", NO_HELM + "'v4.2.3\N{REPLACEMENT CHARACTER}'"),
        ("head -c 300 /dev/zero | tr '\\0' x", NO_HELM + f"'{'x' * 200}...'"),
        (f"echo v{'9' * 5000}.1.0", NO_HELM + "'v999"),
        ("exit 0", NO_HELM + "''"),
        ("exec sleep 60", " version --short was stopped: no answer within 0.2 s"),
        ("kill -11 $$", " version --short was ended by SIGSEGV"),
        ("exec /nonexistent/helm", "/helm cannot be started: "),
        ("echo v3.16.4+g7877b45", f"is helm 3.16.4, {TOO_OLD}"),
        ("echo v3.2.1", f"is helm 3.2.1, {TOO_OLD}"),
        (
            "echo 'Client: v2.17.0+ga690bad'; echo 'Error: could not find tiller' >&2; exit 1",
            "is helm 2: helm 3.17 to 4.2 are supported, so name another with --helm=PATH",
        ),
        (_folder, "/helm is a folder, not a program: run `chartgate provision`, or name another with --helm=PATH"),
        (lambda path: path.symlink_to("/nowhere/helm"), "/helm is a link to /nowhere/helm, which is not there: run"),
        (lambda path: path.symlink_to(path), "is not there: run"),
        (lambda path: path.write_text("#!/bin/sh\n"), "/helm is not executable: `chmod +x {helm}`"),
        (lambda path: _executable(path, b"\x7fELF\2\1\1" + bytes(64)), "/helm cannot be started: "),
        (
            lambda path: _executable(path, b"#!/nonexistent/sh\n"),
            "/helm cannot be started: what it needs to run is not",
        ),
        (lambda path: _executable(path, b""), "Exec format error"),
        (lambda _: None, "/helm is not there: run `chartgate provision`, or name another with --helm=PATH"),
    ],
)
def test_a_helm_that_is_not_used(
    make: str | Callable[[Path], object], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHARTGATE_TIMEOUT", "0.2" if make == "exec sleep 60" else "20")
    helm = tmp_path / "helm"
    if isinstance(make, str):
        script(helm, make)
    else:
        make(helm)
    with pytest.raises(ToolError) as error:
        find(helm)
    assert message.format(helm=helm) in str(error.value)
    assert "\n" not in str(error.value)


def _executable(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o755)


def test_a_version_is_not_waited_for_as_long_as_a_rendering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "_VERSION_TIMEOUT", 0.2)
    with pytest.raises(ToolError, match=r"version --short was stopped: no answer within 0\.2 s$"):
        find(script(tmp_path / "helm", "exec sleep 60"))


CLIENT = 'echo \'{{"clientVersion": {{"gitVersion": "{}"}}}}\''


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (CLIENT.format("v1.20.0"), ""),
        (CLIENT.format("v1.31.2-eks-1a2b3c4"), ""),
        (CLIENT.format("v1.19.16"), "is kubectl v1.19.16, which is too old for after_hooks: install kubectl 1.20 or n"),
        ("echo Hello", "is not kubectl: `{kubectl} version --client --output=json` said 'Hello'"),
        ("echo '[]'", "is not kubectl: "),
        ("echo 'error: no' >&2; exit 1", "said 'error: no'"),
        ("", "is not kubectl: "),
    ],
)
def test_elsewhere_the_kubectl_on_path_is_asked_for_its_version_where_it_is_needed(
    body: str, message: str, elsewhere: Path
) -> None:
    helm, kubectl = script(elsewhere / "helm", HELM_VERSION), script(elsewhere / "kubectl", body)
    assert find(helm).kubectl == kubectl
    if not message:
        assert find(helm, with_kubectl=True).kubectl == kubectl
        return
    with pytest.raises(ToolError) as error:
        find(helm, with_kubectl=True)
    assert message.format(kubectl=kubectl) in str(error.value)


def test_elsewhere_without_kubectl(elsewhere: Path) -> None:
    helm = script(elsewhere / "helm", HELM_VERSION)
    assert find(helm).helm == helm
    with pytest.raises(ToolError, match=r"^after_hooks in the matrix need kubectl, which is not on PATH: install it$"):
        find(helm, with_kubectl=True)


def test_a_provisioned_tool_that_is_damaged_is_not_started(
    tmp_path: Path, tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is named, and is not the one that is used by itself."""
    monkeypatch.setattr(toolchain, "_checked", set())
    monkeypatch.setenv("CHARTGATE_CACHE", str(tmp_path))
    helm = script(toolchain.OLDEST.tool("helm"), f"touch {tmp_path}/started; {HELM_VERSION}")
    with pytest.raises(ToolError, match=r"/helm is damaged, or is not the helm that was pinned .*run `chartgate provi"):
        find(helm)
    assert not (tmp_path / "started").exists()
    helm.unlink()
    helm.symlink_to(tools.helm)  # of another release
    with pytest.raises(ToolError, match="is damaged, or is not the helm that was pinned"):
        find(helm)


def test_a_tool_is_looked_at_once(tools: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def damage(_: toolchain.Release, name: str) -> str:
        looked.append(name)
        return ""

    monkeypatch.setattr(toolchain, "_checked", set())
    monkeypatch.setattr(toolchain.Release, "damage", damage)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: start_tool(tools.helm, ["version", "--short"]), range(4)))
    assert looked == ["helm"]


@pytest.mark.parametrize("release", [toolchain.PINNED, toolchain.OLDEST], ids=lambda release: release.helm)
def test_helm_reads_and_writes_nothing_of_the_users(
    release: toolchain.Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of these settings would end helm, or show: files that are not what they should be, and a plugin."""
    broken, chart = tmp_path / "broken", tmp_path / "chart"
    write(
        broken,
        {
            ".kube/config": "not: [yaml",
            ".docker/config.json": "{not json",
            ".config/helm/registry/config.json": "{not json",
            ".config/helm/repositories.yaml": "not: [yaml",
            ".local/share/helm/plugins/p/plugin.yaml": "not: [yaml",
        },
    )
    (broken / ".kube/config").chmod(0o666)
    monkeypatch.setenv("CHARTGATE_CACHE", str(release.folder.parent))
    before = sorted(broken.rglob("*"))
    write(chart, {"Chart.yaml": CHART, "templates/a.yaml": 'a: {{ lookup "v1" "Namespace" "" "x" | toJson }}\n'})
    for name, value in (
        *(("HOME", broken), ("KUBECONFIG", broken / ".kube/config"), ("DOCKER_CONFIG", broken / ".docker")),
        *(("HELM_PLUGINS", broken / ".local/share/helm/plugins"), ("HELM_DEBUG", "true"), ("HELM_DRIVER", "sql")),
        *(("HELM_KUBECONTEXT", "mine"), ("HELM_REGISTRY_CONFIG", broken / ".docker/config.json")),
        *(("XDG_CONFIG_HOME", broken / ".config"), ("XDG_DATA_HOME", broken / ".local/share")),
        *(("KUBERNETES_SERVICE_HOST", "127.0.0.1"), ("KUBERNETES_SERVICE_PORT", "1")),
    ):
        monkeypatch.setenv(name, str(value))
    output = start_tool(release.tool("helm"), ["template", "r", str(chart), "--namespace", "n"])
    assert (output.exit_code, output.errors) == (0, "")
    assert b"a: {}" in output.stdout
    assert sorted(broken.rglob("*")) == before
