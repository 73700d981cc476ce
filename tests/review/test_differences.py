"""Where two documents differ: a table of small pairs, and what never counts as a difference."""

from __future__ import annotations

from typing import Any

import pytest

from chartgate.documents.addresses import ABSENT
from chartgate.documents.yaml_texts import go_yaml
from chartgate.kubernetes.changes.differences import differences

NOTHING: dict[str, Any] = {}


def _found(before: Any, after: Any, *, holds_yaml: bool = False) -> dict[str, tuple[Any, Any]]:
    found = differences(before, after, lambda _: holds_yaml)
    return {difference.address: (difference.before, difference.after) for difference in found}


def _of_text(before: str, after: str) -> dict[str, tuple[Any, Any]]:
    return _found(go_yaml.load(before, "before"), go_yaml.load(after, "after"))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{a: 1}", "{a: 2}", {"a": (1, 2)}),
        ("{a: 1}", "{}", {"a": (1, ABSENT)}),
        ("{a: null}", "{}", {"a": (None, ABSENT)}),
        ("{a: '1'}", "{a: 1}", {"a": ("1", 1)}),
        ("{a: true}", "{a: 1}", {"a": (True, 1)}),
        ("{a: {b: 1}}", "{a: [1]}", {"a": ({"b": 1}, [1])}),
        ("{a.b: {c/d: 1}}", "{a.b: {c/d: 2}}", {"[a.b][c/d]": (1, 2)}),
    ],
)
def test_a_value(before: str, after: str, expected: dict[str, tuple[Any, Any]]) -> None:
    assert _of_text(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("[serve, --a, --b]", "[serve, --b, --a]", {"": ("order: serve, --a, --b", "order: serve, --b, --a")}),
        ("[a, b]", "[b, c, a]", {"[1]": (ABSENT, "c"), "": ("order: a, b", "order: b, a")}),
        ("[a, a]", "[a]", {"[1]": ("a", ABSENT)}),
        ("[{q: 1}, {r: 2}]", "[{r: 2}, {q: 1}]", {"": ('order: {"q": 1}, {"r": 2}', 'order: {"r": 2}, {"q": 1}')}),
        ("[a, b, c]", "[a, x, c]", {"[1]": ("b", "x")}),
    ],
)
def test_what_only_moved_in_a_list_is_one_difference(
    before: str, after: str, expected: dict[str, tuple[Any, Any]]
) -> None:
    assert _of_text(f"args: {before}", f"args: {after}") == {f"args{place}": sides for place, sides in expected.items()}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{a: 1, b: 2}", "{b: 2, a: 1}"),
        ("{a: 1}", "{a: 1.0}"),
        ("{a: text}", "{a: 'text'}"),
        ("{a: [1, 2]}", "a:\n- 1\n- 2"),
        ("{env: [{name: a, value: x}, {name: b, value: y}]}", "{env: [{name: b, value: y}, {name: a, value: x}]}"),
        ("{ports: [{containerPort: 1}, {containerPort: 2}]}", "{ports: [{containerPort: 2}, {containerPort: 1}]}"),
        ("{verbs: [get, list]}", "{verbs: [list, get]}"),
        ("{accessModes: [a, b]}", "{accessModes: [b, a]}"),
        ("{tolerations: [{key: a}, {operator: Exists}]}", "{tolerations: [{operator: Exists}, {key: a}]}"),
    ],
)
def test_what_is_no_difference(before: str, after: str) -> None:
    assert _of_text(before, after) == NOTHING


