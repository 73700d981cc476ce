"""Which lines of a written document an address means."""

from __future__ import annotations

import pytest

from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.yaml_lines import MarkedLines, marked_lines

DOCUMENT = {
    "spec": {
        "a": {"b": 1, "text": "x\ny\n"},
        "containers": [{"name": "web", "port": 1}, {"name": "side car", "env": {"é": [1, 2]}}],
    },
    "data": {"long": "one\ntwo\n\n\n", "empty": {}},
    "last": 1,
}
TEXT = go_yaml.dump(DOCUMENT)


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ("spec.a", ["  a:", "    b: 1", "    text: |", "      x", "      y"]),
        ("spec.a.text", ["    text: |", "      x", "      y"]),
        ("spec.containers[web]", ["  - name: web", "    port: 1"]),
        ("spec.containers[0].port", ["    port: 1"]),
        ("spec.containers[side car].env", ["    env:", "      é:", "      - 1", "      - 2"]),
        ("data.long", ["  long: |+", "    one", "    two"]),
        ("data.empty", ["  empty: {}"]),
        ("last", ["last: 1"]),
    ],
)
def test_what_is_there(address: str, lines: list[str]) -> None:
    found = marked_lines(TEXT, DOCUMENT, address)
    assert found is not None
    assert TEXT.split("\n")[found.first - 1 : found.last] == lines
    assert not found.is_around


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("spec.containers[web].image", "  - name: web"),
        ("spec.a.b.c", "    b: 1"),
        ("spec.nowhere.at.all", "spec:"),
        ("data.long.key", "  long: |+"),
        ("spec.containers[7]", "  containers:"),
    ],
)
def test_what_is_not_there_is_inside_of_a_line(address: str, line: str) -> None:
    found = marked_lines(TEXT, DOCUMENT, address)
    assert found is not None
    assert found == MarkedLines(found.first, found.first, is_around=True)
    assert TEXT.split("\n")[found.first - 1] == line


@pytest.mark.parametrize("address", ["", "nowhere", "the value of data", "a["])
def test_what_is_no_place_has_no_line(address: str) -> None:
    assert marked_lines(TEXT, DOCUMENT, address) is None


def test_odd_documents_have_no_line() -> None:
    assert marked_lines("a: [", {"a": []}, "a") is None
    assert marked_lines("", None, "a") is None
