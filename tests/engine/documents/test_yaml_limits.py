"""What is too large, too deep or expands to too much ends in one line, before it costs time or memory."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import SchemaError

from chartgate.documents.json_documents.equality import canonical, same, unequal
from chartgate.documents.json_documents.json_schemas import validator
from chartgate.documents.json_documents.json_text import load_json
from chartgate.documents.limits import DEEPEST
from chartgate.documents.walking import nodes, replaced, strings
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.go_yaml import BrokenYaml
from chartgate.errors import InputError
from chartgate.system.toolchain import Tools
from tests.engine.helm_reads import as_helm_reads, helms


def _laughs(lines: int, width: int) -> str:
    below = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, lines)]
    return "\n".join(["a0: &a0 [x]", *below])


ALIASES = {
    "a billion laughs": _laughs(10, 10),
    "many of a large one": f"a: &a [{'x, ' * 400}]\nb: [{'*a, ' * 2000}]",
    "merged": f"a: &a {{{''.join(f'k{n}: x, ' for n in range(500))}}}\nb: {{<<: [{'*a, ' * 150}]}}",
    "as many as helm takes": f"a: &a [{'x, ' * 1000}]\nb: [{'*a, ' * 110}]",
    "a little more": f"a: &a [{'x, ' * 1000}]\nb: [{'*a, ' * 111}]",
    "few, in a large one": f"a: &a [{'x, ' * 50}]\nb: [{'*a, ' * 50}]\nc: [{'x, ' * 3000}]",
}


def test_aliases_are_limited_as_helm_does(tools: Tools, tmp_path: Path) -> None:
    refused = set()
    for name, document in ALIASES.items():
        try:
            go_yaml.load(document, "here")
        except BrokenYaml as error:
            assert "its aliases make too much of it: document contains excessive aliasing" in str(error)
            refused.add(name)
    assert refused == {"a billion laughs", "many of a large one", "merged", "a little more"}
    for helm in helms(tools):
        answers = dict(zip(ALIASES, as_helm_reads(list(ALIASES.values()), helm, tmp_path), strict=True))
        assert {name for name, answer in answers.items() if "excessive aliasing" in answer.refusal} == refused


TOO_LARGE = {
    "lists": ("[" * 200_000, "line 1, column 101: nested deeper than 100 levels"),
    "lists in blocks": ("- " * 200_000, "line 1, column 201: nested deeper than 100 levels"),
    "maps": ("{a: " * 200_000, "line 1, column 401: nested deeper than 100 levels"),
    "keys": ("? " * 200_000, "line 1, column 3: a key must be text"),
    "by aliases": (
        "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200))]),
        "line 100, column 12: nested deeper than 100 levels",
    ),
    "long texts by aliases": (
        f"a: &a {'x' * 2**20}\nb: [{'*a, ' * 70}]",
        "line 2, column 253: longer than 64 MiB",
    ),
    "half a character": ("a: \ud800", "the character at position 4 is half of one"),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_refused_in_one_line(name: str) -> None:
    text, refusal = TOO_LARGE[name]
    with pytest.raises(InputError) as error:
        go_yaml.load(text, "here")
    assert str(error.value) == f"here: {refusal}"


def test_a_text_that_is_too_long_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chartgate.documents.yaml_texts.yaml_decoder.LONGEST", 10)
    assert go_yaml.load("a: 4567890", "here") == {"a": 4567890}
    with pytest.raises(BrokenYaml, match=r"^here: longer than 64 MiB$"):
        go_yaml.load("a: [ 678901", "here")


DEEP_MAPS = '{"a": ' * DEEPEST + "1" + "}" * DEEPEST
DEEP_LISTS = "[" * DEEPEST + "]" * DEEPEST
DEEP_SCHEMA = {"properties": {"a": {"$ref": "#"}}, "items": {"$ref": "#"}, "not": {"type": "string"}}


@pytest.mark.parametrize("text", [DEEP_MAPS, DEEP_LISTS], ids=["maps", "lists"])
@pytest.mark.parametrize(
    "used",
    [
        lambda document: list(nodes(document)),
        lambda document: list(strings(document)),
        lambda document: replaced(document, str.upper, keys=True),
        lambda document: same(document, copy.deepcopy(document)),
        lambda document: list(unequal(document, [document])),
        lambda document: go_yaml.load(go_yaml.dump(document), "here"),
        lambda document: load_json(canonical(document), "here"),
        lambda document: list(validator(DEEP_SCHEMA).iter_errors(document)),
        lambda document: validator(DEEP_SCHEMA).check_schema(document),
    ],
    ids=["nodes", "strings", "replaced", "same", "unequal", "dump", "canonical", "validated", "as a schema"],
)
def test_nothing_is_too_deep_for_a_document_of_the_allowed_depth(text: str, used: Callable[[object], object]) -> None:
    """Where a call is in a hundred others already, which is more than pytest and the command line need together."""

    def below(calls: int) -> None:
        if calls:
            below(calls - 1)
        else:
            with contextlib.suppress(SchemaError):
                used(go_yaml.load(text, "here"))

    below(100)
