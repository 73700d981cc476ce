"""What is probably secret in values: enough to put it out of sight in what is shown, not to blame somebody for it."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import re2

from chartgate.documents.secret_texts.inner_secrets import NO_TEXT, secrets_inside
from chartgate.documents.secret_texts.secret_names import holds_secrets, is_secret_name
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError

_LEAST = 6
"""Characters: what is shorter is in too much by chance."""

# Authorization (RFC 9110, 11.6.2) with a token, or with a user and password in base64 (RFC 7617).
_HEADER = re2.compile(r"(?i)(?:^|[\s\"':=])(bearer|basic)\s+([A-Za-z0-9._~+/=-]{8,})")
_USER_OF_URL = re2.compile(r"://([A-Za-z0-9_~.-]{16,})@")
# crypt(5), as `htpasswd` of Sprig writes it.
_HASH = re2.compile(r"\$(?:2[abxy]|apr1|[156y7]|argon2id?)\$[A-Za-z0-9./$=,]{20,}")
_PAIR = re2.compile(
    r"""(?:^|[^A-Za-z0-9_.${-])\\*["']?([A-Za-z][A-Za-z0-9_.-]*)\\*["']?\s?\s?[:=]\s?\s?"""
    r"""(?:\\*"([^"\\\n]+)|'([^'\n]+)'|([^\s"'#,;&{}\[\]\\]+))"""
)
_USER_AND_PASSWORD = re.compile(r"[A-Za-z0-9_.+-]{1,64}:(?!//)([^\s:]{6,200})")
_SIMPLE = re.compile(r"[a-z]+")
_OF_PASSWORDS = re.compile(r"(?i)(?:password|passwd|passphrase|pwd)")
_OF_USERS = re.compile(r"(?i)(?:basic[-_.]?auth|auth|user[-_.]?info|users?|htpasswd)s?")
"""What a key is called whose text is a user and a password, or a list of such."""
_VALUES = frozenset(["value", "plain", "plaintext", "text", "content", "literal", "raw", "default"])
"""Below a secret's key, what holds it."""
_ABOUT = re.compile(
    r"(?i)name|key|ref|secret|existing|length|policy|enable|file|path|create|user|type|mode|kind|from|label"
)
"""Below a password's key, what is about it."""


def probable_secrets(keys: Sequence[str], value: Any) -> Iterator[str]:
    """Give what in a text is probably secret.

    That is what an Authorization header carries, a token as a URL's user, a password's hash, the password behind a
    user's name, and what is named like a secret inside of a text: in YAML, JSON, a query or a file of variables.

    Args:
        keys: by which it is reached.
        value: a text; others hold none.
    """
    if not isinstance(value, str) or len(value) < _LEAST:
        return
    if _is_below_a_secret(keys, value):
        yield from (value, *secrets_of_secret(value))
    if any(map(_OF_USERS.fullmatch, keys[-1:] if not keys[-1:] or not keys[-1].isdecimal() else keys[-2:-1])):
        yield from (password for line in value.splitlines() for password in _password(line))
    yield from _inside(value)


def _is_below_a_secret(keys: Sequence[str], value: Any) -> bool:
    """Tell whether a text is probably secret as a whole, by the key above: `password: {value: x}`."""
    if not isinstance(value, str) or len(value) < _LEAST or value.startswith(NO_TEXT) or len(keys) < 2:
        return False
    above, key = keys[-2:]
    if not is_secret_name(above):
        return False
    return key.lower() in _VALUES or (_OF_PASSWORDS.search(above) is not None and not _ABOUT.search(key))


def secrets_of_secret(text: str) -> Iterator[str]:
    """Give what is secret alone of a text that is secret as a whole: the password of a URL, what base64 hides."""
    yield from secrets_inside(text)
    yield from _password(text)
    decoded = _decoded(text)
    if len(decoded) >= _LEAST:
        yield from (decoded, *_password(decoded))


def is_secret_key(above: str, key: str) -> bool:
    """Tell whether a key is a secret itself: `tokens: {f81d4fae7dec: admin}`."""
    return holds_secrets(above) and len(key) >= 2 * _LEAST and _is_mixed(key)


@lru_cache(maxsize=4096)
def _inside(text: str) -> frozenset[str]:
    """Give what a text says; the same one is in the values of every scenario."""
    found: set[str] = set()
    for header in _HEADER.finditer(text):
        passwords = [*_password(_decoded(header[2]))] if header[1].lower() == "basic" else []
        if passwords or (header[1].lower() == "bearer" and _is_mixed(header[2])):
            found.update((header[2], *passwords))
    if "://" in text:
        found.update(url[1] for url in _USER_OF_URL.finditer(text) if _is_mixed(url[1]))
    if "$" in text:
        found.update(crypt[0] for crypt in _HASH.finditer(text))
    if ":" in text or "=" in text:
        pairs = ((pair[1], pair[2] or pair[3] or pair[4]) for pair in _PAIR.finditer(text))
        for key, value in itertools.chain(pairs, _of_documents(text)):
            if _is_probably_secret(key, value.strip()):
                found.update((value.strip(), *secrets_of_secret(value)))
    return frozenset(found)


def _is_probably_secret(key: str, value: str) -> bool:
    if len(value) < _LEAST or value.startswith(NO_TEXT) or not is_secret_name(key):
        return False
    return _OF_PASSWORDS.search(key) is not None or _SIMPLE.fullmatch(value) is None


def _of_documents(text: str) -> Iterator[tuple[str, str]]:
    """Give the keys and texts of YAML or JSON; those of a Secret as if they were all called like one."""
    if ":" not in text or ("\n" not in text and "{" not in text):
        return
    try:
        documents = go_yaml.load_all(text, "", [])
    except InputError:
        return
    for document in documents:
        yield from _texts(document, "")


def _texts(node: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield key, node
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item, key)
    elif isinstance(node, dict):
        of_secret = node.get("kind") == "Secret"
        for name, value in node.items():
            if of_secret and name in ("data", "stringData") and isinstance(value, dict):
                for inside in value.values():
                    yield from _texts(inside, "secret")
            elif name == "value" and isinstance(node.get("name"), str):
                yield from _texts(value, node["name"])
            else:
                yield from _texts(value, name)


def _password(text: str) -> Iterator[str]:
    found = _USER_AND_PASSWORD.fullmatch(text.strip())
    if found:
        yield found[1]


def _decoded(text: str) -> str:
    """Give what a text in base64 says; empty where it is none, or holds no text."""
    try:
        decoded = base64.b64decode(text.strip(), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return decoded if decoded.strip().isprintable() else ""


def _is_mixed(text: str) -> bool:
    return any(letter.isdigit() for letter in text) and any(letter.isalpha() for letter in text)
