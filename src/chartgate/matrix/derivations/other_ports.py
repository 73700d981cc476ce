"""Scenarios in which every port of the values is another one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from chartgate.charts.chart_values.samples import Rules
from chartgate.documents.addresses import ABSENT, join, lookup, steps
from chartgate.documents.shapes import is_whole
from chartgate.documents.walking import leaves, nodes, scalars
from chartgate.matrix.derivations.derived import chart_of, with_values
from chartgate.matrix.derivations.switch_turns import bases_of
from chartgate.model import Scenario

_PORT = re.compile(r"(?<!node)port\Z", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\d.])\d{2,5}+(?![\d.])")
_NAME = re.compile(r"portName\Z", re.IGNORECASE)
_OF_A_SERVICE = re.compile(r"(?:http|https|web|api|grpc|metrics|http-metrics)\Z")
"""What `name` in the section of a Service is where it is that of its port."""
_ADDRESS = re.compile(r"(?:address|addr|listen)\Z", re.IGNORECASE)
_LISTENING = re.compile(r"((?:0\.0\.0\.0|\[::\])?+:)(\d{2,5}+)")
_INSIDE = re.compile(r"(?:target|container|internal|listen)_?port\Z", re.IGNORECASE)
_PROBES = ("probe", "probes", "httpget", "tcpsocket")
"""A port in there is one that the user asks at, and has to be right by itself."""
_FIRST = 21001
"""No chart has it, or one of those after it, as its own."""
_FIRST_OF_ADDRESSES = 31001
_FIRST_OF_TARGETS = 41001
_LARGEST = 65535


def with_other_ports(scenarios: Sequence[Scenario]) -> Iterator[tuple[Scenario, Scenario]]:
    """Pair scenarios with ones in which the ports of the values, their names too, are others: equal ones are so again.

    But a port that a Service offers is not one at which a container listens, though both have one number by default.
    One behind it that is empty by default, so that it is the same, is one of its own. The fullest one, and the same
    with every switch on. Left alone are ports of nodes, those that another text of the
    values has in it (`http://shop:8080`), and what a schema refuses.
    """
    for base in bases_of(scenarios):
        yield from _with_others(base)


def _with_others(base: Scenario) -> Iterator[tuple[Scenario, Scenario]]:
    ports = [(keys, value) for keys, value in nodes(base.values, lists=False) if _is_port(keys, value)]
    found = {join(*keys): (value, _is_of_a_service(keys)) for keys, value in ports}
    # Who changes a port changes it in a list of the values as well, of which nobody knows the items by name.
    listed = {str(value) for keys, value in nodes(base.values) if _is_port(keys, value) and any(map(str.isdigit, keys))}
    elsewhere = {number for text in scalars(base.values) if not text.isdecimal() for number in _NUMBER.findall(text)}
    new = {old: _FIRST + 7 * number for number, old in enumerate(sorted(set(found.values())))}
    rules = Rules(chart_of(base))
    changes: dict[str, Any] = {key: new[old] for key, old in found.items() if str(old[0]) not in elsewhere | listed}
    changes |= dict(_addresses(base, {value for _, value in ports})) | dict(_names(base)) | dict(_targets(base))
    is_judged = rules.accept(base.values)
    for other in set(changes.values()):
        these = {key: value for key, value in changes.items() if value == other}
        if these and is_judged and not rules.accept(with_values(base, "", these).values):
            changes = {key: value for key, value in changes.items() if key not in these}
    if changes:
        yield base, with_values(base, "ports", changes)


def _is_of_a_service(keys: Sequence[str]) -> bool:
    return any(str(key).lower() == "service" for key in keys[:-1]) and not _INSIDE.search(str(keys[-1]))


def _addresses(base: Scenario, ports: set[Any]) -> Iterator[tuple[str, str]]:
    """Give the texts that are the address at which a program listens, `:8081`, each with another port in it."""
    for number, (keys, value) in enumerate(nodes(base.values, lists=False)):
        listening = _LISTENING.fullmatch(value) if isinstance(value, str) else None
        if listening and _ADDRESS.search(str(keys[-1])) and int(listening[2]) not in ports:
            yield join(*keys), f"{listening[1]}{_FIRST_OF_ADDRESSES + number}"


def _targets(base: Scenario) -> Iterator[tuple[str, int]]:
    """Give the ports of containers that are empty, each with a number."""
    for number, (address, value) in enumerate(leaves(chart_of(base).own_values)):
        last = (steps(address) or [""])[-1]
        is_empty = value in (None, "") and lookup(base.values, address) in (ABSENT, None, "")
        if is_empty and _INSIDE.search(last):
            yield address, _FIRST_OF_TARGETS + number


def _names(base: Scenario) -> Iterator[tuple[str, str]]:
    """Give the keys that are the name of a port, each with another name, unless the values have it elsewhere too."""
    texts = list(scalars(base.values))
    for number, (keys, value) in enumerate(nodes(base.values, lists=False)):
        if isinstance(value, str) and value and texts.count(value) == 1:
            is_of_its_port = tuple(keys[-2:]) == ("service", "name") and _OF_A_SERVICE.match(value)
            if _NAME.search(str(keys[-1])) or is_of_its_port:
                yield join(*keys), f"another-{number}"


def _is_port(keys: Sequence[str], value: object) -> bool:
    is_number = is_whole(value) and 1 < value <= _LARGEST
    is_of_a_probe = any(key.lower().endswith(_PROBES) for key in keys)
    return bool(keys) and is_number and not is_of_a_probe and _PORT.search(str(keys[-1])) is not None
