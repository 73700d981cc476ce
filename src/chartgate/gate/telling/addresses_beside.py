"""Places that mean something only together: a mount and its volume, a selector and the labels that it finds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.shapes import maps_in
from chartgate.documents.walking import scalars
from chartgate.documents.words import near
from chartgate.kubernetes.pods.workloads import containers_if_any, template_if_any
from chartgate.model import Resource

_OTHER_HALF = {"kind": "apiVersion", "name": "namespace"}
_IN_CONTAINER = re.compile(
    r"(?P<container>(?P<pod>(?:\w++\.)*)(?:containers|initContainers)\[[^\]]++\])\.(?P<rest>.++)"
)
_MOUNT = re.compile(r"volumeMounts\[[^\]]++\]")
_SCRIPT = re.compile(r"(?:command|args)\b")
_VARIABLE = re.compile(r"\$[{(]?([A-Za-z_]\w*+)")
_KEY_OF = re.compile(r"which is ([\w.-]++) of (\w++) ([\w.-]++)")
_HAS = re.compile(r"(?<!\w)(?P<kind>[A-Z]\w{0,62}) (?P<name>[\w.-]{1,253}) has .{0,999}\bnot (?P<missing>[\w.-]++)\Z")
"""With which one ends that is about a key of a ConfigMap or a Secret which has others."""
_PORT = re.compile(r"\bports?\b|Service [\w.-]++ has ")
"""With which the words of a finding are about the ports of a Service."""
_SELECTED = re.compile(r" -l ([\w./-]++)=")
"""In a command that is typed."""
_MOST_VARIABLES = 2
_OF_ALL = ("", "kind", "apiVersion", "metadata.name")
"""What another object has as well, whatever it is named for."""


def addresses_beside(path: str, resource: Resource, said: str) -> Iterator[str]:
    """Give the other half of a name, the volume of a mount, the variables that a script reads, a label; as addresses.

    Of pods that stay the same when what they read changes, the annotations: a checksum may be of something else.

    Args:
        path: the place's address.
        resource: that it is of.
        said: the words of the finding.
    """
    annotations = template_if_any(resource) / "metadata" / "annotations"
    if "the same pod template" in said and annotations.is_there:
        yield annotations.address
    if path.startswith("$ ") and (selected := _SELECTED.search(path)):
        fields = (template_if_any(resource) / "metadata" / "labels", resource.place("metadata.labels"))
        yield from ((field / selected[1]).address for field in fields if (field / selected[1]).is_there)
    before, _, last = path.rpartition(".")
    if before == "data" and said.startswith("base64 "):
        yield before  # or it is meant as it is, below `stringData`
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


def address_in_other(path: str, other: Resource, said: str, *, is_called_alike: bool) -> str:
    """Give what of an object that is named has to do with a place of another one; empty for all of it.

    Args:
        path: the place's address.
        other: that is named.
        said: the words of the finding, which may name a key or a port of it: `which is TOKEN of Secret web`.
        is_called_alike: whether both have the same name, and so is what they have in common.
    """
    if (key := _KEY_OF.search(said)) and (key[2], key[3]) == (other.kind, other.name):
        addresses = [join(field, key[1]) for field in ("stringData", "data")]
        ports = [port for container in containers_if_any(other) for port in container / "ports"]
        numbers = [port / "containerPort" for port in ports]
        addresses += [number.address for number in numbers if str(number.value) == key[1]]
        return next((one for one in addresses if lookup(other.manifest, one) is not ABSENT), path)
    if (keys := _HAS.search(said)) and (keys["kind"], keys["name"]) == (other.kind, other.name):
        known = {
            key: join(field, key)
            for field in ("stringData", "data")
            for fields in maps_in([other.at(field)])
            for key in fields
        }
        return next((known[key] for key in near(keys["missing"], list(known), 1)), path)
    if other.kind == "Service" and _PORT.search(said) and lookup(other.manifest, path) is ABSENT:
        return "spec.ports"
    labels = template_if_any(other) / "metadata" / "labels"
    if path.startswith("spec.selector") and labels.is_there:
        return labels.address
    return "" if path in _OF_ALL and not (is_called_alike and path == "metadata.name") else path
