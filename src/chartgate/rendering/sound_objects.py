"""Which objects of Kubernetes a document holds, and what keeps it from being a sound one.

Told as the client libraries read it by which Helm, kubectl and Argo CD install: whatever has `items` is a list, and
an item takes apiVersion and kind from a typed list that names them for all.
Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/helpers.go
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from chartgate.documents.addresses import ABSENT, join
from chartgate.documents.shapes import map_of, type_words
from chartgate.documents.walking import Keys
from chartgate.model import Flaw, Manifest

A_DOCUMENT = "a document"
"""The subject of what does not even say its kind."""


_GENERATED_NAME = "metadata.generateName"


class Sorted(NamedTuple):
    """An object in a document, what is wrong there, or an object with something wrong."""

    keys: Keys
    """What leads to it in the document: nothing, or the index in a list."""
    manifest: Manifest | None
    """The object, if it is one."""
    flaw: Flaw | None


def objects(document: Any, template: str, above: Keys = ()) -> Iterator[Sorted]:
    """Give the sound objects of a document, those in lists one by one, and what is wrong with the others.

    An object whose name the API server is to make up is both: it is an object, and Helm does not manage it.
    """
    if not isinstance(document, dict):
        subject = f"{A_DOCUMENT} in {join(*above)}" if above else A_DOCUMENT
        yield Sorted(above, None, Flaw("object", template, subject, "", "a Kubernetes object", type_words(document)))
    elif "items" in document:
        yield from _items(document, template, above)
    else:
        wrong = _why_not_sound(document)
        flaw = Flaw("object", template, described(document), *wrong) if wrong else None
        is_object = wrong is None or wrong[0] == _GENERATED_NAME
        yield Sorted(above, document if is_object else None, flaw)


def described(manifest: Manifest) -> str:
    """Name an object by what it says of itself: `Secret login (v1)`."""
    kind, version = manifest.get("kind"), manifest.get("apiVersion")
    metadata = map_of(manifest.get("metadata"))
    name = metadata.get("name") or metadata.get("generateName")
    words = [str(word) for word in (kind, name) if isinstance(word, str | int | float) and word != ""]
    if not words:
        return A_DOCUMENT
    return " ".join(words) + (f" ({version})" if isinstance(version, str) else "")


def _items(document: Manifest, template: str, above: Keys) -> Iterator[Sorted]:
    found = document["items"]
    subject = described(document)
    if not found and (found is None or isinstance(found, list)):
        yield Sorted(above, None, Flaw("list", template, subject, "items", "at least one object", "nothing"))
    elif not isinstance(found, list):
        actual = type_words(found)
        yield Sorted(above, None, Flaw("object", template, subject, "items", "a list of objects", actual))
    else:
        for index, given in enumerate(found):
            yield from objects(_typed(given, document), template, (*above, "items", str(index)))


def _typed(given: Any, of: Manifest) -> Any:
    """Give an item with the apiVersion and kind of its list, a PodList, where it has neither."""
    kind = of.get("kind")
    if not isinstance(given, dict) or given.get("kind") or given.get("apiVersion") or not isinstance(kind, str):
        return given
    own = kind.removesuffix("List")
    return {"apiVersion": of.get("apiVersion"), "kind": own, **given} if own else given


def _why_not_sound(document: Manifest) -> tuple[str, Any, Any] | None:
    """Give the address, what was expected there, and what is there; None for a sound object."""
    if document.get("kind") == "List" and document.get("apiVersion") == "v1":
        return "items", "a list of objects", ABSENT
    metadata = document.get("metadata", ABSENT)
    if metadata is not ABSENT and metadata is not None and not isinstance(metadata, dict):
        return "metadata", "a map", type_words(metadata)
    given = map_of(metadata)
    for keys, value in (
        (("apiVersion",), document.get("apiVersion", ABSENT)),
        (("kind",), document.get("kind", ABSENT)),
        (("metadata", "name"), given.get("name", ABSENT)),
    ):
        if isinstance(value, str) and value:
            continue
        if keys[0] == "metadata" and not value and isinstance(given.get("generateName"), str) and given["generateName"]:
            if _is_for_argo_cd(given):
                return None
            return _GENERATED_NAME, "a metadata.name, by which Helm finds it again", given["generateName"]
        shown = value if value is ABSENT or not isinstance(value, dict | list) else type_words(value)
        return join(*keys), "a text", shown
    if given.get("generateName"):
        return _GENERATED_NAME, "either a name or a generateName", f"both, with the name {given['name']}"
    return None


def _is_for_argo_cd(metadata: Mapping[str, Any]) -> bool:
    """Tell whether this is a hook of Argo CD, which makes such an object anew at each synchronisation."""
    return bool(map_of(metadata.get("annotations")).get("argocd.argoproj.io/hook"))
