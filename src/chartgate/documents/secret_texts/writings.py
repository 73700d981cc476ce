"""The forms that one text takes once it is quoted, escaped or encoded, and how placeholders are written."""

from __future__ import annotations

import base64
import decimal
import json
import math
import re
import shlex
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, quote_plus

PLACEHOLDER = re.compile(r"<path:[^<>]*>")
VARIABLE = re.compile(r"\$\{[A-Za-z_][\w.]*(?::?[-=?+][^{}]*)?\}|\$\([A-Za-z_]\w*\)")
"""What only names a variable: the container, or the program in it, fills in the value."""
ENCODED = "in base64"
"""How the names of those forms begin that are base64: line breaks may be anywhere in them, and the alphabet varies."""
IN_BASE32 = "in base32"
"""How the names of those forms begin: like base64, but small and capital letters are the same."""
IN_HEX = "in hexadecimal"
"""Blanks, colons or `0x` may be between its bytes."""
_SHORTEST_MIDDLE = 12
"""Characters of base64: fewer are in many texts by chance."""
_FEW = 4
"""Characters: of a shorter text, the form in hexadecimal is in many numbers by chance, and in base32 in many words."""


def writings(text: str) -> dict[str, str]:
    """Give every form of a text, quoted, escaped or encoded, by its name; small and capital ASCII letters are one.

    What writes which: Go's encoding/json, strconv.Quote, net/url, html/template and encoding/base64, which helm's
    `toJson`, `quote`, `urlquery`, `html` and `b64enc` are, and its `b32enc` (https://helm.sh/docs/chart_template_guide/function_list/);
    YAML 1.1 in double and single quotes; Python's `json`, `repr`, `html`, `urllib` and `shlex`.
    """
    found = dict(_quoted(text))
    for name, escape in (("JSON", inside_json), ("JSON as Go escapes it", _json_of_go)):
        found[f"in {name}, in JSON again"] = inside_json(escape(text))
    for name, form in (
        ("", text),
        (", in JSON before", inside_json(text)),
        (", in JSON as Go escapes it before", _json_of_go(text)),
    ):
        found.update(_encoded(form, name))
    for start, middle in _middles(text):
        if len(middle) >= _SHORTEST_MIDDLE:
            found |= {f"{ENCODED} twice ({start}, {again})": twice for again, twice in _middles(middle)}
    for start, middle in _middles_of_base32(text):
        if len(middle) >= _SHORTEST_MIDDLE:
            found[f"{IN_BASE32} of a longer text ({start})"] = middle
    if len(text) >= _FEW:
        found[IN_BASE32] = base64.b32encode(text.encode("utf-8", "surrogatepass")).decode()
        found[IN_HEX] = text.encode("utf-8", "surrogatepass").hex()
    return found


def _quoted(text: str) -> Iterator[tuple[str, str]]:
    import html  # where there is a secret at all

    yield "as it is", text
    if not text.isascii():
        yield "in composed letters", unicodedata.normalize("NFC", text)
        yield "in decomposed letters", unicodedata.normalize("NFD", text)
        yield from (("in capitals", text.upper()), ("in small letters", text.lower()))
    yield "in JSON", inside_json(text)
    yield "in JSON of ASCII", json.dumps(text)[1:-1]
    yield "in JSON as Go escapes it", _json_of_go(text)
    yield "in quotes of Go", _go_quoted(text, {"\a": r"\a", "\b": r"\b", "\f": r"\f", "\v": r"\v"})
    yield "in quotes of YAML", _go_quoted(text, _YAML_ESCAPES)
    yield "in quotes of YAML of ASCII", _ascii(_go_quoted(text, _YAML_ESCAPES))
    yield "in Python's quotes", repr(text)[1:-1]
    yield "in single quotes", text.replace("'", "''")
    yield "in quotes of the shell", shlex.quote(text).removeprefix("'").removesuffix("'")
    yield "in escaped quotes of the shell", text.replace("'", r"'\''")
    yield "in a URL", quote(text.encode("utf-8", "surrogatepass"), safe="")
    yield "in a URL's path", quote(text.encode("utf-8", "surrogatepass"), safe="$&+:=@,;/")
    yield "in a URL's user information", quote(text.encode("utf-8", "surrogatepass"), safe="$&+,;=")
    yield "in a URL's query", quote_plus(text.encode("utf-8", "surrogatepass"))
    yield "in HTML", html.escape(text, quote=False)
    yield "in HTML as Go escapes it", html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    yield "in HTML as Python escapes it", html.escape(text)
    yield "in XML", html.escape(text).replace("&#x27;", "&apos;")
    yield (
        "in a template of HTML",
        html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;").replace("+", "&#43;"),
    )


