"""At which ports a program is told to listen, by the words that it is started with and by its variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.documents.places import Place
from chartgate.documents.shapes import whole_number
from chartgate.kubernetes.pods.workloads import Container, words_of
from chartgate.kubernetes.programs.flags import flags
from chartgate.model import Resource

_LISTENS = re.compile(r"(?:\[[0-9a-f:]*+\]|localhost|[0-9.*]*+|\$[({][^\s:=/]*+):(\d{2,5}+)")
"""An address of its own: `:8080`, `0.0.0.0:8080`, `[::]:8080`; `api.shop.svc:8080` is that of another program."""
_BINDS = ("address", "addr", "listen", "bind")
_OWN = {
    "http",
    "https",
    "web",
    "listen",
    "bind",
    "metrics",
    "grpc",
    "health",
    "probe",
    "webhook",
    "admin",
    "container",
    "secure",
}
"""What is said of a port of one's own: `--http-port`; `--redis-port` is that of another program."""


class ToldPort(NamedTuple):
    """A port at which a program is told to listen."""

    place: Place[Resource]
    name: str
    """Of the flag or the variable that says so."""
    number: int


def told_ports(container: Container) -> Iterator[ToldPort]:
    """Give the ports at which a container's program is told to listen: `--listen=:80`, `--port 80`, `HTTP_PORT`.

    A flag or a variable of an address ends in address, listen or bind, or is `:80`, one of a port in port, behind words
    that are said of a port of one's own, or behind the name of the container or of its image.
    """
    words = [(place, word) for place in words_of(container) for word in place.text.split()]
    for flag in flags([word for _, word in words]):
        yield from _told(container, words[flag.place][0], flag.name.lstrip("-"), flag.value)
    for entry in (container / "env").maps():
        yield from _told(container, entry / "value", (entry / "name").text, (entry / "value").text)


def _told(container: Container, place: Place[Resource], name: str, value: str) -> Iterator[ToldPort]:
    *before, last = re.split(r"[._-]", name.lower())
    value = value.strip("\"'")
    address = _LISTENS.fullmatch(value) if last in _BINDS or (last in _OWN and value[:1] == ":") else None
    is_port = last == "port" and _OWN.issuperset(set(before) - _names_of(container))
    number = whole_number(address[1] if address else value if is_port else "")
    if number is not None:
        yield ToldPort(place, name, number)


def _names_of(container: Container) -> set[str]:
    """Give the words by which a container and its image are called, without the registry and the version."""
    *_, owner, image = ("", *str((container / "image").value).partition("@")[0].split("/"))
    return {
        container.name.lower(),
        *re.split(r"[._-]", owner.lower()),
        *re.split(r"[._-]", image.partition(":")[0].lower()),
    }
