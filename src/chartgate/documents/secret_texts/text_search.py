"""Searching texts for many others at once, however these are written, in time that grows with the text alone."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice
from typing import Generic, TypeVar

import re2

from chartgate.documents.secret_texts.writings import ENCODED, IN_BASE32, IN_HEX, writings

Label = TypeVar("Label")

_BEGINNING = 20
"""Characters by which a form is found; the rest of it is looked at only there."""
# Where a text is folded (YAML's `>`, a double-quoted scalar, a paragraph), its white space is another; `+` is of URLs.
# Python's pprint goes on in new quotes on the next line, which pytest begins with an E.
_SPACE = (
    rb"(?:[\"'][ \t]*\r?\ne?[ \t+?-]*[\"']|\\?[ \t\r\n]+(?:\\ )?|\\{1,7}(?:[rnt]|u000[9ad]|x20)|\+"
    rb"|%(?:20|0a|0d|09)|&#x?0{0,6}(?:9|10|13|32|a|d|20);)+"
)
_SPACE_RUN = re.compile(r"(\s+|\\+)")
_BACKSLASHES = rb"(?:\\|%5c|&#x?0{0,6}(?:92|5c);|\\{1,7}(?:x|u00)5c){1,15}"
_ENTITIES = {'"': "quot", "'": "apos", "&": "amp", "<": "lt", ">": "gt", "/": "sol", "=": "equals", "`": "grave"}
_FOLD = rb"(?:\\[ \t]*\r?\n[ \t]*\\?)?"
"""A double-quoted scalar of YAML goes on in the next line."""
# base64 is broken at 64 or 76 columns, and the break may be escaped.
_BREAK = rb"(?:[ \t\r\n]|\\r|\\n)*"
_OF_BASE64 = {
    "+": (rb"(?:\+|-|%2b|\\u002b)", b"+-%\\"),
    "/": (rb"(?:/|_|%2f|\\/)", b"/_%\\"),
}
"""Both alphabets, and what URLs and JSON make of them; with the bytes that each may begin with."""
_BASES = (ENCODED, IN_BASE32)
_BETWEEN_BYTES = rb"(?:[ :,-]|0x|\\x){0,3}"
_AROUND_BASE64 = re.compile(rb"[a-z0-9+/=_-]*")


@dataclass(frozen=True)
class _Form(Generic[Label]):
    text: str
    label: Label
    writing: str

    @property
    def is_base64(self) -> bool:
        return self.writing.startswith((ENCODED, IN_BASE32))

    @property
    def units(self) -> Iterator[tuple[bytes, bytes]]:
        """The pattern of each character, and the bytes that it may begin with."""
        if self.writing == IN_HEX:
            return _units_of_hex(self.text)
        return _units(self.text, is_base64=self.is_base64)

    @cached_property
    def whole(self) -> re.Pattern[bytes]:
        """Made where its beginning was found; of most forms, that is nowhere."""
        return re.compile(b"".join(unit for unit, _ in self.units))


@dataclass(frozen=True)
class Found(Generic[Label]):
    """One place of a text where something else is."""

    start: int
    """In bytes of UTF-8."""
    end: int
    label: Label
    form: _Form[Label]
    written: bytes
    """What is there, in small letters."""

    @property
    def writing(self) -> str:
        """How it is written there: `in base64`; `escaped`, where several ways are mixed."""
        if self.form.writing:
            return self.form.writing
        there = self.written.decode("utf-8", "replace")
        return next((name for name, form in writings(self.form.text).items() if form.lower() == there), "escaped")


class TextSearch(Generic[Label]):
    """Finds texts in others in all their writings, small and capital letters alike; made once for many searches."""

    def __init__(self, sought: Iterable[tuple[Label, str]]) -> None:
        """Make the forms of these texts; each has a label to tell it by."""
        self._forms: dict[int, list[_Form[Label]]] = defaultdict(list)
        beginnings: dict[bytes, None] = {}
        seen: set[tuple[Label, bytes]] = set()
        for label, text in sought:
            for writing, written in _forms(text):
                form = _Form(written.rstrip("=") if writing.startswith(_BASES) else written, label, writing)
                # A run of white space is one unit: the beginning of a form is as long as its own beginning.
                beginning = _Form(form.text[: 2 * _BEGINNING], label, writing)
                units = list(islice(beginning.units, _BEGINNING))
                low = form.text.encode("utf-8", "surrogatepass").lower()
                if units and (label, low) not in seen:
                    seen.add((label, low))
                    beginnings[b"".join(unit for unit, _ in units)] = None
                    for first in units[0][1]:
                        self._forms[first].append(form)
        options = re2.Options()
        options.max_mem, options.log_errors, options.encoding = 256 << 20, False, re2.Options.Encoding.LATIN1
        self._beginning = re2.compile(b"|".join(beginnings), options) if beginnings else None

    def is_begun_in(self, encoded: bytes) -> bool:
        """Tell whether anything may be found in a text in UTF-8; where not, nothing is in any part of it."""
        return self._beginning is not None and self._beginning.search(encoded.lower()) is not None

    def find(self, text: str) -> Iterator[Found[Label]]:
        """Give the places in a text where any of them is, in order; of those that begin at one place, the longest."""
        yield from self.find_in(text.encode("utf-8", "surrogatepass"))

    def find_in(self, encoded: bytes) -> Iterator[Found[Label]]:
        """Do the same in a text in UTF-8."""
        if self._beginning is None:
            return
        low, position = encoded.lower(), 0
        while (hit := self._beginning.search(low, position)) is not None:
            start = hit.start()
            position = start + 1
            ends = [(form.whole.match(low, start), form) for form in self._forms[low[start]]]
            fitting = [(match.end(), form) for match, form in ends if match]
            if not fitting:
                continue
            end, form = max(fitting, key=lambda found: found[0])
            if form.is_base64:
                # What is encoded as a whole is shown or hidden as a whole: no bits are left at its sides.
                around = _AROUND_BASE64.match(low, end)
                end = around.end() if around else end
                before = low[max(0, start - _AROUND) : start]
                start -= len(before) - len(before.rstrip(_LETTERS_OF_BASE64))
            yield Found(start, end, form.label, form, low[start:end])


_AROUND = 4096
"""Bytes in front of what is found that may belong to it; more are in no line of base64."""
_LETTERS_OF_BASE64 = b"abcdefghijklmnopqrstuvwxyz0123456789+/_-"


def _forms(text: str) -> Iterator[tuple[str, str]]:
    """Give what is searched for: the text itself, each character in any of its escapes, and what it is encoded to."""
    variants = [text] if text.isascii() else [text, *(unicodedata.normalize(form, text) for form in ("NFC", "NFD"))]
    yield from (("", form) for variant in variants for form in (variant, variant.upper(), variant.lower()))
    yield from ((name, form) for name, form in writings(text).items() if name.startswith((*_BASES, IN_HEX)))


def _units_of_hex(form: str) -> Iterator[tuple[bytes, bytes]]:
    """Give the pattern of each digit: Go's `% x` and `% #x` put something between the bytes, and so do tools."""
    for number, digit in enumerate(form):
        between = _BETWEEN_BYTES if number and number % 2 == 0 else b""
        yield between + digit.encode(), digit.encode()


