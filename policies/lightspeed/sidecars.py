"""The containers of the Backstage pod: one without the sidecars, seven with them, each with its image."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.addresses import lookup
from chartgate.kubernetes.pods.workloads import containers, pod_template, workloads
from chartgate.model import Check, Rendering, Resource
from chartgate.policy.checks import compares, equals, states
from chartgate.policy.policy import policy

from .spec.backstage import BACKSTAGE, CONTAINERS, INIT_CONTAINERS, RAG_DATA, SIDECARS, after_hooks
from .spec.switches import sidecars_off, sidecars_on

NAME_LABEL = "app.kubernetes.io/name"
OWN_INIT_CONTAINER = "install-dynamic-plugins"
IMAGES = {
    f"{CONTAINERS}[location].image": "sidecars.locationImage",
    f"{CONTAINERS}[storage-rest].image": "sidecars.storageRestImage",
    f"{CONTAINERS}[rhoai-normalizer].image": "sidecars.rhoaiNormalizerImage",
    f"{CONTAINERS}[lightspeed-core].image": "sidecars.lightspeedCoreImage",
    f"{CONTAINERS}[llama-stack].image": "sidecars.llamaStackImage",
    f"{CONTAINERS}[feedback-harvester].image": "sidecars.feedbackHarvesterImage",
    f"{INIT_CONTAINERS}[{RAG_DATA}].image": "sidecars.ragContentImage",
}
# The version of the library in each tag of redhat-ai-dev/llama-stack, and the versions that each tag of
# lightspeed-stack accepts when it connects.
LLAMA_STACK = {"0.1.0": "0.2.18", "0.1.1": "0.2.18", "0.1.2": "0.2.18", "0.1.3": "0.3.5"}
LIGHTSPEED_CORE = {"dev-20251021-ee9f08f": ("0.2.17", "0.2.22")}


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
    yield compares(backstage, CONTAINERS, _names(backstage), [BACKSTAGE])
    yield compares(backstage, INIT_CONTAINERS, _names(backstage, init=True), [OWN_INIT_CONTAINER])


@one_container_when_not_injected.counterexample("off")
def a_sidecar_in_the_base_chart(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(CONTAINERS).append({"name": "llama-stack", "image": "example.com/llama-stack:1"})
    return rendering


@one_container_when_not_injected.counterexample("lightspeed+postgres+catalog+reader")
def documentation_copied_for_nobody(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(INIT_CONTAINERS).append({"name": RAG_DATA, "image": "example.com/rag:1"})
    return rendering


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
        above, template = pod_template(workload)
        label = lookup(template, f"metadata.labels[{NAME_LABEL}]")
        yield states(
            workload,
            f"{above}.metadata.labels[{NAME_LABEL}]",
            (label == "backstage") == (workload.identity == wanted),
            expected="backstage" if workload.identity == wanted else "anything but backstage",
            actual=label,
        )


@backstage_label_finds_one_pod.counterexample("off")
def the_database_has_the_label(rendering: Rendering) -> Rendering:
    database = rendering.after_hooks.one("StatefulSet", "backstage-postgresql")
    database.at("spec.template.metadata.labels")[NAME_LABEL] = "backstage"
    return rendering


@backstage_label_finds_one_pod.counterexample("all_on")
def the_pod_is_named_after_the_product(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at("spec.template.metadata.labels")[NAME_LABEL] = "developer-hub"
    return rendering


@policy(
    where=sidecars_on,
    severity="error",
    remediation="List backstage-backend first in the sidecar patch, then the six sidecars in the order of the spec.",
    spec="Verify Lightspeed is Enabled",
)
def seven_containers(rendering: Rendering) -> Iterator[Check]:
    """Once the sidecar Job has run, the Backstage pod has the seven containers of the spec in its order.

    Whatever else is off: the runbook compares the whole list, and `oc logs` shows the first one. A merge patch puts
    new containers in front of those that it does not name.
    """
    backstage = after_hooks(rendering)
    yield compares(backstage, CONTAINERS, _names(backstage), [BACKSTAGE, *SIDECARS])
    injected = sorted(set(_names(backstage, init=True)) - {OWN_INIT_CONTAINER})
    yield compares(backstage, INIT_CONTAINERS, injected, [RAG_DATA])


@seven_containers.counterexample("lightspeed+sidecars")
def a_sidecar_needs_a_feature_that_is_off(rendering: Rendering) -> Rendering:
    listed = after_hooks(rendering).at(CONTAINERS)
    listed[:] = [container for container in listed if container["name"] != "feedback-harvester"]
    return rendering


@seven_containers.counterexample("all_on")
def the_sidecars_come_first(rendering: Rendering) -> Rendering:
    listed = after_hooks(rendering).at(CONTAINERS)
    listed.append(listed.pop(0))
    return rendering


@seven_containers.counterexample("all_on")
def an_eighth_container(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(CONTAINERS).append({"name": "debugger", "image": "example.com/debugger:1"})
    return rendering


@seven_containers.counterexample("all_on")
def another_init_container(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(INIT_CONTAINERS).append({"name": "wait-for-llm", "image": "example.com/wait:1"})
    return rendering


@policy(
    where=sidecars_on,
    severity="error",
    remediation="Read the image from its key below `sidecars` in the values.",
    spec="values.yaml Structure",
)
def sidecar_images_from_values(rendering: Rendering) -> Iterator[Check]:
    """Each injected container, and the Job that injects them, runs the image of its own key in the values."""
    backstage = after_hooks(rendering)
    for address, key in IMAGES.items():
        yield equals(backstage, address, rendering.scenario.value(key))
    job = rendering.resources.one("Job", "update-deployment-containers", rendering.scenario.namespace)
    for container in containers(job):
        yield equals(job, f"{container.address}.image", rendering.scenario.value("sidecars.image"))


@sidecar_images_from_values.counterexample("all_on")
def two_images_are_swapped(rendering: Rendering) -> Rendering:
    listed = {container["name"]: container for container in after_hooks(rendering).at(CONTAINERS)}
    first, second = listed["location"], listed["storage-rest"]
    first["image"], second["image"] = second["image"], first["image"]
    return rendering


@sidecar_images_from_values.counterexample("all_on")
def the_documentation_image_is_fixed(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(f"{INIT_CONTAINERS}[{RAG_DATA}]")["image"] = "quay.io/redhat-ai-dev/rag-content:latest"
    return rendering


@sidecar_images_from_values.counterexample("all_on")
def the_job_brings_its_own_image(rendering: Rendering) -> Rendering:
    job = rendering.resources.one("Job", "update-deployment-containers")
    job.at(f"{CONTAINERS}[0]")["image"] = "registry.redhat.io/openshift4/ose-cli:latest"
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
    backstage = after_hooks(rendering)
    llama, core = (f"{CONTAINERS}[{name}].image" for name in ("llama-stack", "lightspeed-core"))
    version, accepted = LLAMA_STACK.get(_tag(backstage, llama)), LIGHTSPEED_CORE.get(_tag(backstage, core))
    for address, found, tags in ((llama, version, list(LLAMA_STACK)), (core, accepted, list(LIGHTSPEED_CORE))):
        expected = f"a tag of which the version is known: {', '.join(tags)}"
        yield states(backstage, address, found is not None, expected=expected, actual=backstage.at(address))
    if version and accepted:
        first, last = accepted
        yield states(
            backstage,
            llama,
            _numbers(first) <= _numbers(version) <= _numbers(last),
            expected=f"a tag that carries llama-stack {first} to {last}, as {_tag(backstage, core)} accepts",
            actual=f"{_tag(backstage, llama)}, which carries llama-stack {version}",
        )


@llama_stack_and_lightspeed_core_fit_together.counterexample("all_on")
def only_llama_stack_is_bumped(rendering: Rendering) -> Rendering:
    after_hooks(rendering).at(f"{CONTAINERS}[llama-stack]")["image"] = "quay.io/redhat-ai-dev/llama-stack:0.1.3"
    return rendering


@llama_stack_and_lightspeed_core_fit_together.counterexample("all_on")
def lightspeed_core_of_an_unknown_version(rendering: Rendering) -> Rendering:
    core = after_hooks(rendering).at(f"{CONTAINERS}[lightspeed-core]")
    core["image"] = "quay.io/lightspeed-core/lightspeed-stack:latest"
    return rendering


def _names(backstage: Resource, *, init: bool = False) -> list[str]:
    return [container.name for container in containers(backstage) if container.is_init == init]


def _tag(resource: Resource, address: str) -> str:
    """Give the tag of an image reference, whose registry may have a port."""
    return str(resource.at(address)).partition("@")[0].rpartition("/")[2].partition(":")[2]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
