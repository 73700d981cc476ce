"""Images: what runs today runs tomorrow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.writings import PLACEHOLDER
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from .every_pod import HEALTHY, all_containers, prepare, web

_DIGEST = re.compile(r"@[a-z0-9]+([+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$")
_TAG = re.compile(r":(?P<tag>[\w][\w.-]{0,127})$")


def _is_pinned(image: Any) -> bool:
    """Tell whether an image names a digest, or a tag that is not the moving one; a port is no tag."""
    tag = _TAG.search(image.rpartition("/")[2]) if isinstance(image, str) else None
    return isinstance(image, str) and bool(_DIGEST.search(image) or (tag and tag["tag"] != "latest"))


@policy(severity="warning", remediation="Name a digest, or at least a tag other than `latest`.")
def images_are_pinned(rendering: Rendering) -> Iterator[Check]:
    """Every image has a digest, or a tag that is not `latest`.

    Otherwise two pods of one Deployment may run different software, and nobody can roll back. What is replaced after
    helm (`<path:...>`) cannot be judged. Source:
    https://kubernetes.io/docs/concepts/containers/images/#image-names
    """
    for container in all_containers(rendering):
        image = container.at("image")
        if isinstance(image, str) and PLACEHOLDER.search(image):
            continue
        expected = "a digest, or a tag other than latest"
        yield states(
            container.resource, f"{container.address}.image", _is_pinned(image), expected=expected, actual=image
        )


@images_are_pinned.counterexample(manifests=HEALTHY)
def a_tag_moves(rendering: Rendering) -> Rendering:
    web(rendering)["image"] = "registry.example.com:5000/web:latest"
    return rendering


@images_are_pinned.counterexample(manifests=HEALTHY)
def only_the_registrys_port_looks_like_a_tag(rendering: Rendering) -> Rendering:
    prepare(rendering)["image"] = "registry.example.com:5000/prepare"
    return rendering
