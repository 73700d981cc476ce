"""Marks: values that are nowhere else, so that one sees in what is rendered which key of the values came out where.

A mark keeps the form of the value whose place it takes, so that a chart accepts it: a number stays one, a text has the
mark at a place that does not matter.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents.addresses import join
from chartgate.documents.secret_texts.writings import PLACEHOLDER, VARIABLE
from chartgate.documents.shapes import is_whole
from chartgate.documents.walking import Keys, nodes
from chartgate.model import Resource

_MARK = re.compile(r"zq7[0-9a-f]{9}", re.IGNORECASE)
_WITH_SIGN = re.compile(r"-?zq7[0-9a-f]{0,9}", re.IGNORECASE)
_SWITCHES = frozenset(["true", "false", "yes", "no", "on", "off", "y", "n"])
_QUANTITY = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?(?P<unit>[A-Za-z%]{0,3})")
_PORT_AT_END = re.compile(r"(?P<host>[^:\n]*[^:\n/]):(?P<port>[0-9]{1,5})")
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?")
_DIGEST = re.compile(r"(?:sha[0-9]{3}:)?+[0-9a-f]{40,128}")
_OF_SCHEDULES = frozenset("0123456789*/,-?LW#")
_NUMBER = re.compile(r"(?<![0-9A-Za-z.])[1-9][0-9]{6}(?![0-9])")
_EXPONENT = re.compile(r"(?<![0-9A-Za-z.])[1-9](?:\.[0-9]{1,6})?e\+06(?![0-9])")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{16,}+={0,2}+")
_SMALLEST, _COUNT = 1_000_001, 8_999_999


def mark_of(address: str) -> str:
    """Give the text that marks a key of the values: letters and digits, valid in a name of Kubernetes."""
    return f"zq7{_hash(address)[:9]}"


def number_of(address: str) -> int:
    """Give the integer of seven digits that marks a key: large enough for Go to print it with an exponent."""
    return _SMALLEST + int(_hash(address)[:15], 16) % _COUNT


def _hash(address: str) -> str:
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()


def marked(address: str, value: Any) -> Any:
    """Give a value with the mark of its key, in the form that it has; None where that would be another kind of thing.

    A switch, an empty value, a digest, a schedule and what names a variable have no room for a mark.
    """
    if is_whole(value):
        return number_of(address)
    if not isinstance(value, str) or not value.strip() or value.strip().lower() in _SWITCHES:
        return None
    if _is_schedule(value) or any(form.fullmatch(value.strip()) for form in (PLACEHOLDER, VARIABLE, _ADDRESS, _DIGEST)):
        return None
    if quantity := _QUANTITY.fullmatch(value):
        return f"{number_of(address)}{quantity['unit']}"
    return _in_text(value, mark_of(address))


def _is_schedule(value: str) -> bool:
    """Tell whether a text is the schedule of a CronJob, as far as a template may look at one."""
    words = value.split()
    return value.startswith("@") or (len(words) in (5, 6) and _OF_SCHEDULES.issuperset(words[0] + words[1]))


def _in_text(value: str, mark: str) -> str | None:
    if value.lstrip().startswith(("<", "[", "{")) and not value.lstrip().startswith("{{"):
        return None  # JSON or XML, which a template may read
    if "\n" in value.strip():
        return f"{value.rstrip()}\n# {mark}\n"
    if "://" in value or value.endswith("/"):
        return f"{value.rstrip('/')}/{mark}"
    if found := _PORT_AT_END.fullmatch(value):
        return f"{found['host']}-{mark}:{found['port']}"
    if not any(character.isalnum() for character in value):
        return None
    return f"{value.rstrip()}{'-' if value.rstrip()[-1].isalnum() else ''}{mark}"


def guessed(address: str, value: Any) -> Any:
    """Give the mark of a key in what may fit where nothing is: a text, an object of Kubernetes, a named thing, a map.

    None where something is: that has a form to keep.
    """
    mark = mark_of(address)
    if value is None or (isinstance(value, str) and not value.strip()):
        return mark
    if value == [] and isinstance(value, list):
        return [{"apiVersion": "v1", "kind": mark, "metadata": {"name": mark}, "name": mark, "key": mark}]
    return {mark: mark} if value == {} and isinstance(value, Mapping) else None


def marks_in(values: Mapping[str, Any]) -> dict[str, str]:
    """Give the marks that values have, each with the address of its key; what a subchart got from above has none.

    The mark of an empty list or map is in what was put into it.
    """
    found: dict[str, str] = {}
    for keys, value in nodes(values):
        if isinstance(value, str | int) and not isinstance(value, bool):
            for mark in (*_MARK.findall(str(value)), *_NUMBER.findall(str(value))):
                for depth in range(len(keys), 0, -1):
                    address = join(*keys[:depth])
                    if mark in (mark_of(address), str(number_of(address))):
                        found[mark] = address
                        break
    return found


def written_marks(text: str) -> Iterator[tuple[str, str]]:
    """Give what may be a mark in a text, and how it is written there: plain (empty), in base64, with an exponent."""
    # Most texts have none, which is seen without looking for it in large and small letters.
    for found in _MARK.findall(text) if "zq7" in text.lower() else ():
        yield found.lower(), ""
    for found in _NUMBER.findall(text):
        yield found, ""
    for found in _EXPONENT.findall(text) if "e+06" in text else ():
        yield f"{float(found):.0f}", "with an exponent"
    for found in _ENCODED.findall(text):
        for mark in _MARK.findall(_decoded(found)):
            yield mark.lower(), "in base64"


def _decoded(word: str) -> str:
    try:
        content = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_" if set("-_") & {*word} else None)
    except (binascii.Error, ValueError):
        return ""
    return content.decode("latin-1")


def unmarked(text: str) -> str:
    """Give a text without the marks in it, also where one was cut off: an object's name without those of its parts."""
    return _WITH_SIGN.sub("", text)


def marks_written(resource: Resource) -> tuple[tuple[Keys, str, str], ...]:
    """Give what may be a mark in a text of a resource: where, which, and how it is written there."""
    return tuple(
        (keys, mark, writing)
        for keys, text in scalar_texts(resource.manifest)
        for mark, writing in sorted(set(written_marks(text)))
    )


def scalar_texts(document: Any) -> Iterator[tuple[Keys, str]]:
    """Give every text and number in a document as text, and the keys of its maps."""
    for keys, node in nodes(document):
        if isinstance(node, str | int) and not isinstance(node, bool):
            yield keys, str(node)
        elif isinstance(node, Mapping):
            yield from (((*keys, str(key)), str(key)) for key in node)


def scalars_of(values: Mapping[str, Any]) -> Iterator[tuple[Keys, Any]]:
    """Give every text, number, null, and empty map or list of values, each with its keys."""
    for keys, value in nodes(values):
        if not isinstance(value, Mapping | list) or not value:
            yield keys, value
