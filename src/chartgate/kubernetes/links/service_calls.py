"""Which hosts the containers of a workload call, by their variables and arguments, and which Services these are.

Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.documents.places import Place
from chartgate.kubernetes.pods.environment import variable_places
from chartgate.kubernetes.pods.workloads import containers_if_any
from chartgate.model import Resource, Resources

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9-]*+)"
_HOST = rf"(?P<host>{_NAME}(?:\.{_NAME})*+)(?![$<%{{*\[])"
"""A whole one: `web-{0...3}.web` and `web-$(ORDINAL)` are put together by a program, or by the cluster."""
_IN_URL = re.compile(rf"(?P<scheme>https?)?://(?:[^\s/@?#,]*+@)?+{_HOST}(?::(?P<port>[0-9]{{1,5}}|[$<%{{*\[]))?+")
_WITH_PORT = re.compile(rf"(?:-{{1,2}}[A-Za-z0-9._-]++=)?+{_HOST}:(?P<port>[0-9]{{1,5}})")
_IN_FILES = re.compile(rf"(?<![^\s\"',=\[(]){_HOST}:(?P<port>[0-9]{{3,5}})(?![^\s\"',;\])])")
"""As a word of its own; of fewer digits, it may as well be an image with its tag."""
_ALONE = re.compile(_HOST)
_HOST_FLAG = re.compile(r"--?(?P<of>[\w.-]*?)[-.]?(?:url|uri|host|address|addr|endpoint|server)=")
_PORT_FLAG = re.compile(r"--?(?P<of>[\w.-]*?)[-.]?port=(?P<port>[0-9]{1,5})")
"""`--api-url=http://api --api-port=4445`: the port is in a flag of its own."""
_WAITED = re.compile(
    rf"\b(?:nslookup\s++|nc\s++(?:-[a-z]++[0-9]*+\s++(?:[0-9]++\s++)?+)*+|(?:pg_isready|psql|mysql|mysqladmin(?:\s++ping)?+|redis-cli)\s++-h\s*+)"
    rf"{_HOST}(?:(?:\s++|:)(?:-[pP]\s*+)?+(?P<port>[0-9]{{1,5}})\b)?+"
)
"""What a script waits for: `until nc -z web 80`, `pg_isready -h db -p 5432`."""
_HOST_VARIABLES = ("HOSTNAME", "HOST", "ADDRESS", "ADDR", "SERVER")
_COMMENT = re.compile(r"^[ \t]*+(?:#|//|;).*", re.MULTILINE)
_UPSTREAM = re.compile(rf"\bupstream\s++({_NAME})\s*+\{{")
"""What nginx calls a group of servers, and takes for a host in `proxy_pass`."""
_NUMERIC = re.compile(r"[0-9.]++")
_PORTS = {"http": "80", "https": "443"}


class CalledHost(NamedTuple):
    """A host that a container calls, and where it says so."""

    place: Place[Resource]
    host: str
    port: str
    """Empty where it does not say."""
    caller: Resource
    says_port: Place[Resource]
    """Where the port is: in a variable of its own, or with the host."""

    def services(self) -> list[tuple[str, str]]:
        """Give the Services, by name and namespace, that the host may mean; the likeliest first."""
        parts, own = self.host.split("."), self.caller.namespace
        if "svc" in parts[2:]:
            name, namespace = parts[: parts.index("svc", 2)][-2:]
            return [(name, namespace)]
        if len(parts) == 1:
            return [(parts[0], own)]
        return [(parts[0], parts[1]), (parts[1], own)] if len(parts) == 2 else [(parts[-2], parts[-1])]

    def service(self, resources: Resources) -> Resource | None:
        """Give the Service of the release that is called, None for any other host."""
        found = (found for name, namespace in self.services() for found in resources.named("Service", name, namespace))
        return next(found, None)


def called_hosts(workload: Resource, resources: Resources) -> Iterator[CalledHost]:
    """Give the hosts in the variables and arguments of a workload's containers, those from ConfigMaps included.

    They stand in a URL, in front of the number of a port, alone in a variable that is called a host (`DB_HOST`), or
    where a script waits for them. An address of numbers is none, nor is what only the cluster puts together (`http://$(HOST)`).
    """
    for container in containers_if_any(workload):
        texts = [*variable_places(container, resources)]
        named = [(name.upper(), place) for name, place in texts]
        numbers = {name: place for name, place in named if name.endswith("PORT") and place.text.isdigit()}
        for name, place in named:
            sibling = next((name.removesuffix(end) + "PORT" for end in _HOST_VARIABLES if name.endswith(end)), "")
            for host, port in _hosts(place.text, is_host=bool(sibling)):
                beside = numbers.get(sibling)
                own_port = beside.text if beside and not port else port
                yield CalledHost(place, host, own_port, workload, place if port or not beside else beside)
        for field in ("command", "args"):
            given = [*(container / field).texts()]
            ports = {found["of"]: found["port"] for place in given if (found := _PORT_FLAG.fullmatch(place.text))}
            for place in given:
                flag = _HOST_FLAG.match(place.text)
                of_flag = ports.get(flag["of"], "") if flag else ""
                alone = _ALONE.fullmatch(place.text[flag.end() :]) if flag else None
                told = [*_hosts(place.text), *_waited(place.text)] or (_named(alone["host"], "") if alone else ())
                for host, port in told:
                    is_with_it = f"{host}:{port}" in place.text
                    yield CalledHost(place, host, port if is_with_it else of_flag or port, workload, place)


def hosts_in_files(resource: Resource) -> tuple[CalledHost, ...]:
    """Give the hosts in the keys of a ConfigMap or Secret, but for comments: what reads it calls them.

    They are in a URL, or in front of the number of a port.
    """
    return resource.made(_hosts_in_files)


def _hosts_in_files(resource: Resource) -> tuple[CalledHost, ...]:
    return tuple(_called_in_files(resource))


def _called_in_files(resource: Resource) -> Iterator[CalledHost]:
    for field in {"ConfigMap": ("data",), "Secret": ("stringData",)}.get(resource.kind, ()):
        for place in (value for _, value in (resource / field).entries() if isinstance(value.value, str)):
            text = _COMMENT.sub("", place.text)
            upstreams = set(_UPSTREAM.findall(text))
            words = (word for found in _IN_FILES.finditer(text) for word in _named(found["host"], found["port"]))
            called = (found for found in (*_of_urls(text), *words) if found[0] not in upstreams)
            yield from (CalledHost(place, *found, resource, place) for found in called)


def _of_urls(text: str) -> Iterator[tuple[str, str]]:
    for found in _IN_URL.finditer(text):
        port = found["port"] or _PORTS.get(found["scheme"] or "", "")
        yield from _named(found["host"], port if port.isdigit() else "")  # or `:$(PORT)`, which the cluster puts there


def _hosts(text: str, *, is_host: bool = False) -> Iterator[tuple[str, str]]:
    if _IN_URL.search(text):
        yield from _of_urls(text)
        return
    for part in text.split(","):
        if found_host := _WITH_PORT.fullmatch(part.strip()):
            yield from _named(found_host["host"], found_host["port"])
        elif is_host and (alone := _ALONE.fullmatch(part.strip())):
            yield from _named(alone["host"], "")


def _waited(script: str) -> Iterator[tuple[str, str]]:
    for found in _WAITED.finditer(_COMMENT.sub("", script)):
        yield from _named(found["host"], found["port"] or "")


def _named(host: str, port: str) -> Iterator[tuple[str, str]]:
    if not _NUMERIC.fullmatch(host) and host != "localhost" and not host.endswith("-"):  # `http://web-'"$NUMBER"`
        yield host, port
