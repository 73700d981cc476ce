"""YAML as Kubernetes reads it: no dates, no silent duplicates, and errors that say where."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from typing import Any, NamedTuple

import yaml

from chartgate.errors import InputError

_TAG = "tag:yaml.org,2002:"

# The scalars of go-yaml 2, by which helm and Kubernetes read: YAML 1.1 without base 60, and dates stay strings,
# as they do in JSON. Source: https://github.com/kubernetes-sigs/yaml/blob/v1.4.0/goyaml.v2/resolve.go
_TRUE = frozenset(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
_FALSE = frozenset(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
_INT = re.compile(r"[-+]?(?:0[bB][01_]+|0[oO][0-7_]+|0[xX][0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_SCALARS = (
    ("bool", "|".join(sorted(_TRUE | _FALSE)), "yYnNtTfFoO"),
    ("int", _INT.pattern, "-+0123456789"),
    ("float", f"{_FLOAT.pattern}|{_INFINITE.pattern}", "-+.0123456789"),
    ("null", "~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", "<<", "<"),
)


class BrokenYaml(InputError):
    """A text is not YAML, or not as Kubernetes reads it; `line` and `column` count from 1, and are 0 if unknown."""

    def __init__(self, where: str, error: yaml.YAMLError) -> None:
        mark = getattr(error, "problem_mark", None)
        self.problem = " ".join(str(getattr(error, "problem", None) or error).split())
        self.line: int = mark.line + 1 if mark else 0
        self.column: int = mark.column + 1 if mark else 0
        place = f"line {self.line}, column {self.column}: " if mark else ""
        super().__init__(f"{where}: {place}{self.problem}")


class RepeatedKey(NamedTuple):
    """A key that its map has already; line and column count from 1."""

    address: str
    key: str
    line: int
    column: int


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader with the scalars of helm's parser; a key that is there twice is refused, or written down."""

    def __init__(self, stream: str, repeats: list[RepeatedKey] | None = None) -> None:
        super().__init__(stream)
        self._repeats = repeats
        self._checked: set[yaml.Node] = set()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Check the keys before the first merge (`<<`) copies those of other maps beside them."""
        if node not in self._checked:
            self._checked.add(node)
            self._check_keys(node)
        super().flatten_mapping(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        return {_key(key): value for key, value in super().construct_mapping(node, deep).items()}

    def _check_keys(self, node: yaml.MappingNode) -> None:
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == f"{_TAG}merge":
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float) or key in (math.inf, -math.inf):
                raise yaml.constructor.ConstructorError(None, None, "a key must be text", key_node.start_mark)
            if _key(key) in seen and self._repeats is not None:
                mark = key_node.start_mark
                self._repeats.append(RepeatedKey("", _key(key), mark.line + 1, mark.column + 1))
            elif _key(key) in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is there twice", key_node.start_mark)
            seen.add(_key(key))


def _key(key: Hashable) -> str:
    """Write a key as JSON has it: as text."""
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(int(key)) if isinstance(key, float) and key.is_integer() else str(key)


def _bool(_: _Loader, node: yaml.ScalarNode) -> bool:
    if node.value not in _TRUE | _FALSE:
        raise yaml.constructor.ConstructorError(None, None, f"{node.value!r} is not a boolean", node.start_mark)
    return node.value in _TRUE


def _number(_: _Loader, node: yaml.ScalarNode) -> float:
    text = str(node.value)
    plain = text.replace("_", "")
    if _INT.fullmatch(text):
        sign, digits = plain.startswith("-"), plain.lstrip("+-").lower()
        base = {"0b": 2, "0o": 8, "0x": 16}.get(digits[:2], 8 if digits.startswith("0") else 10)
        value = int(digits, base) * (-1 if sign else 1)
        return value if -(2**63) <= value < 2**64 else float(value)
    if _FLOAT.fullmatch(text):
        return float(plain)
    if _INFINITE.fullmatch(text):
        return float(plain.replace(".", "", 1))
    raise yaml.constructor.ConstructorError(None, None, f"{text!r} is not a number", node.start_mark)


def _timestamp(_: _Loader, node: yaml.ScalarNode) -> str:
    return str(node.value)


_Loader.add_constructor(f"{_TAG}bool", _bool)
_Loader.add_constructor(f"{_TAG}int", _number)
_Loader.add_constructor(f"{_TAG}float", _number)
_Loader.add_constructor(f"{_TAG}timestamp", _timestamp)


class _Dumper(yaml.CSafeDumper):
    """Block style, text with line breaks as literal blocks, as a person wants to read it in a diff."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)

for _class in (_Loader, _Dumper):
    _class.yaml_implicit_resolvers = {}
    for _name, _pattern, _first in _SCALARS:
        _class.add_implicit_resolver(f"{_TAG}{_name}", re.compile(f"(?:{_pattern})$"), list(_first))


def load(text: str, where: str, repeats: list[RepeatedKey] | None = None) -> Any:
    """Read one YAML document; an empty one gives None.

    Args:
        text: the document.
        where: what an error calls it.
        repeats: where to write down keys that are there twice, of which the last one counts; refused without it.

    Raises:
        BrokenYaml: it is not YAML, a key is there twice, or it holds more than one document.
    """
    try:
        loader = _Loader(text, repeats)
        return loader.get_single_data()
    except yaml.YAMLError as error:
        raise BrokenYaml(where, error) from error


def load_all(text: str, where: str, repeats: list[RepeatedKey] | None = None) -> list[Any]:
    """Read every YAML document of a stream; `repeats` as for `load`.

    Raises:
        BrokenYaml: as for `load`.
    """
    try:
        loader, found = _Loader(text, repeats), []
        while loader.check_node():
            found.append(loader.construct_document(loader.get_node()))
        return found
    except yaml.YAMLError as error:
        raise BrokenYaml(where, error) from error


def dump(document: Any, *, sort_keys: bool = False) -> str:
    """Write one document as block-style YAML."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=sort_keys, width=10_000, allow_unicode=True)


def reads_as_another_type(text: str) -> bool:
    """Tell whether a text needs quotes to stay one: `1` and `true` do, `one` does not."""
    try:
        return isinstance(load(text, ""), bool | int | float | None)
    except InputError:
        return False
