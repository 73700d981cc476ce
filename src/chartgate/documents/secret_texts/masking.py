"""Secret values never leave the process in a message: where they are put out of sight, and where they are not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from chartgate.documents.addresses import steps
from chartgate.documents.secret_texts.masks import MASK, with_masks
from chartgate.documents.secret_texts.secret_names import holds_secrets, is_secret_name
from chartgate.documents.secret_texts.shortened_secrets import ends_of, without_ends, without_stumps
from chartgate.documents.secret_texts.text_search import TextSearch
from chartgate.documents.secret_texts.writings import inside_json, writings

_LONG = 8
"""Characters: from these on, a text is nowhere by chance, unless it is a word; also of a line of a longer secret."""
_WHOLE = 4
"""Characters: a shorter text (`1`, `x`, `on`) is a scalar of its own in many places."""
_SWITCHES = frozenset(["true", "false", "null", "none"])
_WORD = re.compile(r"[a-z]+(?:[-_. ][a-z]+)*[0-9]{0,2}")


class Masker:
    """Puts a mask in place of secret values, however these are written; made once for a run.

    A secret of eight or more characters is masked wherever it is, inside of words too. One that is shorter, or that is
    common, is masked only as a whole scalar, and in a Secret or under a secret's key (`password: postgres`). Common is
    what is also a value that is not secret, a key, or a word in the name of an object: masking it everywhere would
    make names unreadable, and hide nothing.
    """

    def __init__(self, secrets: Iterable[str], plain: Iterable[str] = (), names: Iterable[str] = ()) -> None:
        """Sort the secrets.

        Args:
            secrets: texts; of one with several lines, each line counts as well.
            plain: what is not secret: other values and their keys.
            names: what objects are called.
        """
        parts = frozenset(part for secret in secrets if secret.strip() for part in _parts(secret))
        common = frozenset(_common(parts, plain, names))
        always = frozenset(part for part in parts - common if len(part) >= _LONG)
        self._long = tuple(sorted({form for part in always for form in (part, repr(part)[1:-1], inside_json(part))}))
        self._always, self._sometimes = _search(always), _search(parts - always)
        self._ends = ends_of(always)
        self._whole = _whole_scalars(parts - always)
        self._rare = frozenset(part for part in parts - always - common if len(part) >= _WHOLE)
        self._names: dict[str, str] = {}

    def text(self, text: str) -> str:
        """Mask the secrets in a text that a person wrote, or a tool."""
        if not text or not self:
            return text
        shown = without_stumps(without_ends(_masked(text, self._always), self._ends), self._long)
        if self._sometimes is None:
            return shown
        if self._is_whole(shown.strip()):
            return MASK
        return self._of_keys(shown, self._sometimes)

    def name(self, text: str) -> str:
        """Mask in a name that we made what is masked everywhere: a case may be called by a key that is a secret."""
        if text not in self._names:
            self._names[text] = _masked(text, self._always)
        return self._names[text]

    def document(self, value: Any, *, guarded: bool = False) -> Any:
        """Mask the secrets in a document of maps and lists, in its keys too; what has none stays itself.

        Args:
            value: the document, or one value of it.
            guarded: whether it is from a Secret, or under a secret's key; `is_guarded` tells by the address.
        """
        return self._document(value, guarded) if self else value

    def __bool__(self) -> bool:
        return self._always is not None or self._sometimes is not None

    def _document(self, value: Any, guarded: bool) -> Any:
        if isinstance(value, dict):
            is_secret = value.get("kind") == "Secret"
            named = str(value.get("name", "")) if "value" in value else ""
            return {
                _masked(key, self._always) if isinstance(key, str) else key: self._document(
                    below,
                    guarded
                    or (is_secret and key in ("data", "stringData"))
                    or _is_guarding(str(key))
                    or (key == "value" and _is_guarding(named)),
                )
                for key, below in value.items()
            }
        if isinstance(value, list | set | frozenset) or type(value) is tuple:
            return type(value)(self._document(item, guarded) for item in value)
        return self._scalar(value, guarded)

    def _scalar(self, value: Any, guarded: bool) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return value
        text = str(value)
        if guarded and self._sometimes is not None:
            masked = MASK if text.strip().lower() in self._whole else _masked(text, self._sometimes, _WHOLE)
            if masked != text:
                return _masked(masked, self._always)
        masked = self.text(text)
        return value if masked == text else masked

    def _is_whole(self, text: str) -> bool:
        return len(text) >= _WHOLE and text.lower() in self._whole and text.lower() not in _SWITCHES

    def _of_keys(self, text: str, search: TextSearch[str]) -> str:
        """Mask what is the value of a secret's key or the password of a URL; in quotes, also what is not common."""
        encoded = text.encode("utf-8", "surrogatepass")
        spans = []
        for place in search.find_in(encoded):
            before, after = encoded[max(0, place.start - _BEFORE) : place.start], encoded[place.end : place.end + 1]
            if after.isalnum() or after == b"_":
                continue
            pair = _KEY.search(before)
            is_quoted = before[-1:] in _QUOTES and after in _QUOTES and place.label in self._rare
            if is_quoted or _USER.search(before) or (pair and _is_guarding(pair[1].decode("ascii"))):
                spans.append((place.start, place.end))
        return with_masks(encoded, spans) if spans else text