def _encoded(text: str, name: str) -> Iterator[tuple[str, str]]:
    yield f"{ENCODED}{name}", base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    for start, middle in _middles(text):
        if len(middle) >= _SHORTEST_MIDDLE:
            yield f"{ENCODED} of a longer text{name} ({start})", middle


def _middles(text: str) -> Iterator[tuple[int, str]]:
    """Give what base64 makes of a text inside of a longer one: it begins at one of three places of a group."""
    encoded = text.encode("utf-8", "surrogatepass")
    for start, first in ((0, 0), (1, 2), (2, 3)):
        # The last characters hold bits of what follows, where the text does not end with a group.
        whole = (start + len(encoded)) * 8 // 6
        yield start, base64.b64encode(b" " * start + encoded).decode()[first:whole]


def _middles_of_base32(text: str) -> Iterator[tuple[int, str]]:
    """Give the same of base32, whose groups have five places."""
    encoded = text.encode("utf-8", "surrogatepass")
    for start in range(5):
        first, whole = -(-start * 8 // 5), (start + len(encoded)) * 8 // 5
        yield start, base64.b32encode(b" " * start + encoded).decode()[first:whole]


def inside_json(text: str) -> str:
    """Give what JSON has of a text between its quotes."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _json_of_go(text: str) -> str:
    escaped = inside_json(text)
    for character in "<>&\u2028\u2029":
        escaped = escaped.replace(character, f"\\u{ord(character):04x}")
    return escaped


_YAML_ESCAPES = {
    "\0": r"\0", "\a": r"\a", "\b": r"\b", "\v": r"\v", "\f": r"\f", "\x1b": r"\e", "\x85": r"\N", "\xa0": r"\_",
    "\u2028": r"\L", "\u2029": r"\P",
}  # fmt: skip


def _go_quoted(text: str, special: dict[str, str]) -> str:
    known = {"\\": "\\\\", '"': '\\"', "\n": r"\n", "\r": r"\r", "\t": r"\t", **special}
    return "".join(known.get(letter) or (letter if letter.isprintable() else _escape(letter)) for letter in text)


def _ascii(text: str) -> str:
    return "".join(letter if letter.isascii() else _escape(letter) for letter in text)


def _escape(letter: str) -> str:
    code = ord(letter)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def number_writings(value: Any) -> frozenset[str]:
    """Give every form in which helm prints a number of the values, which it reads as a float; a text is itself.

    Source: https://pkg.go.dev/fmt: `%v` of a float is `%g` with as few digits as tell it from others.
    """
    found = {str(value)}
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < _LARGEST
        and math.isfinite(value)
    ):
        number = float(value)
        mantissa, _, exponent = f"{decimal.Decimal(repr(number)).normalize():e}".partition("e")
        found |= {repr(number), f"{number:.0f}" if number.is_integer() else repr(number)}
        found.add(f"{mantissa}e{exponent[0]}{exponent[1:]:0>2}")
    return frozenset(found)


_LARGEST = 10**300
"""A larger number is none to Go, and so a text to helm."""