@pytest.mark.parametrize(
    ("field", "before", "after", "address"),
    [
        ("containers", "{name: a, image: x}", "{name: a, image: y}", "containers[a].image"),
        ("ports", "{containerPort: 80, name: x}", "{containerPort: 80, name: y}", "ports[80].name"),
        ("ports", "{port: 80, name: x}", "{port: 80, name: y}", "ports[80].name"),
        ("volumeMounts", "{mountPath: /a, name: x}", "{mountPath: /a, name: y}", "volumeMounts[/a].name"),
        ("volumeDevices", "{devicePath: /a, name: x}", "{devicePath: /a, name: y}", "volumeDevices[/a].name"),
        ("volumeClaimTemplates", "{metadata: {name: a}, spec: x}", "{metadata: {name: a}, spec: y}",
         "volumeClaimTemplates[a].spec"),
        ("hostAliases", "{ip: 1.2.3.4, hostnames: x}", "{ip: 1.2.3.4, hostnames: y}", "hostAliases[1.2.3.4].hostnames"),
        ("topologySpreadConstraints", "{topologyKey: zone, maxSkew: 1}", "{topologyKey: zone, maxSkew: 2}",
         "topologySpreadConstraints[zone].maxSkew"),
        ("conditions", "{type: Ready, status: a}", "{type: Ready, status: b}", "conditions[Ready].status"),
        ("rules", "{host: a.b, http: 1}", "{host: a.b, http: 2}", "rules[a.b].http"),
        ("paths", "{path: /, backend: 1}", "{path: /, backend: 2}", "paths[/].backend"),
        ("anything", "{id: one, x: 1}", "{id: one, x: 2}", "anything[one].x"),
        ("anything", "{name: 'a]b', x: 1}", "{name: 'a]b', x: 2}", "anything[a\\]b].x"),
    ],
)  # fmt: skip
def test_items_match_by_the_key_of_their_list(field: str, before: str, after: str, address: str) -> None:
    """An item in front of it, on one side only, does not confuse them."""
    other = "{name: first, containerPort: 1, port: 1, mountPath: /1, devicePath: /1, ip: 1.1.1.1, topologyKey: one,"
    other += " type: One, host: one, path: /one, id: first, metadata: {name: first}}"
    found = _of_text(f"{{{field}: [{before}]}}", f"{{{field}: [{other}, {after}]}}")
    assert [place for place, (was, _) in found.items() if was is not ABSENT] == [address]
    assert len(found) == 2


def test_ports_of_one_number_are_told_apart_by_protocol() -> None:
    found = _of_text(
        "{ports: [{port: 53, protocol: TCP}, {port: 53, protocol: UDP}]}",
        "{ports: [{port: 53, protocol: TCP}, {port: 53, protocol: UDP, name: dns}]}",
    )
    assert found == {"ports[53/UDP].name": (ABSENT, "dns")}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("[a, b]", "[a, x, b]", {"args[1]": (ABSENT, "x")}),
        ("[a, b, c]", "[a, c]", {"args[1]": ("b", ABSENT)}),
        ("[a, b]", "[a, c]", {"args[1]": ("b", "c")}),
        ("[a, b]", "[b, a]", {"args": ("order: a, b", "order: b, a")}),
    ],
)
def test_lists_of_texts_keep_their_order(before: str, after: str, expected: dict[str, tuple[Any, Any]]) -> None:
    assert _of_text(f"{{args: {before}}}", f"{{args: {after}}}") == expected


def test_the_order_of_containers_is_told() -> None:
    """The first container is the one that `logs` and `exec` take, and init containers run one after the other."""
    found = _of_text(
        "{initContainers: [{name: a}, {name: b}, {name: c}]}", "{initContainers: [{name: b}, {name: a}, {name: c}]}"
    )
    assert found == {"initContainers": ("order: a, b, c", "order: b, a, c")}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a: 1\nb: 2\n", "# new\n{b: 2, a: 1}\n", {}),
        ("a: 1\n", "a: 2\n", {"text.a": (1, 2)}),
        ("a: 1\n---\nb: 2\n", "a: 1\n---\nb: 3\n", {"text[1].b": (2, 3)}),
        ("- name: x\n  v: 1\n", "- name: new\n  v: 1\n- name: x\n  v: 2\n",
         {"text[x].v": (1, 2), "text[new]": (ABSENT, {"name": "new", "v": 1})}),
        ("plain", "other", {"text": ("plain", "other")}),
        ("a: 1", "a: [", {"text": ("a: 1", "a: [")}),
        ("a: 1", "", {"text": ("a: 1", "")}),
        ("#!/bin/sh\necho a: b\n", "#!/bin/sh\necho a: c\n", {"text": ("#!/bin/sh\necho a: b\n",
                                                                      "#!/bin/sh\necho a: c\n")}),
    ],
)  # fmt: skip
def test_text_that_holds_yaml(before: str, after: str, expected: dict[str, tuple[Any, Any]]) -> None:
    assert _found({"text": before}, {"text": after}, holds_yaml=True) == expected


def test_json_is_read_wherever_it_is() -> None:
    assert _found({"arg": '{"a": 1, "b": [1]}'}, {"arg": '{ "b":[1],"a":1}'}) == NOTHING
    assert _found({"arg": '{"a": 1}'}, {"arg": '{"a": 2}'}) == {"arg.a": (1, 2)}


def test_other_text_is_compared_as_it_is() -> None:
    assert _found({"arg": "a: 1"}, {"arg": "{a: 1}"}) == {"arg": ("a: 1", "{a: 1}")}
    assert _found({"arg": "a: 1"}, {"arg": "a:  1"}) == {"arg": ("a: 1", "a:  1")}
