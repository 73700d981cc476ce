"""The containers of the Backstage pod: one without the sidecars, seven with them, each with its image."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.pods.image_references import image_reference
from chartgate.kubernetes.pods.workloads import containers, pod_spec, pod_template, workloads
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import compares, equals, states
from chartgate.policy.edits import append, gone, put
from chartgate.policy.policy import policy

from .sidecar_job import JOB, sidecar_job
from .spec.backstage import (
    BACKSTAGE,
    CONTAINERS,
    CORE,
    HARVESTER,
    HUB,
    INIT_CONTAINERS,
    LLAMA_STACK,
    LOCATION,
    RAG_DATA,
    SIDECARS,
    STORAGE_REST,
    after_hooks,
)
from .spec.switches import sidecars_off, sidecars_on

NAME_LABEL = "app.kubernetes.io/name"
LABEL = f"spec.template.metadata.labels[{NAME_LABEL}]"
OWN_INIT_CONTAINER = "install-dynamic-plugins"
IMAGES = {
    "containers[location].image": "sidecars.locationImage",
    "containers[storage-rest].image": "sidecars.storageRestImage",
    "containers[rhoai-normalizer].image": "sidecars.rhoaiNormalizerImage",
    "containers[lightspeed-core].image": "sidecars.lightspeedCoreImage",
    "containers[llama-stack].image": "sidecars.llamaStackImage",
    "containers[feedback-harvester].image": "sidecars.feedbackHarvesterImage",
    f"initContainers[{RAG_DATA}].image": "sidecars.ragContentImage",
}
# The version of the library in each tag of redhat-ai-dev/llama-stack, and the versions that each tag of
# lightspeed-stack accepts when it connects.
LLAMA_STACK_VERSIONS = {"0.1.0": "0.2.18", "0.1.1": "0.2.18", "0.1.2": "0.2.18", "0.1.3": "0.3.5"}
ACCEPTED_BY_CORE = {"dev-20251021-ee9f08f": ("0.2.17", "0.2.22")}


@policy(
    where=sidecars_off,
    severity="error",
    remediation="Guard the sidecar Job, and keep Lightspeed's containers out of the subchart's Deployment.",
    spec="Verify Lightspeed is Disabled (Default State)",
)
def one_container_when_not_injected(rendering: Rendering) -> Iterator[Check]:
    """Where no sidecars are injected, the Backstage pod has one container.

    A sidecar that nobody asked for costs memory, and one that fails takes Developer Hub out of service.
    """
    backstage = after_hooks(rendering)
    yield compares(backstage.place(CONTAINERS), _names(backstage), [BACKSTAGE])
    yield compares(backstage.place(INIT_CONTAINERS), _names(backstage, init=True), [OWN_INIT_CONTAINER])


one_container_when_not_injected.breaks(
    "off",
    a_sidecar_in_the_base_chart=append(HUB, CONTAINERS, {"name": "llama-stack", "image": "example.com/llama-stack:1"}),
)
one_container_when_not_injected.breaks(
    "lightspeed+postgres+catalog+reader",
    documentation_copied_for_nobody=append(HUB, INIT_CONTAINERS, {"name": RAG_DATA, "image": "example.com/rag:1"}),
)


@policy(
    severity="error",
    remediation="Give the label app.kubernetes.io/name=backstage to the pod of backstage-backend, and to no other.",
    spec="Verify Lightspeed is Enabled",
)
def backstage_label_finds_one_pod(rendering: Rendering) -> Iterator[Check]:
    """The label app.kubernetes.io/name=backstage is on the Backstage pod and on no other.

    The runbook takes the first pod that the label finds and reads its containers.
    """
    wanted = after_hooks(rendering).identity
    for workload in workloads(rendering.after_hooks):
        label = pod_template(workload) / "metadata" / "labels" / NAME_LABEL
        is_wanted = workload.identity == wanted
        expected = "backstage" if is_wanted else "anything but backstage"
        yield states(label, (label.value == "backstage") == is_wanted, expected=expected)


backstage_label_finds_one_pod.breaks(
    "off", the_database_has_the_label=put("StatefulSet backstage-postgresql", LABEL, "backstage")
)
backstage_label_finds_one_pod.breaks("all_on", the_pod_is_named_after_the_product=put(HUB, LABEL, "developer-hub"))


@policy(
    where=sidecars_on,
    severity="error",
    remediation="List backstage-backend first in the sidecar patch, then the six sidecars in the order of the spec.",
    spec="Verify Lightspeed is Enabled",
)
def seven_containers(rendering: Rendering) -> Iterator[Check]:
    """Once the sidecar Job has run, the Backstage pod has the seven containers of the spec in its order.

    Whatever else is off: the runbook compares the whole list, and `oc logs` shows the first one. A merge patch puts
    new containers before those that it does not name.
    """
    backstage = after_hooks(rendering)
    yield compares(backstage.place(CONTAINERS), _names(backstage), [BACKSTAGE, *SIDECARS])
    injected = sorted(set(_names(backstage, init=True)) - {OWN_INIT_CONTAINER})
    yield compares(backstage.place(INIT_CONTAINERS), injected, [RAG_DATA])


seven_containers.breaks("lightspeed+sidecars", a_sidecar_needs_a_feature_that_is_off=gone(HUB, HARVESTER))
seven_containers.breaks(
    "all_on",
    an_eighth_container=append(HUB, CONTAINERS, {"name": "debugger", "image": "example.com/debugger:1"}),
    another_init_container=append(HUB, INIT_CONTAINERS, {"name": "wait-for-llm", "image": "example.com/wait:1"}),
)


@seven_containers.counterexample("all_on")
def the_sidecars_come_first(rendering: Rendering) -> Rendering:
    listed = after_hooks(rendering).at(CONTAINERS)
    listed.append(listed.pop(0))
    return rendering


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Read the image from its key below `sidecars` in the values.",
    spec="values.yaml Structure",
)
def sidecar_images_from_values(rendering: Rendering) -> Iterator[Check]:
    """Each injected container, and the Job that injects them, runs the image of its own key in the values."""
    pod = pod_spec(after_hooks(rendering))
    for address, key in IMAGES.items():
        yield equals(pod.place(address), rendering.scenario.value(key))
    for container in containers(sidecar_job(rendering)):
        yield equals(container / "image", rendering.scenario.value("sidecars.image"))


sidecar_images_from_values.breaks(
    "all_on",
    the_documentation_image_is_fixed=put(
        HUB, f"{INIT_CONTAINERS}[{RAG_DATA}].image", "quay.io/redhat-ai-dev/rag-content:latest"
    ),
    the_job_brings_its_own_image=put(
        JOB, f"{CONTAINERS}[update].image", "registry.redhat.io/openshift4/ose-cli:latest"
    ),
)


@sidecar_images_from_values.counterexample("all_on")
def two_images_are_swapped(rendering: Rendering) -> Rendering:
    location, storage_rest = (after_hooks(rendering).at(address) for address in (LOCATION, STORAGE_REST))
    location["image"], storage_rest["image"] = storage_rest["image"], location["image"]
    return rendering


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Change sidecars.llamaStackImage and sidecars.lightspeedCoreImage together, to tags that fit each"
    " other, and write the versions of a new tag into this policy.",
    spec="values.yaml Structure",
)
def llama_stack_and_lightspeed_core_fit_together(rendering: Rendering) -> Iterator[Check]:
    """The llama-stack that is injected has a version that the injected lightspeed-core accepts.

    lightspeed-core asks for the version when it starts, and ends when it is another one.
    """
    pod = pod_spec(after_hooks(rendering))
    llama, core = pod.place("containers[llama-stack].image"), pod.place("containers[lightspeed-core].image")
    carried, accepting = (image_reference(image.value).tag for image in (llama, core))
    version, accepted = LLAMA_STACK_VERSIONS.get(carried), ACCEPTED_BY_CORE.get(accepting)
    for image, found, tags in ((llama, version, LLAMA_STACK_VERSIONS), (core, accepted, ACCEPTED_BY_CORE)):
        expected = f"a tag of which the version is known: {', '.join(tags)}"
        yield states(image, found is not None, expected=expected)
    if version and accepted:
        first, last = accepted
        yield states(
            llama,
            _numbers(first) <= _numbers(version) <= _numbers(last),
            expected=f"a tag that carries llama-stack {first} to {last}, as {accepting} accepts",
            actual=f"{carried}, which carries llama-stack {version}",
        )


llama_stack_and_lightspeed_core_fit_together.breaks(
    "all_on",
    only_llama_stack_is_bumped=put(HUB, f"{LLAMA_STACK}.image", "quay.io/redhat-ai-dev/llama-stack:0.1.3"),
    lightspeed_core_of_an_unknown_version=put(HUB, f"{CORE}.image", "quay.io/lightspeed-core/lightspeed-stack:latest"),
)


def _names(backstage: Resource, *, init: bool = False) -> list[str]:
    return [container.name for container in containers(backstage) if container.is_init == init]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
