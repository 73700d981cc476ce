"""Names that carry a version or a hash: what is the same about them from one version to the next."""

from __future__ import annotations

import re
from collections.abc import Collection

from chartgate.documents.words import with_word

_HASH = re.compile(r"(?<![0-9a-z])(?=[a-z]*+[0-9])(?=[0-9]*+[a-f])[0-9a-f]{6,64}+(?![0-9a-z])")
"""The beginning of a checksum: letters and digits."""


def without_versions(name: str, versions: Collection[str]) -> str:
    """Put a star for each version, as names have it, and for each hash."""
    for version in sorted(versions, key=len, reverse=True):
        for text in {version, version.replace(".", "-"), version.replace(".", ""), version.replace("+", "-")}:
            name = with_word(name, text.lower())
    return _HASH.sub("*", name)