@lru_cache(maxsize=16)
def masker_of(secrets: frozenset[str], plain: frozenset[str], names: frozenset[str]) -> Masker:
    """Give the masker of these texts, made once."""
    return Masker(secrets, plain, names)


_QUOTES = (b'"', b"'", b"`")
_BEFORE = 100
"""Bytes in front of a value that may name it."""
_KEY = re.compile(rb"""(?<![A-Za-z0-9_.-])([A-Za-z0-9_.-]{1,80})\\?["']?[ ]?[:=]\s{0,4}\\?["']?$""")
_USER = re.compile(rb"""://[^\s/@:'"<>]*:$""")


def is_guarded(subject: str, address: str) -> bool:
    """Tell whether what is at an address of an object is from a Secret, or under a secret's key."""
    path = steps(address) if _is_address(address) else [address]
    if subject.startswith("Secret ") and path[:1] in (["data"], ["stringData"]):
        return True
    return any(map(_is_guarding, path[-2:] if path[-1:] == ["value"] else path[-1:]))


def _is_address(text: str) -> bool:
    try:
        return bool(steps(text)) or not text
    except ValueError:
        return False


def _is_guarding(key: str) -> bool:
    return is_secret_name(key) or holds_secrets(key)


_NAMED_LINE = re.compile(r"\s*[\"']?[\w.-]{1,60}[\"']?\s*[:=]\s*(\S.*)")


def _parts(secret: str) -> Iterator[str]:
    """Give a secret, and its lines; of a line that names something (`port: 80`), what is named."""
    yield secret
    if "\n" in secret.strip():
        for line in map(str.strip, secret.splitlines()):
            named = _NAMED_LINE.fullmatch(line)
            part = named[1].strip("\"', ") if named else line
            if len(part) >= _LONG and not part.startswith("-----"):
                yield part
    elif secret != secret.strip():
        yield secret.strip()


def _common(parts: Iterable[str], plain: Iterable[str], names: Iterable[str]) -> Iterator[str]:
    """Give the secrets that are also something else."""
    others = {text.strip().lower() for text in plain}
    called = {name.lower() for name in names}
    words = {word for name in called for word in re.split(r"[^a-z0-9]+", name)}
    text = "\n".join(called)
    for part in parts:
        low = part.strip().lower()
        is_word = _WORD.fullmatch(low) is not None
        if (
            low in others
            or low in called
            or (part.isalpha() and is_secret_name(part))
            or (is_word and (low in words or low in text))
        ):
            yield part


def _whole_scalars(parts: Iterable[str]) -> frozenset[str]:
    """Give what a scalar is that is one of these, in small letters: as it is, quoted or encoded as a whole."""
    return frozenset(
        form.lower()
        for part in parts
        for name, written in writings(part).items()
        if "longer text" not in name and "twice" not in name
        for form in (written, f"{written}=", f"{written}==")
    )


@lru_cache(maxsize=32)
def _search(texts: frozenset[str]) -> TextSearch[str] | None:
    return TextSearch((text, text) for text in sorted(texts)) if texts else None


def _masked(text: str, search: TextSearch[str] | None, shortest: int = 0) -> str:
    """Put the mask in place of all that a search finds; what overlaps or touches is one."""
    if search is None or not text:
        return text
    encoded = text.encode("utf-8", "surrogatepass")
    found = [(place.start, place.end) for place in search.find_in(encoded) if len(place.label) >= shortest]
    return with_masks(encoded, found) if found else text
