"""Marks keep the form of the value whose place they take, and are found in whatever a chart makes of it."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from chartgate.charts.template_texts.marks import mark_of, marked, marks_in, number_of, unmarked, written_marks

MARK, NUMBER = mark_of("key"), number_of("key")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("info", f"info-{MARK}"),
        ("1.2.3", f"1.2.3-{MARK}"),
        ("shop/", f"shop/{MARK}"),
        ("https://a.example.com:8443", f"https://a.example.com:8443/{MARK}"),
        ("data.svc:5432", f"data.svc-{MARK}:5432"),
        ("{{ .Release.Name }}-shop", f"{{{{ .Release.Name }}}}-shop-{MARK}"),
        ("a: b\nc: d\n", f"a: b\nc: d\n# {MARK}\n"),
        ("500m", f"{NUMBER}m"),
        ("30s", f"{NUMBER}s"),
        ("8080", str(NUMBER)),
        (7, NUMBER),
        (0, NUMBER),
        (1.5, None),
        (True, None),
        (None, None),
        ("", None),
        ("  ", None),
        ("true", None),
        ("Off", None),
        ("*", None),
        ("10.0.0.0/8", None),
        ("@daily", None),
        ("*/5 * * * *", None),
        ("<path:secret#key>", None),
        ("${PASSWORD}", None),
        ("sha256:" + "ab" * 32, None),
        ('{"a": 1}', None),
        ("<a/>", None),
        ([], None),
        ({}, None),
    ],
)
def test_a_mark_keeps_the_form(value: Any, expected: Any) -> None:
    assert marked("key", value) == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"level={MARK}", [(MARK, "")]),
        (MARK.upper(), [(MARK, "")]),
        (base64.b64encode(f"user:x-{MARK}".encode()).decode(), [(MARK, "in base64")]),
        (f"max={NUMBER}", [(str(NUMBER), "")]),
        (f"max={NUMBER:.6e}", [(str(NUMBER), "with an exponent")]),
        (f"{NUMBER}m", [(str(NUMBER), "")]),
        (f"1{NUMBER} a{NUMBER} 0.{NUMBER}", []),
        ("sha256:" + "12345678" * 8, []),
    ],
)
def test_marks_are_found(text: str, found: list[tuple[str, str]]) -> None:
    assert list(written_marks(text)) == found


def test_marks_in_values_belong_to_their_key() -> None:
    values = {"key": f"a-{MARK}", "list": [number_of("list[0]")], "sub": {"global": {"key": f"a-{MARK}"}}}
    assert marks_in(values) == {MARK: "key", str(number_of("list[0]")): "list[0]"}


def test_a_name_without_marks() -> None:
    assert unmarked(f"shop-{MARK}-web-{MARK[:5]}") == "shop-web"
