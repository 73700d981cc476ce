"""What templates print, put together as `helm template` does: cut into documents, hooks apart, in the order of kinds.

Source: https://github.com/helm/helm/blob/v4.2.3/pkg/release/v1/util/manifest_sorter.go, manifest.go and kind_sorter.go
there, pkg/action/action.go (renderResources) and pkg/cmd/template.go.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chartgate.documents.recent_results import RecentOfTexts
from chartgate.errors import InputError
from chartgate.kubernetes.changes.install_order import KIND_ORDER
from chartgate.kubernetes.changes.lifecycle import HOOK_EVENTS
from chartgate.rendering.read_documents import documents_of

_PLACES = {kind: place for place, kind in enumerate(KIND_ORDER)}

_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
_SPACE += "\u205f\u3000"
"""https://pkg.go.dev/unicode#IsSpace"""
_NARROW = "\t\n\f\r "
"""What `\\s` is to Go's regular expressions."""
_SEPARATOR = re.compile(rf"(?:\A|\n)---[{_NARROW}]*+")


class Unlike(Exception):
    """Helm refuses these, or may read them in another way than is done here."""


class _PartOfManifest(NamedTuple):
    """One document, as helm writes it."""

    document: str
    place: tuple[int, str]
    """What helm sorts by: the kind's place in its list, and of other kinds the name."""
    is_hook: bool


def put_together(printed: Mapping[str, str], crds: Sequence[tuple[str, str]]) -> str:
    """Give what `helm template --include-crds` writes of what the templates print.

    Args:
        printed: the text of each template but for notes, by its name.
        crds: the files of crds/, with their names.

    Raises:
        Unlike: only helm itself knows.
    """
    _parts.make_room(printed.values())
    names = sorted(name for name in printed if not posixpath.basename(name).startswith("_"))
    found = [part for name in names for part in _parts(printed[name], name)]
    found.sort(key=lambda part: part.place)
    plain = [_document(name, text) for name, text in crds]
    plain += [part.document for part in found if not part.is_hook]
    hooks = [part.document for part in found if part.is_hook]
    return "".join(["".join(plain).strip(_SPACE), "\n", *hooks])


def documents(text: str) -> list[str]:
    """Cut what a template prints into its documents; those of white space alone are left out."""
    *others, last = _SEPARATOR.split(text.lstrip(_SPACE))
    return [
        piece.lstrip(_SPACE) for piece in (*(other.rstrip(_NARROW) for other in others), last) if piece.strip(_SPACE)
    ]


def _document(name: str, text: str) -> str:
    return f"---\n# Source: {name}\n{text}\n"


def _parts_of(printed: str, name: str) -> tuple[_PartOfManifest, ...]:
    return tuple(_part(text, name) for text in documents(printed))


_parts = RecentOfTexts(_parts_of)
"""The same templates print the same in scenario after scenario."""


def _part(text: str, name: str) -> _PartOfManifest:
    """Read what decides the place of a document, as strictly as Go reads it into its types."""
    try:
        loaded, _ = documents_of(f"{text}\n", name)  # with the end that it has in what helm writes
    except InputError as error:
        raise Unlike(str(error)) from error
    if len(loaded) > 1:
        raise Unlike(f"{name}: more than one document")
    whole = _map(loaded[0] if loaded else None)
    metadata = _map(_value(whole, "metadata"))
    _text(_value(whole, "apiVersion"))
    _text(_value(metadata, "name"))
    annotations = {key: _text(value) for key, value in _map(_value(metadata, "annotations")).items()}
    hook = annotations.get("helm.sh/hook")
    # Helm leaves such a document out, and says so.
    if hook is not None and not HOOK_EVENTS.issuperset(event.strip(_SPACE).lower() for event in hook.split(",")):
        raise Unlike(f"{name}: a hook of an event that is none")
    kind = _text(_value(whole, "kind"))
    if kind != kind.strip():
        raise Unlike(f"{name}: a kind that may have another end here")
    place = _PLACES.get(kind)
    return _PartOfManifest(
        _document(name, text), (len(KIND_ORDER), kind) if place is None else (place, ""), hook is not None
    )


def _map(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise Unlike("no map")
    return value


def _value(value: Mapping[str, Any], key: str) -> Any:
    """Give what is below a key; Go also takes one whose letters are of the other case."""
    if any(other != key and other.lower() == key.lower() for other in value):
        raise Unlike(f"another way to write {key}")
    return value.get(key)


def _text(value: Any) -> str:
    if value is not None and not isinstance(value, str):
        raise Unlike("no text")
    return value or ""
