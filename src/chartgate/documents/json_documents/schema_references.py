"""The references inside of a JSON schema, which lead nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.very_objects import once_for
from chartgate.documents.walking import nodes


def referenced(root: Mapping[str, Any], reference: Any) -> Any:
    """Give what a `$ref` in a schema leads to; ABSENT where it leads out of the file, or to nothing.

    It is a JSON pointer, or the name of a part of the file (`$anchor`, `$id`), perhaps with a pointer inside of that.

    Args:
        root: the whole file.
        reference: the value of `$ref`, or None where a schema has none.
    """
    if not isinstance(reference, str):
        return ABSENT
    name, _, fragment = reference.partition("#")
    if name or (fragment and not fragment.startswith("/")):
        named = _named_parts(root)
        whole = named.get(reference, ABSENT) if reference in named else named.get(name, ABSENT)
        inside = reference not in named and fragment
        return _pointed_at(whole, f"#{fragment}") if inside and whole is not ABSENT else whole
    return _pointed_at(root, reference)


@once_for(16)
def _named_parts(file: Mapping[str, Any]) -> dict[str, Any]:
    """Give the parts of a schema by the names by which references find them."""
    found: dict[str, Any] = {}
    for _, node in nodes(file):
        if isinstance(node, Mapping):
            for key in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(key), str):
                    found.setdefault(f"#{node[key]}", node)
            for key in ("$id", "id"):
                if isinstance(node.get(key), str):
                    found.setdefault(node[key].removesuffix("#"), node)
    return found


def _pointed_at(root: Any, pointer: str) -> Any:
    import referencing
    import referencing.exceptions

    file: referencing.Resource[Any] = referencing.Resource.opaque(root)
    registry: referencing.Registry[Any] = referencing.Registry().with_resource("", file)
    try:
        return registry.resolver().lookup(pointer).contents
    except (referencing.exceptions.Unresolvable, TypeError, ValueError):
        # The last two are what the library makes of a pointer that leads through a number or a text.
        return ABSENT
