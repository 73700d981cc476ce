"""Places that mean something only together: a mount and its volume, a selector and the labels that it finds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import join, lookup, steps
from chartgate.documents.walking import scalars
from chartgate.kubernetes.pods.workloads import template_if_any
from chartgate.model import Resource

_OTHER_HALF = {"kind": "apiVersion", "name": "namespace"}
_IN_CONTAINER = re.compile(
    r"(?P<container>(?P<pod>(?:\w++\.)*)(?:containers|initContainers)\[[^\]]++\])\.(?P<rest>.++)"
)
_MOUNT = re.compile(r"volumeMounts\[[^\]]++\]")
_SCRIPT = re.compile(r"(?:command|args)\b")
_VARIABLE = re.compile(r"\$[{(]?([A-Za-z_]\w*+)")
_MOST_VARIABLES = 2
_OF_ALL = ("", "kind", "apiVersion", "metadata.name")
"""What another object has as well, whatever it is named for."""


def addresses_beside(path: str, resource: Resource) -> Iterator[str]:
    """Give the other half of a name, the volume of a mount, the variables that a script reads; as addresses.

    Args:
        path: the place's address.
        resource: that it is of.
    """
    before, _, last = path.rpartition(".")
    if last in _OTHER_HALF and before != "metadata":
        yield join(*steps(before), _OTHER_HALF[last])
    inside = _IN_CONTAINER.match(path)
    if inside and (mount := _MOUNT.match(inside["rest"])):
        name = lookup(resource.manifest, f"{inside['container']}.{mount[0]}.name")
        if isinstance(name, str):
            yield join(*inside["pod"].split(".")[:-1], "volumes", name)
    elif inside and _SCRIPT.match(inside["rest"]):
        texts = " ".join(scalars(lookup(resource.manifest, path)))
        for variable in list(dict.fromkeys(_VARIABLE.findall(texts)))[:_MOST_VARIABLES]:
            yield f"{inside['container']}.env[{variable}]"


def address_in_other(path: str, other: Resource, *, is_called_alike: bool) -> str:
    """Give what of an object that is named has to do with a place of another one; empty for all of it.

    Args:
        path: the place's address.
        other: that is named.
        is_called_alike: whether both have the same name, and so is what they have in common.
    """
    labels = template_if_any(other) / "metadata" / "labels"
    if path.startswith("spec.selector") and labels.is_there:
        return labels.address
    return "" if path in _OF_ALL and not (is_called_alike and path == "metadata.name") else path
