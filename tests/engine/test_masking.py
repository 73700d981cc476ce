"""A secret is masked in every form in which a manifest or a message may write it."""

from __future__ import annotations

import base64
import json
import urllib.parse

import pytest

from chartgate.documents import go_yaml
from chartgate.documents.masking import MASK, Masker

SECRET = "p+a/ss w'o\"rd: #1\\ {{ }} ü ="  # noqa: S105 - the point of this file
LINES = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n}\n-----END KEY-----\n"


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"a {SECRET} b {SECRET}",
        go_yaml.dump({"a": SECRET}),
        go_yaml.dump({"a": f"{SECRET}\nmore"}),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        repr(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        f"postgresql://user:{urllib.parse.quote(SECRET, safe='')}@host/db",
    ],
)
def test_every_form(text: str) -> None:
    shown = Masker([SECRET]).text(text)
    assert MASK in shown
    assert "w'o" not in shown.replace("''", "'")
    assert Masker([SECRET]).text(shown) == shown


@pytest.mark.parametrize("text", [go_yaml.dump({"a": {"b": LINES}}), repr(LINES), json.dumps(LINES), LINES.strip()])
def test_a_secret_of_several_lines(text: str) -> None:
    assert "MIIE" not in Masker([LINES]).text(text)
    assert Masker([LINES]).text("} ends a block") == "} ends a block"


def test_the_longest_goes_first() -> None:
    assert Masker(["pass", "password"]).text("pass password passport") == f"{MASK} {MASK} {MASK}port"


def test_masked_keeps_the_form() -> None:
    document = {"a": ["x-s3cret", ("s3cret", 1)], "s3cret": None, "b": True, "c": 5, "d": frozenset({"s3cret"})}
    assert Masker(["s3cret"]).document(document) == {
        "a": [f"x-{MASK}", (MASK, 1)],
        MASK: None,
        "b": True,
        "c": 5,
        "d": frozenset({MASK}),
    }


def test_nothing_to_mask() -> None:
    document = {"a": [object()]}
    assert Masker([]).document(document) == document
    assert Masker([]).text("text") == "text"
