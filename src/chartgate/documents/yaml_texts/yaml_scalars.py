"""What a scalar of YAML means to go-yaml 2, by which helm and kubectl read, and as which text JSON has a key.

Helm 3.17 has go-yaml as sigs.k8s.io/yaml 1.4.0 copied it, helm 4.2 as go.yaml.in/yaml/v2 2.4.3; the two are the same.
Source: https://github.com/kubernetes-sigs/yaml/blob/v1.4.0/goyaml.v2/resolve.go
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import struct
from datetime import date

Scalar = str | int | float | bool | None

_TAG = "tag:yaml.org,2002:"

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], math.nan),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], math.inf),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], -math.inf),
}
_NUMERIC = frozenset("+-.0123456789")
_SMALL = re.compile(r"0|[1-9][0-9]{0,17}")
"""The usual number, which needs no more than this."""

# `strconv.ParseInt(text, 0, 64)`: the base is in the prefix, and a leading zero means octal.
_INT = re.compile(
    r"(?P<sign>[-+]?)(?:0[bB](?P<b2>[01]+)|0[oO](?P<b8>[0-7]+)|0[xX](?P<b16>[0-9a-fA-F]+)|0(?P<zero>[0-7]*)"
    r"|(?P<b10>[1-9][0-9]*))"
)
_BASES = {"b2": 2, "b8": 8, "b16": 16, "zero": 8, "b10": 10}
_SIGNED_BINARY = re.compile(r"0b([-+][01]+)")
"""A sign behind the prefix: go-yaml cuts `0b` off and lets Go read the rest."""
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# `strconv.ParseFloat`, which takes what begins with a dot as it is written, allows `_` between two digits.
_FLOAT_BY_GO = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_LARGEST_DIGITS = 64
"""More digits than a number of 64 bits has in any base; Python refuses to convert some thousands of them."""

_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5]?[0-9]:[0-5]?[0-9](?:[.,][0-9]+)?"
_TIMESTAMP = re.compile(
    rf"([0-9]{{4}})-([0-9]{{1,2}})-([0-9]{{1,2}})(?:[Tt]{_CLOCK}(?:Z|[-+][0-9]{{2}}:[0-9]{{2}})| +{_CLOCK})?"
)


def resolved(text: str) -> Scalar:
    """Give what a plain scalar without a tag means; what Go cannot parse, or not in 64 bits, stays a text.

    A whole number between 2^63 and 2^64 is one; a larger one is a float, unless it is written in another base.
    """
    first = text[:1]
    if first not in _NUMERIC:
        return _WORDS.get(text, text)
    if _SMALL.fullmatch(text):
        return int(text)
    if text in _WORDS:
        return _WORDS[text]
    number = _with_dot(text) if first == "." else _number(text.replace("_", ""))
    return text if number is None else number


def _with_dot(text: str) -> float | None:
    return _finite(text.replace("_", "")) if _FLOAT_BY_GO.fullmatch(text) else None


def _number(plain: str) -> int | float | None:
    whole = _INT.fullmatch(plain)
    if whole:
        number = _whole(whole)
        if number is not None:
            return number
    if _FLOAT.fullmatch(plain):
        return _finite(plain)
    binary = _SIGNED_BINARY.fullmatch(plain)
    if binary and len(binary[1]) <= _LARGEST_DIGITS + 1 and -(2**63) <= int(binary[1], 2) < 2**63:
        return int(binary[1], 2)
    return None


def _whole(found: re.Match[str]) -> int | None:
    base = str(found.lastgroup)
    digits = found[base].lstrip("0") or "0"
    if len(digits) > _LARGEST_DIGITS:
        return None
    number = int(digits, _BASES[base])
    if found["sign"] == "-":
        return -number if number <= 2**63 else None
    # What is too large for an int64 is read as an uint64, which takes no sign.
    return number if number < 2**63 or (number < 2**64 and not found["sign"]) else None


def _finite(text: str) -> float | None:
    """Read a float; one that is too large is an error to Go, one that is too small is zero."""
    number = float(text)
    return None if math.isinf(number) else number


def tagged(tag: str, text: str) -> Scalar:
    """Give what a scalar with a tag means; one that go-yaml does not know makes it a text.

    Raises:
        ValueError: it is not what the tag says; the message says so.
    """
    if tag == f"{_TAG}binary":
        return _decoded(text)
    name = tag.removeprefix(_TAG) if tag.startswith(_TAG) else ""
    if name == "timestamp":
        if _is_timestamp(text):
            return text
    elif name in ("bool", "int", "float", "null"):
        value = resolved(text)
        if name == "float" and type(value) is int and value < 2**63:
            return float(value)
        kinds: dict[str, type] = {"bool": bool, "int": int, "float": float, "null": type(None)}
        if type(value) is kinds[name]:
            return value
    else:
        return text
    # Without the text: it may be a secret, and nobody knows yet which values are.
    raise ValueError(f"what is here is not what its tag !!{name} says")


def _decoded(text: str) -> str:
    """Decode `!!binary`; what is not UTF-8 in it becomes U+FFFD byte by byte, as in Go's JSON."""
    try:
        content = base64.b64decode(re.sub(r"[\r\n]", "", text), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a !!binary value is not base64") from error
    return "".join(map(_printable, content.decode("utf-8", "surrogateescape")))


def _printable(character: str) -> str:
    return "\ufffd" if "\ud800" <= character <= "\udfff" else character


def _is_timestamp(text: str) -> bool:
    found = _TIMESTAMP.fullmatch(text)
    if not found:
        return False
    year, month, day = map(int, found.groups())
    try:
        date(year or 2000, month, day)  # Python has no year 0, which is a leap year as well
    except ValueError:
        return False
    return True


def key_text(key: Scalar) -> str | None:
    """Give the text that JSON has for a key; None for one that sigs.k8s.io/yaml refuses.

    Source: convertToJSONableObject in https://github.com/kubernetes-sigs/yaml/blob/v1.4.0/yaml.go
    """
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int):
        return str(key) if key < 2**63 else None
    return None if key is None else _float32(key)


def _float32(number: float) -> str:
    """Write a number as Go's `FormatFloat(number, 'g', -1, 32)` does: the shortest text for that float of 32 bits."""
    if math.isnan(number):
        return ".nan"
    try:
        single = _as_single(number)
    except OverflowError:
        single = math.copysign(math.inf, number)
    if math.isinf(single):
        return ".inf" if single > 0 else "-.inf"
    text = next(t for t in (f"{single:.{p}e}" for p in range(9)) if _as_single(float(t)) == single)
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    digits = mantissa.lstrip("-").replace(".", "")
    if power < -4 or power >= 6:
        return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return f"{single:.{max(len(digits) - 1 - power, 0)}f}"


def _as_single(number: float) -> float:
    return float(struct.unpack("f", struct.pack("f", number))[0])
