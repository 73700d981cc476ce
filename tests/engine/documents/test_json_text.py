"""JSON is read as Go reads it, and what it refuses, or what is too large, ends in one line."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.documents.json_documents.equality import same
from chartgate.documents.json_documents.json_text import BrokenJson, load_json
from chartgate.documents.limits import DEEPEST
from chartgate.system.toolchain import Tools
from tests.engine.helm_reads import as_doubles, helms, rendered

READ: dict[str, Any] = {
    '{"a": 1, "b": 2, "a": 3}': {"a": 3, "b": 2},
    "[1, 1.0, 1e3, 1.5e-3, 1e-400]": [1, 1.0, 1000.0, 0.0015, 0.0],
    "[9223372036854775807, 18446744073709551615]": [2**63 - 1, 2**64 - 1],
    "[18446744073709551616, -9223372036854775809]": [2.0**64, -(2.0**63)],
    "[1" + "0" * 300 + "]": [1e300],
    r'["\ud800", "\udc00x", "\ud83d\ude00", {"\ud800": 1}]': ["\ufffd", "\ufffdx", "😀", {"\ufffd": 1}],
    r'["\u0000\/", "\u2028"]': ["\0/", "\u2028"],
    '["\x7f\x85\u2028"]': ["\x7f\x85\u2028"],
    ' \r\n\t{"y": true, "<<": null}\n': {"y": True, "<<": None},
    '{"a": "[[["}': {"a": "[[["},
    "[" * DEEPEST + "]" * DEEPEST: json.loads("[" * DEEPEST + "]" * DEEPEST),
}

REFUSED = {
    "": "line 1, column 1: Expecting value",
    '{"a": 1,}': "line 1, column 9: ",
    '{"a": 1': "line 1, column 8: ",
    '[1\n"2"]': "line 2, column 1: Expecting ',' delimiter",
    "[1] x": "line 1, column 5: Extra data",
    "{a: 1}": "line 1, column 2: ",
    "['a']": "line 1, column 2: Expecting value",
    "[01]": "line 1, column 3: Expecting ',' delimiter",
    "[+1]": "line 1, column 2: Expecting value",
    "[.5]": "line 1, column 2: Expecting value",
    "[0x10]": "line 1, column 3: Expecting ',' delimiter",
    "[NaN]": "NaN is not JSON",
    "[Infinity]": "Infinity is not JSON",
    "[-Infinity]": "-Infinity is not JSON",
    "[1e400]": "line 1, column 2: a number is too large: at most 1.8e+308, as for Go",
    '{"1e400":\n  -1e400}': "line 2, column 3: a number is too large: at most 1.8e+308, as for Go",
    "[0, 1e400e5]": "line 1, column 5: a number is too large: at most 1.8e+308, as for Go",
    "[1e400-1]": "line 1, column 2: a number is too large: at most 1.8e+308, as for Go",
    '["1e400", 1e400.]': "line 1, column 11: a number is too large: at most 1.8e+308, as for Go",
    "[1" + "0" * 5000 + "]": "line 1, column 2: a number is too large: at most 1.8e+308, as for Go",
    '["\t"]': "line 1, column 3: Invalid control character at",
    '["a\nb"]': "line 1, column 4: Invalid control character at",
    r'["\x41"]': "line 1, column 3: ",
    "\ufeff[]": "line 1, column 1: it begins with a byte order mark (U+FEFF): save it without one",
    "[\xa01]": "line 1, column 2: Expecting value",
}

TOO_LARGE = {
    "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1): "line 1, column 101: nested deeper than 100 levels",
    "[" * 1_000_000: "line 1, column 101: nested deeper than 100 levels",
    '[\n{"\\"[[[": ' * 51: "line 51, column 11: nested deeper than 100 levels",
    '"' + "[" * 200_000: "line 1, column 1: Unterminated string starting at",
}


@pytest.mark.parametrize("text", READ, ids=lambda text: repr(text[:30]))
def test_read(text: str) -> None:
    assert same(load_json(text, "here"), READ[text])


@pytest.mark.parametrize("text", [*REFUSED, *TOO_LARGE], ids=lambda text: repr(text[:12] + str(len(text))))
def test_refused(text: str) -> None:
    with pytest.raises(BrokenJson) as error:
        load_json(text, "here")
    assert str(error.value).startswith(f"here: {(REFUSED | TOO_LARGE)[text]}")
    assert "\n" not in str(error.value)


TEMPLATE = """
{{- $all := list }}
{{- range .Values.documents }}
{{- $all = append $all (b64dec . | fromJsonArray) }}
{{- end }}
apiVersion: v1
kind: ConfigMap
metadata: {name: answers}
data: {answers: {{ $all | toJson | b64enc }}}
"""


def test_both_helms_read_the_tables_like_this(tools: Tools, tmp_path: Path) -> None:
    documents = [f"[{text}]" for text in (*READ, *(text for text in REFUSED if text))]
    values = json.dumps({"documents": [base64.b64encode(document.encode()).decode() for document in documents]})
    for helm in helms(tools):
        answers = rendered(TEMPLATE, values, helm, tmp_path)
        read, refused = answers[: len(READ)], answers[len(READ) :]
        assert as_doubles(read) == as_doubles([[value] for value in READ.values()])
        # A refusal is a list of Go's message.
        texts = [text for text in REFUSED if text]
        accepted = [text for text, answer in zip(texts, refused, strict=True) if not _is_refusal(answer)]
        assert accepted == []


def _is_refusal(answer: Any) -> bool:
    return isinstance(answer, list) and isinstance(answer[0], str)


def test_objects_as_they_are_written() -> None:
    assert load_json('{"a": 1, "a": {"b": 2}}', "here", list) == [("a", 1), ("a", [("b", 2)])]


def test_the_api_machinery_reads_a_minus_zero_as_zero() -> None:
    """Other than `fromJson`, which knows floats only: it gives -0."""
    assert str(load_json("-0", "here")) == "0"
