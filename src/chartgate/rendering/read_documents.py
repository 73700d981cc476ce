"""The documents of what helm prints, each text read once however many renderings have it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from chartgate.documents.recent_results import RecentResults
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.yaml_decoder import RepeatedKey

RENDERINGS = 4
"""Of how many renderings that have nothing in common all is remembered: of other names, other namespaces, and so on."""
_LARGE = 10_000
"""Characters from which a document is a large one, a CRD say."""
LEAST = 4096
"""Texts whose documents are remembered in any case: rendering after rendering has the same ones."""
_LEAST_LARGE = 64


def make_room(texts: Collection[str]) -> None:
    """Remember at least what is in a few renderings that have such texts."""
    large = sum(len(text) >= _LARGE for text in texts)
    _large.make_room(RENDERINGS * large)
    _small.make_room(RENDERINGS * (len(texts) - large))


def documents_of(text: str, template: str) -> tuple[tuple[Any, ...], tuple[RepeatedKey, ...]]:
    """Give the documents of a text, and the keys that one of them has twice.

    Nobody changes these documents: whoever breaks a rendering breaks a deep copy.

    Raises:
        BrokenYaml: it is not YAML; the message names the template.
    """
    return (_large if len(text) >= _LARGE else _small)(text, template)


def _read(text: str, template: str) -> tuple[tuple[Any, ...], tuple[RepeatedKey, ...]]:
    repeats: list[RepeatedKey] = []
    documents = go_yaml.load_all(text, template, repeats)
    return tuple(documents), tuple(repeats)


_small = RecentResults(_read, LEAST)
_large = RecentResults(_read, _LEAST_LARGE)
