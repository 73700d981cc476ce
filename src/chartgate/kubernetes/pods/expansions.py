"""The variables that Kubernetes itself puts into texts: `$(NAME)`.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/third_party/forked/golang/expansion/expand.go
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from chartgate.documents.places import Place
from chartgate.documents.shapes import maps_in
from chartgate.kubernetes.contents import secret_text
from chartgate.kubernetes.pods.workloads import Container, words_of
from chartgate.model import Missing, Resource, Resources

# `$$` is a dollar, and what follows it is text.
_SYNTAX = re.compile(r"\$(?:\$|\((?P<name>[^()$\s]+)\))")
_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
# https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
_OF_SERVICES = re.compile(r"_SERVICE_(HOST|PORT)(_|$)|_PORT($|_[0-9]{1,5}_(TCP|UDP|SCTP)(_|$))")


class Expansion(NamedTuple):
    """A variable that a text of a container asks for, and those that it may ask for there."""

    place: Place[Resource]
    name: str
    there: tuple[str, ...]
    """The variables that are known at this place."""
    later: bool
    """Whether the container gets it, but only after this one: then the text stays as it is."""

    @property
    def is_found(self) -> bool:
        """Whether it is replaced."""
        return self.name in self.there


def expansions(container: Container, resources: Resources) -> Iterator[Expansion]:
    """Give the variables that the variables, the command, the arguments and the mounts of a container ask for.

    What looks like a command of a shell (`$(hostname)`), has a backslash in front, or may come from a Service or an
    object that is not rendered, is left out unless the container has a variable of that name.
    """
    given, is_known = names_from_whole_objects(container, resources)
    variables = list((container / "env").maps())
    names = [str(variable.at("name")) for variable in variables]
    for index, variable in enumerate(variables):
        before = (*given, *names[:index])
        for name in _asked((variable / "value").text):
            is_later = name in names[index:]
            if name in before or (is_known and (is_later or _is_meant(name))):
                yield Expansion(variable / "value", name, before, is_later)
    known = (*given, *names)
    for text in words_of(container):
        for name in _asked(text.text):
            is_text = f"\\$({name})" in text.text
            if name in known or (is_known and _is_meant(name) and not is_text):
                yield Expansion(text, name, known, False)
    for path in (mount / "subPathExpr" for mount in (container / "volumeMounts").maps()):
        yield from (Expansion(path, name, known, False) for name in _asked(path.text) if name in known or is_known)


def _asked(text: str) -> Iterator[str]:
    return (found["name"] for found in _SYNTAX.finditer(text) if found["name"])


def is_of_a_service(name: str) -> bool:
    """Tell whether a variable looks like one that Kubernetes sets for each Service of the namespace."""
    return _OF_SERVICES.search(name) is not None


def _is_meant(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not is_of_a_service(name)


def names_from_whole_objects(container: Container, resources: Resources) -> tuple[list[str], bool]:
    """Give the variables that come from whole ConfigMaps and Secrets, and whether these are all that come from any."""
    names: list[str] = []
    is_known = True
    for source in maps_in(container.at("envFrom")):
        found = [
            resource
            for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret"))
            for resource in resources.of_kind(kind)
            if isinstance(source.get(field), Mapping)
            and (resource.name, resource.namespace) == (source[field].get("name"), container.resource.namespace)
        ]
        is_known = is_known and bool(found)
        names += [f"{source.get('prefix') or ''}{key}" for resource in found for key in _keys(resource)]
    return names, is_known


def expanded(text: str, values: Mapping[str, str]) -> str:
    """Give a text as the program gets it; variables whose values are not known stay as they are."""

    def value(found: re.Match[str]) -> str:
        return "$" if found["name"] is None else values.get(found["name"], found[0])

    return _SYNTAX.sub(value, text)


def _keys(resource: Resource) -> list[str]:
    try:
        return list(secret_text(resource)) if resource.kind == "Secret" else list((resource / "data").map)
    except Missing:  # bytes, which are no variable
        return []
