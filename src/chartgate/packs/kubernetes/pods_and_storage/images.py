"""Images: what runs today runs tomorrow."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.documents.secret_texts.writings import PLACEHOLDER
from chartgate.kubernetes.pods.image_references import INJECTED, image_reference
from chartgate.kubernetes.pods.workloads import Container
from chartgate.model import Check
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import CONTAINER

from ..healthy.pod import HEALTHY, PREPARE, WEB


@policy(
    judges=CONTAINER,
    severity="warning",
    remediation="Name a digest, or at least a tag other than `latest`.",
)
def images_are_pinned(container: Container) -> Iterator[Check]:
    """Every image has a digest, or a tag that is not `latest`.

    Otherwise two pods of one Deployment may run different software, and nobody can roll back. What is replaced after
    helm (`<path:...>`), or by Istio's injector (`auto`), cannot be judged. Source:
    https://kubernetes.io/docs/concepts/containers/images/#image-names and
    https://istio.io/latest/docs/setup/additional-setup/gateway/
    """
    image = container / "image"
    if not PLACEHOLDER.search(image.text) and image.value != INJECTED:
        yield states(image, image_reference(image.value).is_pinned, expected="a digest, or a tag other than latest")


images_are_pinned.breaks(
    manifests=HEALTHY,
    a_tag_moves=put("Deployment web", f"{WEB}.image", "registry.example.com:5000/web:latest"),
    only_the_registrys_port_looks_like_a_tag=put(
        "Deployment web", f"{PREPARE}.image", "registry.example.com:5000/prepare"
    ),
)
