"""The documents of what helm prints, each text read once however many renderings have it."""

from __future__ import annotations

from typing import Any

from chartgate.documents.recent_results import RecentOfTexts
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.yaml_decoder import RepeatedKey


def _read(text: str, template: str) -> tuple[tuple[Any, ...], tuple[RepeatedKey, ...]]:
    repeats: list[RepeatedKey] = []
    documents = go_yaml.load_all(text, template, repeats)
    return tuple(documents), tuple(repeats)


documents_of = RecentOfTexts(_read)
"""The documents of a text, and the keys that one of them has twice; asked for with the template, for the message.

Nobody changes these documents: whoever breaks a rendering breaks a deep copy. What is no YAML raises BrokenYaml.
"""
