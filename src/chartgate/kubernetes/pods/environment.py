"""Where the variables of a container come from, by Kubernetes' own rules of precedence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chartgate.documents.addresses import lookup
from chartgate.documents.places import Place
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.contents import secret_text
from chartgate.kubernetes.pods.workloads import Container
from chartgate.model import Resource, Resources


@dataclass(frozen=True)
class Origin:
    """What gives a variable its value: a literal, or a key of a Secret or a ConfigMap, or a field of the pod."""

    kind: str
    name: str
    key: str

    def __str__(self) -> str:
        return f"a literal ({self.key})" if self.kind == "literal" else f"key {self.key} of {self.kind} {self.name}"


def from_secret(name: str, key: str) -> Origin:
    """Give the origin of a variable that is read from a Secret of the container's namespace."""
    return Origin("Secret", name, key)


def variables(container: Container, resources: Resources) -> dict[str, Origin]:
    """Give the origin of each variable; `env` comes before `envFrom`, and of two entries the later one counts.

    Source: the fields `env` and `envFrom` of Container in the API reference. A key that an `envFrom` takes from
    something that is not rendered is not there, whether or not that is optional.
    """
    return {**dict(_from_whole_objects(container, resources)), **dict(_one_by_one(container))}


def values(container: Container, resources: Resources) -> dict[str, str]:
    """Give the text of each variable that the rendering decides: literals, and keys of rendered Secrets."""
    namespace = container.resource.namespace
    content: dict[str, str] = {}
    for variable, origin in variables(container, resources).items():
        if origin.kind == "literal":
            content[variable] = origin.key
        for secret in resources.named("Secret", origin.name, namespace) if origin.kind == "Secret" else ():
            text = secret_text(secret)
            content.update({variable: text[origin.key]} if origin.key in text else {})
    return content


def variable_places(container: Container, resources: Resources) -> Iterator[tuple[str, Place[Resource]]]:
    """Give the variables of a container whose text is known, each with where that text is."""
    namespace = container.resource.namespace
    for variable in (container / "env").maps():
        name = str(variable.map.get("name", ""))
        key = lookup(variable.map, "valueFrom.configMapKeyRef")
        if isinstance(variable.map.get("value"), str):
            yield name, variable / "value"
        elif isinstance(key, dict):
            for found in resources.named("ConfigMap", str(key.get("name")), namespace):
                yield name, found / "data" / str(key.get("key"))
    for source in maps_in(container.at("envFrom")):
        name = lookup(source, "configMapRef.name")
        for found in resources.named("ConfigMap", name, namespace) if isinstance(name, str) else ():
            for key, place in (found / "data").entries():
                yield f"{source.get('prefix') or ''}{key}", place


def _from_whole_objects(container: Container, resources: Resources) -> Iterator[tuple[str, Origin]]:
    for source in maps_in(container.at("envFrom")):
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            name = lookup(source, f"{field}.name")
            for found in resources.named(kind, name, container.resource.namespace) if isinstance(name, str) else ():
                data = secret_text(found) if kind == "Secret" else found.at("data")
                keys = data if isinstance(data, dict) else {}
                yield from ((f"{source.get('prefix', '')}{key}", Origin(kind, found.name, key)) for key in keys)


def _one_by_one(container: Container) -> Iterator[tuple[str, Origin]]:
    for entry in maps_in(container.at("env")):
        yield str(entry.get("name", "")), _origin(entry)


def _origin(entry: dict[str, Any]) -> Origin:
    for field, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
        reference = lookup(entry, f"valueFrom.{field}")
        if isinstance(reference, dict):
            return Origin(kind, str(reference.get("name")), str(reference.get("key")))
    path = lookup(entry, "valueFrom.fieldRef.fieldPath")
    return Origin("field of", "the pod", str(path)) if path else Origin("literal", "", str(entry.get("value", "")))
