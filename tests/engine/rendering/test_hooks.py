"""A hook Job's patch is found by its own manifest and applied by kubectl; each missing link has its message."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.matrix.matrix import PatchHook
from chartgate.model import Missing, Resources
from chartgate.rendering.hooks import KubectlPatch, run_hooks
from chartgate.rendering.manifests import parse
from chartgate.system.cache import OutputCache
from chartgate.system.toolchain import Tools
from tests.engine.toys import Wrapper, script, wrapper

HOOK = PatchHook("patcher", "PATCH", "TARGET")

MANIFESTS = """---
# Source: toy/templates/all.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, tier: front}}
spec: {template: {spec: {containers: [{name: main, image: a}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, labels: {app: db, tier: back}}
spec: {template: {spec: {containers: [{name: main, image: a}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: elsewhere, labels: {app: web}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: patches}
data: {patch.yaml: the patch, other.yaml: another patch}
---
apiVersion: batch/v1
kind: Job
metadata: {name: patcher}
spec:
  template:
    spec:
      initContainers: [{name: wait}]
      containers:
        - name: patch
          env: [{name: PATCH, value: /patches/patch.yaml}, {name: TARGET, value: "app=web"}]
          volumeMounts: [{name: tmp, mountPath: /tmp}, {name: patches, mountPath: /patches}]
      volumes: [{name: tmp, emptyDir: {}}, {name: patches, configMap: {name: patches}}]
"""


def _resources(*changes: tuple[str, str]) -> Resources:
    text = MANIFESTS
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text, "shop")


class Recorder:
    """A patcher that shows what it was asked for: it writes the patch into the metadata."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []

    def __call__(self, manifest: str, patch: str) -> str:
        self.calls.append((manifest, patch))
        return manifest.replace("metadata:\n", f"metadata:\n  patch-{len(self.calls)}: {patch}\n", 1)


MOUNT = "mountPath: /patches}"
VOLUME = "configMap: {name: patches}"
LABEL = '"app=web"'
NOWHERE = "leads to no key of a ConfigMap that the chart renders"


@pytest.mark.parametrize(
    ("changes", "patch"),
    [
        ([], "the patch"),
        ([("/patches/patch.yaml", "/patches//./other.yaml")], "another patch"),
        ([(MOUNT, "mountPath: /patches/patch.yaml, subPath: patch.yaml}")], "the patch"),
        ([(MOUNT, "mountPath: /patches/patch.yaml, subPath: other.yaml}")], "another patch"),
        ([(VOLUME, "configMap: {name: patches, items: [{key: other.yaml, path: patch.yaml}]}")], "another patch"),
        (
            [
                ("/patches/patch.yaml", "/patches/in/patch.yaml"),
                (VOLUME, "configMap: {name: patches, items: [{key: other.yaml, path: in/patch.yaml}]}"),
            ],
            "another patch",
        ),
        (
            [
                (MOUNT, "mountPath: /patches, subPath: in}"),
                (VOLUME, "configMap: {name: patches, items: [{key: other.yaml, path: in/patch.yaml}]}"),
            ],
            "another patch",
        ),
    ],
    ids=["folder", "untidy path", "file", "other key", "item", "deep item", "folder of items"],
)
def test_which_patch_is_applied(changes: list[tuple[str, str]], patch: str) -> None:
    recorder = Recorder()
    after = run_hooks(_resources(*changes), (HOOK,), recorder)
    [(manifest, applied)] = recorder.calls
    assert applied == patch
    assert "name: web" in manifest
    assert after.one("Deployment", "web", "shop").at("metadata.patch-1") == patch


@pytest.mark.parametrize("selector", ["app=web", "app==web", " app = web , tier=front", "app=web,tier=front"])
def test_which_deployment_is_patched(selector: str) -> None:
    resources = _resources(('"app=web"', f'"{selector}"'))
    after = run_hooks(resources, (HOOK,), Recorder())
    assert [r.identity for r in after if r.at("metadata.patch-1") == "the patch"] == [
        resources.one("Deployment", "web", "shop").identity
    ]
    assert [r.identity for r in after] == [r.identity for r in resources]
    assert after[0].template == "toy/templates/all.yaml, patched by toy/templates/all.yaml"
    assert [r.manifest for r in resources] == [r.manifest for r in _resources(('"app=web"', f'"{selector}"'))]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("name: PATCH, value", "name: PATH, value"), "no container sets PATCH, which after_hooks in the matrix names"),
        (("name: TARGET, value:", "name: TARGET, from:"), "no container sets TARGET, which after_hooks in the matrix"),
        ((LABEL, '"app=nobody"'), "TARGET='app=nobody' must find one Deployment, it finds none"),
        (
            (LABEL, '"app=web,tier=back,zone=a"'),
            "finds none; Deployment web from toy/templates/all.yaml has tier='front' and no zone",
        ),
        ((LABEL, '""'), "TARGET='' is not a label selector of the form key=value,..."),
        ((LABEL, '"app"'), "TARGET='app' is not a label selector of the form key=value,..."),
        ((LABEL, '"app=web,tier"'), "TARGET='app=web,tier' is not a label selector of the form key=value,..."),
        ((LABEL, '"app!=web"'), "TARGET='app!=web' is not a label selector of the form key=value,..."),
        ((LABEL, '"app in (web)"'), "TARGET='app in (web)' is not a label selector of the form key=value,..."),
        (("labels: {app: db, tier: back}", "labels: {app: web}"), "must find one Deployment, it finds web, db"),
        (("/patches/patch.yaml", "/other/patch.yaml"), f"PATCH=/other/patch.yaml {NOWHERE}"),
        (("/patches/patch.yaml", "/patches/no.yaml"), f"PATCH=/patches/no.yaml {NOWHERE}"),
        ((VOLUME, "secret: {secretName: patches}"), NOWHERE),
        ((VOLUME, "configMap: {name: patches, items: [{key: other.yaml, path: x}]}"), NOWHERE),
        (("data: {patch.yaml: the patch,", "binaryData: {patch.yaml: the patch,"), NOWHERE),
        (("{name: patches, mountPath: /patches}", "{name: patches}"), NOWHERE),
        (("{name: patches, mountPath: /patches}", "text"), NOWHERE),
        (("volumes: [{name: tmp", "other: [{name: tmp"), NOWHERE),
        ((VOLUME, "configMap: {name: gone}"), NOWHERE),
        (("{name: patches}\ndata", "{name: patches, namespace: x}\ndata"), NOWHERE),
        (("template:\n    spec:\n", "template:\n    other:\n"), "expected a pod spec, found (absent)"),
    ],
)
def test_each_missing_link_has_its_message(change: tuple[str, str], message: str) -> None:
    with pytest.raises((InputError, Missing)) as error:
        run_hooks(_resources(change), (HOOK,), Recorder())
    assert message in str(error.value)


def test_without_the_job_nothing_happens() -> None:
    recorder = Recorder()
    resources = _resources(("metadata: {name: patcher}", "metadata: {name: other}"))
    assert run_hooks(resources, (HOOK,), recorder) == resources
    assert run_hooks(_resources(), (), recorder) == _resources()
    assert recorder.calls == []


def test_two_hooks_patch_one_deployment_after_each_other() -> None:
    job = MANIFESTS[MANIFESTS.index("apiVersion: batch/v1") :]
    second = job.replace("patcher", "second").replace("patch.yaml", "other.yaml")
    resources = parse(f"{MANIFESTS}---\n{second}", "shop")
    after = run_hooks(resources, (HOOK, PatchHook("second", "PATCH", "TARGET")), Recorder())
    [web] = [r for r in after if r.name == "web" and r.namespace == "shop"]
    assert (web.at("metadata.patch-1"), web.at("metadata.patch-2")) == ("the patch", "another patch")


@pytest.fixture
def kubectl(tmp_path: Path, tools: Tools) -> Wrapper:
    return wrapper(tmp_path / "wrapped", tools.kubectl)


def _manifest() -> str:
    return go_yaml.dump(_resources().one("Deployment", "db").manifest)


def test_kubectl_merges_by_name_and_new_items_come_first(kubectl: Wrapper, tmp_path: Path) -> None:
    patch = KubectlPatch(kubectl.path, OutputCache(tmp_path / "runs"))
    given = "spec: {template: {spec: {containers: [{name: %s}, {name: side, image: b}]}}}"
    for first, names in (("main", ["main", "side"]), ("new", ["new", "side", "main"])):
        patched = go_yaml.load(patch(_manifest(), given % first), "patched")
        assert [c["name"] for c in patched["spec"]["template"]["spec"]["containers"]] == names


def test_text_survives_kubectl(kubectl: Wrapper, tmp_path: Path) -> None:
    texts = ["1e3", "y", "on", "0o14", "1:30", "", "2024-01-01", "a\n b\n", " x ", "=", "ünïcode", "{{ }}", "null"]
    manifest = go_yaml.load(_manifest(), "db")
    manifest["metadata"]["annotations"] = {f"t{index}": text for index, text in enumerate(texts)}
    patch = KubectlPatch(kubectl.path, OutputCache(tmp_path / "runs"))
    patched = go_yaml.load(patch(go_yaml.dump(manifest), "metadata: {labels: {a: b}}"), "patched")
    assert patched["metadata"]["annotations"] == manifest["metadata"]["annotations"]
    assert patched["metadata"]["labels"] == {"app": "db", "tier": "back", "a": "b"}


def test_equal_content_is_patched_once(kubectl: Wrapper, tmp_path: Path) -> None:
    runs = OutputCache(tmp_path / "runs")
    first, again = KubectlPatch(kubectl.path, runs), KubectlPatch(kubectl.path, runs)
    assert first(_manifest(), "metadata: {labels: {a: b}}") == again(_manifest(), "metadata: {labels: {a: b}}")
    assert len(kubectl.starts("patch")) == 1
    first(_manifest(), "metadata: {labels: {a: c}}")
    assert len(kubectl.starts("patch")) == 2


def test_kubectl_sees_neither_home_nor_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "mine"))
    env = script(tmp_path / "env", "cat > /dev/null; echo $HOME $KUBECONFIG")
    assert KubectlPatch(env, OutputCache(tmp_path / "runs"))("a: b", "c: d") == "/nonexistent /nonexistent/config\n"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("a: [", 'unable to parse "": yaml: '),
        ("spec: {template: {spec: {containers: [{image: b}]}}}", "does not contain declared merge key: name"),
    ],
)
def test_kubectl_refuses(given: str, message: str, kubectl: Wrapper, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^kubectl refuses the hook's patch: error: ") as error:
        KubectlPatch(kubectl.path, OutputCache(tmp_path / "runs"))(_manifest(), given)
    assert message in str(error.value)
