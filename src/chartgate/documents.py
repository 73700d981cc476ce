"""YAML as Kubernetes reads it: no dates, no silent duplicates, and errors that say where."""

from __future__ import annotations

from typing import Any

import yaml

from chartgate.errors import InputError

_FLOAT = "tag:yaml.org,2002:float"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader with the scalars of helm's parser, refusing a key that stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float | bool | None):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a scalar", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


# Dates stay strings, as they do in JSON and so in every manifest.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.CSafeDumper):
    """Block style, text with line breaks as literal blocks: what a person wants to read in a diff."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def load(text: str, where: str) -> Any:
    """Read one YAML document; an empty one gives None.

    Raises:
        InputError: it is no YAML, a key stands twice, or it holds more than one document.
    """
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise InputError(f"{where}: {_one_line(error)}") from error


def load_all(text: str, where: str) -> list[Any]:
    """Read every YAML document of a stream.

    Raises:
        InputError: as for `load`.
    """
    try:
        return list(yaml.load_all(text, _Loader))
    except yaml.YAMLError as error:
        raise InputError(f"{where}: {_one_line(error)}") from error


def dump(document: Any, *, sort_keys: bool = False) -> str:
    """Write one document as block-style YAML."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=sort_keys, width=10_000, allow_unicode=True)


def _one_line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}" if mark else str(problem)
