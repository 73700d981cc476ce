"""YAML is read as helm and Kubernetes read it: each row of these tables is asked of both helms again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chartgate.documents.json_documents.equality import same
from chartgate.documents.yaml_texts import go_yaml
from chartgate.documents.yaml_texts.go_yaml import BrokenYaml
from chartgate.documents.yaml_texts.yaml_decoder import RepeatedKey
from chartgate.system.toolchain import Tools
from tests.engine.helm_reads import SCALAR, as_doubles, as_helm_reads, helms, values_as_helm_reads
from tests.engine.toys import write

TEXT = "it stays a text"

_TEXTS = """
tRue yEs oN nUll NO! e1 1e + +- _1 . = << inf NaN .Nan .iNf -.nan 1:30 12:30:45 -1:30 190:20:30.15 1_e ._5 .5_ 1.5.2
2024-01-01 2024-01-01T00:00:00Z 0x 0b 0o 0x_ 0o8 0b2 0x1p-2 1e400 7e10483 0b--1 -0b-1 +0b-1 0b1.5 1e5e \u0661
-0x8000000000000001
"""

SCALARS: dict[str, Any] = (
    dict.fromkeys([*_TEXTS.split(), "0x" + "de" * 20, "0b" + "1" * 65, "1" * 5000, "1" * 400 + "e5"], TEXT)
    | dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True)
    | dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False)
    | dict.fromkeys(["~", "null", "Null", "NULL", ""], None)
    | {"0": 0, "-0": 0, "00": 0, "+12": 12, "-7": -7, "014": 12, "0o14": 12, "0O14": 12, "-014": -12, "0x1F": 31}
    | {"0X1f": 31, "0b11": 3, "0B11": 3, "-0b11": -3, "0b-1": -1, "0b+11": 3, "1_000": 1000, "1__0": 10, "0x_1F": 31}
    | {"+_1": 1, "0_8": 8, "08": 8, "09.5": 9.5, "1_0.5": 10.5, "1_000.5": 1000.5, "0" * 5000 + "7": 7}
    | {".5": 0.5, "5.": 5, "+.5": 0.5, "-.5": -0.5, ".5_0": 0.5, ".5e1_0": 5 * 10**9, "1e3": 1000, "1.e3": 1000}
    | {"1.5e-3": 0.0015, "1e-400": 0, "1.0": 1, "-1.5": -1.5, "1e21": 1e21, "1e18": 10**18, "1e19": 1e19, "1E+3": 1000}
    | dict.fromkeys(["-0.0", "-.0", "-0.", "-0e0", "-0_0.0", "-1e-400", "!!float -0.0"], -0.0)
    | dict.fromkeys(["-0x0", "-0b0", "-00", "-0_0", "+0.0", "!!float -0", "!!int -0"], 0)
    | {"9223372036854775807": 2**63 - 1, "18446744073709551615": 2**64 - 1, "18446744073709551616": 2.0**64}
    | {"-9223372036854775808": -(2**63), "-9223372036854775809": -(2**63), "+18446744073709551615": 2.0**64}
    | {"0xffffffffffffffff": 2**64 - 1, "123456789012345678901234567890": 123456789012345678901234567890.0}
    # A tag decides, and quotes do not.
    | {"!!str 5": "5", "!!str ~": "~", "!!int '3'": 3, "!!int 0x10": 16, "!!float 3": 3, "!!float '1.5'": 1.5}
    | {"!!bool 'yes'": True, "!!bool n": False, "!!null ''": None, "!!null ~": None, "! 5": "5", "! ~": "~"}
    | {"!!timestamp 2024-1-2": "2024-1-2", "!!timestamp 2024-01-02 3:4:5": "2024-01-02 3:4:5", "!!foo 5": "5"}
    | {"!!binary aGk=": "hi", "!!binary /w==": "\ufffd", '!!binary "aG\\nk="': "hi", "!!binary ''": "", "!x 5": "5"}
    | {"!<tag:yaml.org,2002:int> 7": 7, "!!str": "", "&x 5": 5, "&x ! 5": "5", "'5'": "5", '"\\u00e9\\x00"': "é\0"}
    | {"!!merge x": "x"}
)

REFUSED_SCALARS = """
.inf | -.Inf | +.INF | .nan | .NAN | - | !!int b | !!int 1.5 | !!int 2024-01-01 | !!int '' | !!float x | !!float 1e400
!!float 18446744073709551615 | !!bool 1 | !!bool b | !!null x | !!timestamp x | !!timestamp 2024-02-30 | !!timestamp ''
!!binary a | !!binary "é" | *nowhere | @a | `a | %a | "\\ud800" | "\\q" | !e!x 5
"""

DOCUMENTS: dict[str, Any] = {
    "{8080: a, 1.5: b, on: c, n: d, 0x10: e, 2024-01-01: f, 1.0: g}": dict(
        zip(["8080", "1.5", "true", "false", "16", "2024-01-01", "1"], "abcdefg", strict=True)
    ),
    "{-.inf: b, .nan: c, 1e300: d}": {"-.inf": "b", ".nan": "c", ".inf": "d"},
    "{1e3: a, 1e6: b, 1234567.0: c, 0.1234567890123: d, 1e21: e, 0.00001: f, -1.5: g, -0: h}": dict(
        zip(["1000", "1e+06", "1.234567e+06", "0.12345679", "1e+21", "1e-05", "-1.5", "0"], "abcdefgh", strict=True)
    ),
    "!!set {b, c}": {"b": None, "c": None},
    "!!omap [a: 1, b: 2]": [{"a": 1}, {"b": 2}],
    "!!pairs [a: 1, a: 2]": [{"a": 1}, {"a": 2}],
    "!!null {a: 1}": {"a": 1},
    "!anything [1]": [1],
    "a: &x {b: 1}\nc: *x": {"a": {"b": 1}, "c": {"b": 1}},
    "&x a: 1\nb: *x": {"a": 1, "b": "a"},
    "? &x 1.50\n: b\nc: *x\nd: {*x : 1}": {"1.5": "b", "c": 1.5, "d": {"1.5": 1}},
    "a: &x 1\nb: &x 2\nc: *x": {"a": 1, "b": 2, "c": 2},
    "&x [&x 1, *x]": [1, 1],
    # What is merged lies over what is above it, and under what is below it.
    "a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}": {"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}},
    "a: &x {b: 1, c: 2}\nd: {b: 3, <<: *x}": {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 2}},
    "{<<: [{a: 1}, {a: 2, b: 2}], c: 3}": {"a": 1, "b": 2, "c": 3},
    "{<<: {<<: {a: 1}, b: 2}, b: 3}": {"a": 1, "b": 3},
    "d: {e: {f: &x {<<: {b: 1}, b: 2}}}\ng: {<<: *x}": {"d": {"e": {"f": {"b": 2}}}, "g": {"b": 2}},
    "{<<: {a: 1}, <<: {b: 2}}": {"a": 1, "b": 2},
    "{!!merge x: 1, '<<': 2, !!str <<: 3}": {"x": 1, "<<": 3},
    "[<<, &m <<, {<<: []}]": ["<<", "<<", {}],
    "{a: 1, b: 2, a: 3}": {"a": 3, "b": 2},
    "{<<: {a: 1}, a: 2}": {"a": 2},
    "": None,
    "# nothing but a comment\n": None,
    "---\n...\n": None,
    "---\n---\na: 1": None,
    "a: 1\n---\nb: ]": {"a": 1},
    "a: 1\n...\nb: 2": {"a": 1},
    "a: 1\n--- # c\nb: 2": {"a": 1},
    "%YAML 1.1\n---\na: 1": {"a": 1},
    "%TAG !e! tag:yaml.org,2002:\n---\na: !e!int '5'": {"a": 5},
    "\ufeffa: ! 1\n": {"a": "1"},
    "a: \ufeffb": {"a": "\ufeffb"},
    "a: 1\r\nb: |\r\n  x\r\n  y\r\n": {"a": 1, "b": "x\ny\n"},
    "a: 1\rb: 2": {"a": 1, "b": 2},
    "a: 1\x85b: |\x85 x\u2028 y\n": {"a": 1, "b": "x\u2028y\n"},
    "a: b\tc\nd:\te": {"a": "b\tc", "d": "e"},
    "a: 'x\n\n  y'": {"a": "x\ny"},
    "a: >-\n  x\n  y\n\n  z": {"a": "x y\nz"},
    "a: 😀": {"a": "😀"},
}


REFUSED_DOCUMENTS = {
    "? [a]\n: b": "here: line 1, column 3: a key must be text",
    "{{a: 1}: b}": "here: line 1, column 2: a key must be text",
    "a: &x [1]\n*x : 2": "here: line 2, column 1: a key must be text",
    "null: b": "here: line 1, column 1: a key must be text",
    "18446744073709551615: b": "here: line 1, column 1: a key must be text",
    "a: [1,": "here: line 2, column 1: did not find expected node content",
    "a:\n  b: 1\n    # c\n    d: 2": "here: line 4, column 5: did not find expected key"
    " (or line 2, which has another depth)",
    "a:\n    b: 1\n  c: 2": "here: line 3, column 3: did not find expected key (or line 2, which has another depth)",
    "a:\n  b:\n  c:\n      d: 1\n    e: 2": "here: line 5, column 5: did not find expected key"
    " (or line 3, which has another depth)",
    "a:\n    b: 1\n  c: 2\n  d: 3": "here: line 2 has another depth than those beside it"
    " (line 3, column 3: did not find expected key)",
    "a:\n  b: 1\n    c: 2\n  d:\n    e: 3": "here: line 3, column 6: mapping values are not allowed in this context",
    "a:\n  b: 1\n  c: 2\n    d: 3\n    e: 4": "here: line 4, column 6: mapping values are not allowed in this context"
    " (or line 3, which has another depth)",
    '{"a": "b\\/c"}': "here: line 1, column 7: found unknown escape character",
    "a: *nowhere": "here: line 1, column 4: an alias of an anchor that is not there",
    "a: &x [*x]": "here: line 1, column 8: the value of an anchor contains itself",
    "&x {a: {b: *x}}": "here: line 1, column 12: the value of an anchor contains itself",
    "a: &x {<<: *x}": "here: line 1, column 12: the value of an anchor contains itself",
    "{<<: 5}": "here: line 1, column 6: map merge requires map or sequence of maps as the value",
    "{<<: [{}, 5]}": "here: line 1, column 12: map merge requires map or sequence of maps as the value",
    "a: &x [{}]\nb: {<<: *x}": "here: line 2, column 9: map merge requires map or sequence of maps as the value",
    "a: !!int b": "here: line 1, column 4: what is here is not what its tag !!int says",
    "a: !!binary a": "here: line 1, column 4: a !!binary value is not base64",
    "a: .inf": "here: line 1, column 4: not a number or infinite, which JSON cannot hold",
    "a:\n\t- b": "here: line 2, column 1: found character that cannot start any token",
    "%YAML 2.0\n---\na": "here: line 1, column 1: found incompatible YAML document",
    "é: \x00": "here: line 1, column 4: unacceptable character #x0000: control characters are not allowed",
    "a: \x07": "here: line 1, column 4: unacceptable character #x0007: control characters are not allowed",
    "a: \ufffe": "here: line 1, column 4: unacceptable character #xfffe: control characters are not allowed",
}


def _value_of(scalar: str) -> Any:
    return scalar if SCALARS[scalar] is TEXT else SCALARS[scalar]


def _refused_scalars() -> list[str]:
    return [scalar.strip() for scalar in REFUSED_SCALARS.replace("\n", "|").split("|") if scalar.strip()]


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda scalar: repr(scalar[:30] + scalar[30:][-4:]))
def test_scalars(scalar: str) -> None:
    found = go_yaml.load(f"a: {scalar}", "here")["a"]
    assert same(found, _value_of(scalar)) and as_doubles(found) == as_doubles(_value_of(scalar)), found


@pytest.mark.parametrize("scalar", _refused_scalars())
def test_refused_scalars(scalar: str) -> None:
    with pytest.raises(BrokenYaml, match=r"^here: line 1, column \d+: "):
        go_yaml.load(f"a: {scalar}", "here")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents(document: str) -> None:
    assert same(go_yaml.load(document, "here", []), DOCUMENTS[document])


@pytest.mark.parametrize("document", REFUSED_DOCUMENTS)
def test_broken_yaml_says_where(document: str) -> None:
    with pytest.raises(BrokenYaml) as error:
        go_yaml.load(document, "here", [])
    assert str(error.value) == REFUSED_DOCUMENTS[document]


def test_both_helms_read_the_tables_like_this(tools: Tools, tmp_path: Path) -> None:
    truths = {f"a: {scalar}": {"a": _value_of(scalar)} for scalar in SCALARS}
    # To `fromYaml`, an empty document is an empty map.
    truths |= {document: {} if truth is None else truth for document, truth in DOCUMENTS.items()}
    refused = [*(f"a: {scalar}" for scalar in _refused_scalars()), *REFUSED_DOCUMENTS]
    for helm in helms(tools):
        answers = dict(zip([*truths, *refused], as_helm_reads([*truths, *refused], helm, tmp_path), strict=True))
        for document, truth in truths.items():
            assert answers[document].refusal == "", document
            assert as_doubles(answers[document].value) == as_doubles(truth), document
        assert [document for document in refused if not answers[document].refusal] == []


def test_kubectl_sends_numbers_like_this(tools: Tools, tmp_path: Path) -> None:
    """Other than helm's values, which are floats, a whole number is whole: `1.0` is 1, and 2^53 + 1 is not rounded."""
    numbers = (
        "{a: 9007199254740993, b: 1.0, c: 1e3, d: 1e21, e: 9223372036854775807, f: 0.1, g: -0.0, h: 7e10483, a: 1.50}"
    )
    head = "apiVersion: example.com/v1\nkind: Odd\nmetadata: {name: odd}\nspec: "
    manifest = write(tmp_path, {"odd.yaml": head + numbers}) / "odd.yaml"
    command = [str(tools.kubectl), "annotate", "--local", f"--filename={manifest}", "--output=json", "a=b"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=100)
    (read,) = go_yaml.load_all(numbers, "here", [])
    assert same(read, json.loads(done.stdout)["spec"])


@pytest.mark.parametrize(
    ("document", "repeats", "refusal"),
    [
        ("a: 1\nb: 2\na: 3", [("a", "a", 3, 1)], "line 3, column 1: key 'a' is there twice"),
        ("1: a\n'1': b\n1: c", [("[1]", "1", 2, 1), ("[1]", "1", 3, 1)], "line 2, column 1: key '1' is there twice"),
        ("y: a\non: b", [("true", "true", 2, 1)], "line 2, column 1: key 'true' is there twice"),
        ("a:\n  - c: 1\n  - {b: 1, b: 2}", [("a[1].b", "b", 3, 12)], "line 3, column 12: key 'b' is there twice"),
        ("a: {<<: {b: 1}, b: 2, b: 3}", [("a.b", "b", 1, 23)], "line 1, column 23: key 'b' is there twice"),
        ("a: {b: 1, <<: {b: 2}, b: 3}", [("a.b", "b", 1, 23)], "line 1, column 23: key 'b' is there twice"),
        ("a: 1\n---\na: 2", [], "line 2, column 1: but found another document"),
        ("a: {<<: {b: 1}, b: 2}\nc: &x {d: 1}\ne: {<<: [*x, *x], d: 2}", [], ""),
    ],
)
def test_repeated_keys_are_told_or_refused(document: str, repeats: list[tuple[Any, ...]], refusal: str) -> None:
    found: list[RepeatedKey] = []
    go_yaml.load(document, "here", found)
    assert found == repeats
    try:
        go_yaml.load(document, "here")
    except BrokenYaml as error:
        assert str(error) == f"here: {refusal}"
    else:
        assert refusal == ""


def test_load_all_gives_every_document_and_its_own_lines() -> None:
    assert go_yaml.load_all("---\na: 1\n---\n# nothing\n---\nb: 2\n", "here") == [{"a": 1}, None, {"b": 2}]
    with pytest.raises(BrokenYaml, match=r"^here: line 4, column 1: key 'b' is there twice$"):
        go_yaml.load_all("a: 1\n---\nb: 2\nb: 3\n", "here")
    found: list[RepeatedKey] = []
    assert go_yaml.load_all("a: 1\na: 2\n---\nb: 2\nb: 3\n", "here", found) == [{"a": 2}, {"b": 3}]
    assert found == [("a", "a", 2, 1), ("b", "b", 5, 1)]


VALUES = {
    "a: {b: 1, c: 1}\n--- \na: {c: 2}\n---\n# nothing\n---\nd: 3\n": {"a": {"b": 1, "c": 2}, "d": 3},
    "---\na: 1\n--- # next\nb: 2\n---#\nc: 3\n---\r\nd: 4": {"a": 1, "b": 2, "c": 3, "d": 4},
    "a: |\n  ---\n  x\n": {"a": "---\nx\n"},
    "": {},
    "~": {},
    "---": {},
}


@pytest.mark.parametrize("text", VALUES)
def test_documents_of_values_are_laid_over_each_other(text: str, tools: Tools, tmp_path: Path) -> None:
    assert (
        go_yaml.load_values(text.encode(), "here") == VALUES[text] == values_as_helm_reads(text, tools.helm, tmp_path)
    )


def test_values_are_told_by_the_lines_of_the_file() -> None:
    found: list[RepeatedKey] = []
    assert go_yaml.load_values(b"a: 1\n---\n\nb: 1\nb: 2\n", "here", found) == {"a": 1, "b": 2}
    assert found == [("b", "b", 5, 1)]
    for text, refusal in (
        ("a: 1\n---\n\nb: [\n", "here: line 5, column 1: did not find expected node content"),
        ("a: 1\n--- {b: 2}\n", "here: line 2, column 1: nothing but a comment may follow --- in its line, for helm 4"),
        ("a: 1\n---\n- b\n", "here: line 3, column 1: expected a map of values, found list"),
    ):
        with pytest.raises(BrokenYaml) as error:
            go_yaml.load_values(text.encode(), "here")
        assert str(error.value) == refusal


def test_what_an_alias_stands_for_can_be_changed_alone() -> None:
    document = go_yaml.load("a: &x {b: [1]}\nc: *x\nd: {<<: *x}", "here")
    document["c"]["b"].append(2)
    document["d"]["b"].append(3)
    assert document == {"a": {"b": [1]}, "c": {"b": [1, 2]}, "d": {"b": [1, 3]}}


def test_the_nodes_of_a_document_are_there_for_its_lines() -> None:
    node = go_yaml.tree("a:\n  b: 1", "here")
    assert node is not None
    assert [key.value for key, _ in node.value] == ["a"]
    with pytest.raises(BrokenYaml, match=r"^here: line 1, column 8: second occurrence$"):
        go_yaml.tree("[&x a, &x b]", "here")


@pytest.mark.parametrize("text", ["1", "true", "~", "", "0x1F", " 1", "y"])
def test_a_text_that_needs_quotes(text: str) -> None:
    assert go_yaml.reads_as_another_type(text)


@pytest.mark.parametrize("text", ["one", "7e10483", "a: b", "[1]", "@", "2024-01-01", "!x 1"])
def test_a_text_that_needs_none(text: str) -> None:
    assert not go_yaml.reads_as_another_type(text)


@pytest.mark.parametrize(
    ("document", "written"),
    [("a\ud800", "a\ufffd"), (["\udfff\nb"], ["\ufffd\nb"]), ({"\ud83d\ude00": 1}, {"\ufffd\ufffd": 1})],
    ids=["text", "lines", "key"],
)
def test_half_of_a_character_is_written_as_what_go_makes_of_it(document: Any, written: Any) -> None:
    assert go_yaml.load(go_yaml.dump(document), "") == written
    assert go_yaml.load(go_yaml.dump_line(document), "") == written


def test_a_scalar_is_neither_a_map_nor_a_list_to_helm(tools: Tools, tmp_path: Path) -> None:
    assert [answer.value for answer in as_helm_reads(["5", "a", "[5]"], tools.helm, tmp_path)] == [SCALAR, SCALAR, [5]]
