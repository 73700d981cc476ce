"""Image references, split into their parts, and what is wrong with them.

Sources: https://kubernetes.io/docs/concepts/containers/images/#image-names and the grammar in
https://github.com/distribution/reference/blob/v0.6.0/reference.go
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_TAG = re.compile(r"\w[\w.-]{0,127}")
_DIGEST = re.compile(r"[a-z0-9]+([+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}")
_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
_REGISTRY = re.compile(r"(?:[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)*+|\[[0-9a-fA-F:]++\])(?::[0-9]++)?")
_PART = re.compile(r"[a-z0-9]++(?:(?:\.|__?|-++)[a-z0-9]++)*+")
_LATEST = "latest"
INJECTED = "auto"
"""What Istio's injector replaces, with the ports of the container as well."""


@dataclass(frozen=True)
class ImageReference:
    """`registry.example.com:5000/shop/web:1.4.2@sha256:...` in parts; a part that is left out is empty."""

    repository: str
    """With the registry, whose port is not a tag."""
    tag: str
    digest: str

    @property
    def is_pinned(self) -> bool:
        """Whether it names a digest, or a tag other than the one that moves."""
        return bool(_DIGEST.fullmatch(self.digest) or (_TAG.fullmatch(self.tag) and self.tag != _LATEST))

    def filled_in(self) -> ImageReference:
        """Give it as a container runtime reads it: no name of Docker Hub, `latest` for no tag and no digest."""
        repository = self.repository.removeprefix("index.").removeprefix("docker.io/").removeprefix("library/")
        return ImageReference(repository, self.tag or ("" if self.digest else _LATEST), self.digest)


def image_reference(text: Any) -> ImageReference:
    """Split an image reference; all parts are empty if it is not text."""
    rest, _, digest = (text if isinstance(text, str) else "").partition("@")
    head, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    return ImageReference(f"{head}{slash}{name}", tag, digest)


def problem_of(text: str) -> str:
    """Say why no container runtime takes an image of this name (`InvalidImageName`); empty where each does."""
    image = image_reference(text)
    *above, last = image.repository.split("/")
    # A name before the first slash is that of a registry if it looks like one, by the same source.
    registry = above[0] if above and (any(mark in above[0] for mark in ".:") or above[0] != above[0].lower()) else ""
    parts = [*above[bool(registry) :], last]
    if not text:
        return "nothing"
    wrong = next((part for part in parts if not _PART.fullmatch(part)), None)
    if wrong is not None:
        return f"{wrong!r} as a part of its name" if wrong else "an empty part of its name"
    if registry and not _REGISTRY.fullmatch(registry):
        return f"{registry!r} as its registry"
    if ":" in text.partition("@")[0].rpartition("/")[2] and not _TAG.fullmatch(image.tag):
        return f"{image.tag!r} as its tag" if image.tag else "nothing behind the colon, as its tag"
    is_digest = _SHA256 if image.digest.startswith("sha256:") else _DIGEST
    if "@" in text and not is_digest.fullmatch(image.digest):
        return f"{image.digest!r} as its digest"
    return ""
