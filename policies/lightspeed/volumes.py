"""The volumes of the Backstage pod: containers that share one meet in it, and write where they may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.kubernetes.pods.volume_mounts import is_writable, mount_at
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.edits import gone, put, reworded
from chartgate.policy.policy import policy

from .spec.backstage import BRIDGE, CORE, HUB, INIT_CONTAINERS, LLAMA_STACK, NORMALIZER, RAG_DATA, hub_container
from .spec.switches import sidecars_on
from .stack import stack_file

SPEC = "2. Sidecar Containers"
BRIDGE_FOLDER = "/opt/app-root/src/dynamic-plugins-root"
MODEL, DOCUMENTATION = "/app-root/embeddings_model", "/app-root/vector_db/rhdh_product_docs"
# Where the image of llama-stack reads, and where the image of the documentation has it.
RAG = {MODEL: "/rag/embeddings_model", DOCUMENTATION: "/rag/vector_db/rhdh_product_docs"}
COPIES = f"{INIT_CONTAINERS}[{RAG_DATA}]"


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
    copies, llama = hub_container(rendering, RAG_DATA), hub_container(rendering, "llama-stack")
    command = copies / "command"
    sources, destination = _copied(command.value)
    target = mount_at(copies, destination)
    yield states(command, set(RAG.values()) <= set(sources), expected=f"copies {' and '.join(RAG.values())}")
    expected = f"a writable volume at {destination}, where the command copies to"
    yield states(copies / "volumeMounts", is_writable(copies, destination), expected=expected)
    for path, source in RAG.items():
        mount = mount_at(llama, path)
        # `cp -R a/b /data` makes /data/b, which is b of the volume that is mounted at /data.
        below = PurePosixPath(destination).relative_to(target.path) if target else PurePosixPath()
        part = str(below / PurePosixPath(source).name)
        passed = bool(mount and target and (mount.volume, mount.path, mount.part) == (target.volume, path, part))
        expected = f"{part} of volume {target.volume if target else 'of init-rag-data'} at {path}"
        actual = f"{mount} at {mount.path}" if mount else "nothing"
        yield states(llama / "volumeMounts", passed, expected=expected, actual=actual)


rag_data_reaches_llama_stack.breaks(
    "lightspeed+sidecars", the_model_is_not_copied=reworded(HUB, f"{COPIES}.command[-1]", f" {RAG[MODEL]}", "")
)
rag_data_reaches_llama_stack.breaks(
    "all_on",
    it_is_copied_into_another_volume=put(HUB, f"{COPIES}.volumeMounts[rag-data].name", "llama-stack-state"),
    the_documentation_is_mounted_one_folder_up=put(
        HUB, f"{LLAMA_STACK}.volumeMounts[{DOCUMENTATION}].mountPath", "/app-root/vector_db"
    ),
    the_whole_volume_is_the_model=gone(HUB, f"{LLAMA_STACK}.volumeMounts[{MODEL}].subPath"),
)


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Mount a volume there that is not a ConfigMap or Secret, without readOnly.",
    spec=SPEC,
)
def sidecars_can_write_where_they_must(rendering: Rendering) -> Iterator[Check]:
    """Each sidecar has a writable volume wherever its program writes.

    OpenShift runs it as a user whom its image does not know, and who may not write into the image's folders. The
    sidecars of the model catalog write the cluster's certificate into the folder of the dynamic plugins.
    """
    config = stack_file(rendering)
    databases = [config.place(f"{block}.sqlite.db_path").text for block in ("database", "conversation_cache")]
    written = {
        **{name: [BRIDGE_FOLDER] for name in BRIDGE},
        "llama-stack": ["/app-root/.llama"],
        "lightspeed-core": [path for path in databases if path],
    }
    for name, paths in written.items():
        found = hub_container(rendering, name)
        for path in paths:
            actual = str(mount_at(found, path) or "the image")
            expected = f"a writable volume at {path}"
            yield states(found / "volumeMounts", is_writable(found, path), expected=expected, actual=actual)
    # llama-stack is configured with relative paths; its image starts it here.
    folder = hub_container(rendering, "llama-stack") / "workingDir"
    yield states(folder, folder.value in (ABSENT, "/app-root"), expected="/app-root")


sidecars_can_write_where_they_must.breaks(
    "all_on",
    the_certificate_cannot_be_written=put(HUB, f"{NORMALIZER}.volumeMounts[dynamic-plugins-root].readOnly", True),
    llama_stack_starts_in_another_folder=put(HUB, f"{LLAMA_STACK}.workingDir", "/tmp"),  # noqa: S108 - in a container
)
sidecars_can_write_where_they_must.breaks(
    "lightspeed+sidecars",
    llama_stack_has_no_place_for_its_state=gone(HUB, f"{LLAMA_STACK}.volumeMounts[/app-root/.llama]"),
    the_cache_lies_in_the_image=gone(HUB, f"{CORE}.volumeMounts[lightspeed-tmp]"),
)


def _copied(command: Any) -> tuple[list[str], str]:
    """Give the sources and the destination of the `cp` in a container's command."""
    words = str(command[-1]).split() if isinstance(command, list) and command else []
    paths = [word for word in words[1:] if not word.startswith("-")] if words[:1] == ["cp"] else []
    return paths[:-1], (paths or [""])[-1].rstrip("/")
