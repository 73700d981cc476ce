"""Image references, split into their parts.

Source: https://kubernetes.io/docs/concepts/containers/images/#image-names
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_TAG = re.compile(r"\w[\w.-]{0,127}")
_DIGEST = re.compile(r"[a-z0-9]+([+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}")
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
