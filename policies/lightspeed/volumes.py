"""The volumes of the Backstage pod: containers that share one meet in it, and write where they may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from chartgate.documents.addresses import ABSENT, lookup
from chartgate.kubernetes.contents import yaml_inside
from chartgate.kubernetes.pods.volume_mounts import is_writable, mount_at
from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from .spec.backstage import BRIDGE, POD, RAG_DATA, after_hooks
from .spec.switches import sidecars_on
from .stack import FILE, stack_config

SPEC = "2. Sidecar Containers"
BRIDGE_FOLDER = "/opt/app-root/src/dynamic-plugins-root"
# Where the image of llama-stack reads, and where the image of the documentation has it.
RAG = {
    "/app-root/embeddings_model": "/rag/embeddings_model",
    "/app-root/vector_db/rhdh_product_docs": "/rag/vector_db/rhdh_product_docs",
}


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Copy both folders of the image into one volume, and mount each in llama-stack by its subPath.",
    spec=SPEC,
)
def rag_data_reaches_llama_stack(rendering: Rendering) -> Iterator[Check]:
    """What init-rag-data copies is what llama-stack finds at the two paths that its image is configured with.

    Without the documentation and the embedding model, llama-stack does not start.
    """
    backstage = after_hooks(rendering)
    copies, llama = container(backstage, RAG_DATA), container(backstage, "llama-stack")
    sources, destination = _copied(copies.at("command"))
    target = mount_at(copies, destination)
    expected = f"copies {' and '.join(RAG.values())} into a writable volume"
    passed = set(RAG.values()) <= set(sources) and is_writable(copies, destination)
    yield states(backstage, f"{copies.address}.command", passed, expected=expected, actual=copies.at("command"))
    for path, source in RAG.items():
        mount = mount_at(llama, path)
        # `cp -R a/b /data` makes /data/b, which is b of the volume that is mounted at /data.
        below = PurePosixPath(destination).relative_to(target.path) if target else PurePosixPath()
        part = str(below / PurePosixPath(source).name)
        passed = bool(mount and target and (mount.volume, mount.path, mount.part) == (target.volume, path, part))
        expected = f"{part} of volume {target.volume if target else 'of init-rag-data'} at {path}"
        actual = f"{mount} at {mount.path}" if mount else "nothing"
        yield states(backstage, f"{llama.address}.volumeMounts", passed, expected=expected, actual=actual)


@rag_data_reaches_llama_stack.counterexample("lightspeed+sidecars")
def the_model_is_not_copied(rendering: Rendering) -> Rendering:
    command = _container(rendering, RAG_DATA)["command"]
    command[-1] = command[-1].replace(" /rag/embeddings_model", "")
    return rendering


@rag_data_reaches_llama_stack.counterexample("all_on")
def it_is_copied_into_another_volume(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(f"{POD}.volumes").append({"name": "documents", "emptyDir": {}})
    _container(rendering, RAG_DATA)["volumeMounts"][0]["name"] = "documents"
    return rendering


@rag_data_reaches_llama_stack.counterexample("all_on")
def the_documentation_is_mounted_one_folder_up(rendering: Rendering) -> Rendering:
    listed = _container(rendering, "llama-stack")["volumeMounts"]
    listed[-1]["mountPath"] = "/app-root/vector_db"
    return rendering


@rag_data_reaches_llama_stack.counterexample("all_on")
def the_whole_volume_is_the_model(rendering: Rendering) -> Rendering:
    mount = _container(rendering, "llama-stack")["volumeMounts"][1]
    del mount["subPath"]
    return rendering


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Mount a volume there that is no ConfigMap or Secret, without readOnly.",
    spec=SPEC,
)
def sidecars_can_write_where_they_must(rendering: Rendering) -> Iterator[Check]:
    """Each sidecar has a writable volume wherever its program writes.

    OpenShift runs it as a user whom its image does not know, and who may not write into the image's folders. The
    sidecars of the model catalog write the cluster's certificate into the folder of the dynamic plugins.
    """
    backstage = after_hooks(rendering)
    config = yaml_inside(stack_config(rendering), FILE)
    databases = (lookup(config, f"{place}.sqlite.db_path") for place in ("database", "conversation_cache"))
    written = {
        **{name: [BRIDGE_FOLDER] for name in BRIDGE},
        "llama-stack": ["/app-root/.llama"],
        "lightspeed-core": [path for path in databases if isinstance(path, str)],
    }
    for name, paths in written.items():
        found = container(backstage, name)
        for path in paths:
            actual = str(mount_at(found, path) or "the image")
            expected = f"a writable volume at {path}"
            place = f"{found.address}.volumeMounts"
            yield states(backstage, place, is_writable(found, path), expected=expected, actual=actual)
    # llama-stack is configured with relative paths; its image starts it here.
    llama = container(backstage, "llama-stack")
    place, folder = f"{llama.address}.workingDir", llama.at("workingDir")
    yield states(backstage, place, folder in (ABSENT, "/app-root"), expected="/app-root", actual=folder)


@sidecars_can_write_where_they_must.counterexample("all_on")
def the_certificate_cannot_be_written(rendering: Rendering) -> Rendering:
    _container(rendering, "rhoai-normalizer")["volumeMounts"][0]["readOnly"] = True
    return rendering


@sidecars_can_write_where_they_must.counterexample("lightspeed+sidecars")
def llama_stack_has_no_place_for_its_state(rendering: Rendering) -> Rendering:
    _container(rendering, "llama-stack")["volumeMounts"].pop(0)
    return rendering


@sidecars_can_write_where_they_must.counterexample("all_on")
def llama_stack_starts_in_another_folder(rendering: Rendering) -> Rendering:
    _container(rendering, "llama-stack")["workingDir"] = "/tmp"  # noqa: S108
    return rendering


@sidecars_can_write_where_they_must.counterexample("lightspeed+sidecars")
def the_cache_lies_in_the_image(rendering: Rendering) -> Rendering:
    data = stack_config(rendering).at("data")
    data["lightspeed-stack.yaml"] = data["lightspeed-stack.yaml"].replace("/tmp/conv", "/app-root/conv")  # noqa: S108
    _container(rendering, "lightspeed-core")["volumeMounts"].pop(1)
    return rendering


def _copied(command: Any) -> tuple[list[str], str]:
    """Give the sources and the destination of the `cp` in a container's command."""
    words = str(command[-1]).split() if isinstance(command, list) and command else []
    paths = [word for word in words[1:] if not word.startswith("-")] if words[:1] == ["cp"] else []
    return paths[:-1], (paths or [""])[-1].rstrip("/")


def _container(rendering: Rendering, name: str) -> dict[str, Any]:
    return container(after_hooks(rendering), name).manifest