def _units(form: str, *, is_base64: bool) -> Iterator[tuple[bytes, bytes]]:
    """Give the pattern of each character of a form, and the bytes that it may begin with."""
    if is_base64:
        for number, letter in enumerate(form.lower()):
            pattern, first = _OF_BASE64.get(letter, (letter.encode(), letter.encode()))
            yield (_BREAK + pattern if number else pattern), first
        return
    for part in _SPACE_RUN.split(form):
        if part.isspace():
            yield _SPACE, b" \t\r\n\\+%&"
        elif part.startswith("\\"):
            yield _BACKSLASHES + _FOLD, b"\\%&"
        else:
            yield from map(_unit, part)


@lru_cache(maxsize=4096)
def _unit(letter: str) -> tuple[bytes, bytes]:
    """Give the pattern of one character, plain or in an escape of JSON, YAML, Go, HTML, XML, a URL or the shell."""
    encoded = letter.encode("utf-8", "surrogatepass").lower()
    if letter.isascii() and letter.isalnum():
        return encoded, encoded
    code = ord(letter)
    percent = "".join(f"%{byte:02x}" for byte in letter.encode("utf-8", "surrogatepass"))
    halves = letter.encode("utf-16-be", "surrogatepass").hex(" ", 2).split()
    ways = [f"&#0{{0,6}}{code};", f"&#x0{{0,6}}{code:x};", percent]
    ways += ["".join(rf"\\{{1,7}}u{half}" for half in halves), rf"\\{{1,7}}u0{{0,8}}{code:x}"]
    ways += [rf"\\{{1,7}}x{code:02x}"] if code < 0x100 else []
    ways += [f"&{_ENTITIES[letter]};"] if letter in _ENTITIES else []
    ways += [r"''", r"'\\{1,7}''", "'\"'\"'"] if letter == "'" else []
    plain = rb"\\{0,7}" + re.escape(encoded) if letter.isascii() else re.escape(encoded)
    patterns = [way.encode() for way in ways]
    return rb"(?:" + b"|".join([*patterns, plain]) + rb")" + _FOLD, encoded[:1] + b"\\%&"
