"""The placeholders `<path:SECRET#KEY>` of argocd-vault-plugin, and the documents of the secrets that they name.

Source: https://argocd-vault-plugin.readthedocs.io/en/stable/howitworks/
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartgate.documents.addresses import join
from chartgate.documents.json_documents.json_text import load_json
from chartgate.documents.walking import strings
from chartgate.errors import InputError
from chartgate.system.answers import is_file
from chartgate.system.files import read_text

# After the key there may be a version of the secret, and then modifiers: `<path:a#b#2 | base64encode>`.
_PLACEHOLDER = re.compile(r"<\s*path:([^#<>]+)#([^#<>|]+)(?:#[^#<>|]*)?(?:\|[^<>]*)?>")
_BEGINNING = re.compile(r"<\s*path:[^<>]*>?")


@dataclass(frozen=True)
class Placeholder:
    """One of them, and the address of the value that holds it; `key` is empty where its form is not usable."""

    address: str
    secret: str
    key: str
    text: str


@dataclass(frozen=True)
class Payload:
    """The documented content of a secret; its values must not be shown, so only the keys are kept."""

    file: Path
    keys: tuple[str, ...]


def placeholders(document: Any) -> Iterator[Placeholder]:
    """Give every placeholder in the texts of a document of maps and lists, its keys included."""
    for keys, text in strings(document):
        for found in _BEGINNING.finditer(text):
            whole = _PLACEHOLDER.fullmatch(found[0])
            secret, key = (whole[1].strip(), whole[2].strip()) if whole else ("", "")
            yield Placeholder(join(*keys), secret, key, found[0])


def payloads(infrastructure: Path, secrets: Collection[str], given: Sequence[str]) -> dict[str, Payload]:
    """Find the documents of these secrets: those that are given (`FILE`, `SECRET=FILE`), else those beside the file.

    There, `SECRET.json` is sought, and in a folder `np-hub` also `secret-4.json` for the secret `np-hub-secret-4`.

    Raises:
        InputError: no document is there at all, one cannot be read or used, or it is not said for which secret it is.
    """
    found = {}
    for option in given:
        secret, equals, name = option.rpartition("=")
        if not equals:
            if len(secrets) != 1:
                several = ", ".join(sorted(secrets)) or "none"
                raise InputError(
                    f"--secret-payload={option}: say for which secret, with --secret-payload=SECRET=FILE; the values"
                    f" name {several}"
                )
            [secret] = secrets
        found[secret] = read_payload(Path(name))
    if given:
        return found
    sought = {secret: list(_beside(infrastructure, secret)) for secret in sorted(secrets)}
    found = {
        secret: read_payload(next(file for file in files if is_file(file)))
        for secret, files in sought.items()
        if any(is_file(file) for file in files)
    }
    if sought and not found:
        files = ", ".join(str(file) for files in sought.values() for file in files)
        raise InputError(
            f"{infrastructure}: the values name the secret {', '.join(sought)}, and no document of its keys is there"
            f" ({files}): name it with --secret-payload=FILE"
        )
    return found


def read_payload(file: Path) -> Payload:
    """Read the JSON document of a secret.

    Raises:
        InputError: it cannot be read, or is not an object of texts, each key once.
    """
    pairs = load_json(read_text(file, f"{file}: the secret's document"), str(file), _Pairs)
    if not isinstance(pairs, _Pairs):
        raise InputError(f"{file}: expected a JSON object of the secret's keys")
    keys: set[str] = set()
    for key, value in pairs:
        if key in keys:
            raise InputError(f"{file}: the key {key!r} is there twice")
        if not isinstance(value, str):
            raise InputError(f"{file}: the value of {key!r} is not a text, as a secret's values are")
        keys.add(key)
    return Payload(file, tuple(key for key, _ in pairs))


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as it is written."""


def _beside(infrastructure: Path, secret: str) -> Iterator[Path]:
    name = secret.rpartition("/")[2]
    yield infrastructure.parent / f"{name}.json"
    cluster = f"{infrastructure.resolve().parent.name}-"
    if name.startswith(cluster):
        yield infrastructure.parent / f"{name.removeprefix(cluster)}.json"
