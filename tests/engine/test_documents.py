"""YAML is read as helm and Kubernetes read it, and written so that they read it back."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chartgate.documents import go_yaml
from chartgate.documents.go_yaml import BrokenYaml
from chartgate.system.toolchain import Tools
from tests.engine.toys import CHART, write

DUMP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dump}\ndata: {values: {{ .Values | toJson | quote }}}\n"

_SCALARS = """
y Y yes Yes YES n No NO on On OFF off true True TRUE false ~ null Null NULL
1:30 12:30:45 190:20:30.15 -1:30 = 2024-01-01 2024-01-01T00:00:00Z
1e3 1E3 1e+3 1.e3 1.5e-3 .5 5. +.5 0.1e-5 +12 -0 -7 1_000 1_0.5 1__0 e1 1e yEs oN tRue nUll
0o14 0O14 014 09 08.5 0x1F 0X1f 0b11 -0b11 0x 0o9 0b2 0 00
123456789012345678901234567890
"""
SCALARS = _SCALARS.split()

TEXTS = [
    *SCALARS,
    "",
    " ",
    "-",
    "--- a",
    "...",
    "# no comment",
    "a: b",
    "a #b",
    "'",
    '"',
    "\\",
    "{{ }}",
    "%a",
    "@a",
    "`a",
    "!a",
    "&a",
    "*a",
    "|",
    ">",
    "[",
    "<<",
    "\n",
    "\nx",
    "x\n\n",
    " lead\nx",
    "x\n  deeper\n",
    "trailing \nx",
    "tab\t\nx",
    "---\nx\n",
    "x\r\ny",
    "\x07",
    "é\n",
    "\u2028",
    "\ufeffx",
    "\x85x\n",
    "😀\n😀",
]


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("dump"), {"Chart.yaml": CHART, "templates/dump.yaml": DUMP})


def _as_helm_reads(values: str, dump: Path, tools: Tools) -> Any:
    command = [str(tools.helm), "template", str(dump), "--values", "-"]
    done = subprocess.run(command, input=values.encode(), capture_output=True, check=True)
    return json.loads(go_yaml.load_all(done.stdout.decode(), "helm")[0]["data"]["values"])


def test_scalars_are_what_helm_takes_them_for(dump: Path, tools: Tools) -> None:
    text = "".join(f"- {scalar}\n" for scalar in SCALARS)
    helms = _as_helm_reads(f"scalars:\n{text}", dump, tools)["scalars"]
    ours = go_yaml.load(text, "scalars")
    assert dict(zip(SCALARS, ours, strict=True)) == dict(zip(SCALARS, helms, strict=True))
    # In Python, True is 1.
    assert [s for s, value in zip(SCALARS, ours, strict=True) if isinstance(value, bool)] == [
        s for s, value in zip(SCALARS, helms, strict=True) if isinstance(value, bool)
    ]


def test_keys_are_text_as_in_json(dump: Path, tools: Tools) -> None:
    text = "{8080: a, 1.5: b, on: c, n: d, 0x10: e, 2024-01-01: f}"
    assert go_yaml.load(text, "keys") == _as_helm_reads(text, dump, tools)


def test_helm_reads_back_what_is_dumped(dump: Path, tools: Tools) -> None:
    values = {"texts": TEXTS, "others": [1, 1.5, 1e17, True, None, {}, [], {"on": {"y": 1}}]}
    written = go_yaml.dump(values)
    assert go_yaml.load(written, "dump") == values
    assert _as_helm_reads(written, dump, tools) == values


def test_text_of_several_lines_is_dumped_as_it_is_read() -> None:
    assert go_yaml.dump({"script": "one\n  two\n"}) == "script: |\n  one\n    two\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}", {"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}}),
        # An anchor that is deeper than its alias is constructed after it.
        ("d: {e: {f: &x {<<: {b: 1}, b: 2}}}\ng: {<<: *x}", {"d": {"e": {"f": {"b": 2}}}, "g": {"b": 2}}),
        ("a: !!str 1\nb: !!int '0x10'\nc: !!timestamp 2024-01-01", {"a": "1", "b": 16, "c": "2024-01-01"}),
        ("# nothing but a comment\n", None),
        ("", None),
    ],
)
def test_load(text: str, expected: object) -> None:
    assert go_yaml.load(text, "here") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3", "here: line 3, column 1: key 'a' is there twice"),
        ("1: a\n'1': b", "here: line 2, column 1: key '1' is there twice"),
        ("y: a\non: b", "here: line 2, column 1: key True is there twice"),
        ("a:\n  - {b: 1, b: 2}", "here: line 2, column 12: key 'b' is there twice"),
        ("? [a]\n: b", "here: line 1, column 3: a key must be text"),
        ("null: b", "here: line 1, column 1: a key must be text"),
        (".inf: b", "here: line 1, column 1: a key must be text"),
        ("a: [1,", "here: line 2, column 1: did not find expected node content"),
        ("a: *nowhere", "here: line 1, column 4: found undefined alias"),
        ("a: !Secret b", "here: line 1, column 4: could not determine a constructor for the tag '!Secret'"),
        ("a: !!int b", "here: line 1, column 4: 'b' is not a number"),
        ("a: !!bool b", "here: line 1, column 4: 'b' is not a boolean"),
        ("a: 1\n---\nb: 1", "here: line 2, column 1: but found another document"),
        ("a: \x00", "here: unacceptable character #x0000: control characters are not allowed"),
    ],
)
def test_broken_yaml_says_where(text: str, message: str) -> None:
    with pytest.raises(BrokenYaml) as error:
        go_yaml.load(text, "here")
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_load_all_gives_every_document_and_its_own_lines() -> None:
    assert go_yaml.load_all("---\na: 1\n---\n# nothing\n---\nb: 2\n", "here") == [{"a": 1}, None, {"b": 2}]
    with pytest.raises(BrokenYaml, match=r"^here: line 4, column 1: key 'b' is there twice$"):
        go_yaml.load_all("a: 1\n---\nb: 2\nb: 3\n", "here")
