"""From helm's text to resources: nothing is lost on the way, and each knows its template."""

from __future__ import annotations

import copy
import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from chartgate.documents.addresses import join, lookup
from chartgate.documents.recent_results import LEAST, RENDERINGS, RecentOfTexts, RecentResults
from chartgate.documents.very_objects import TheVery
from chartgate.documents.yaml_texts.repeated_keys import Repetition, repetitions
from chartgate.errors import InputError
from chartgate.kubernetes.validity.scopes import CLUSTER_SCOPED
from chartgate.model import Flaw, Manifest, Resource, Resources
from chartgate.rendering.read_documents import documents_of
from chartgate.rendering.sound_objects import A_DOCUMENT, Sorted, described, objects

_SOURCE = re.compile(r"^---\n# Source: (?P<template>.+)\n", re.MULTILINE)
_NEXT_DOCUMENT = re.compile(r"^(?=---)", re.MULTILINE)


def split(text: str) -> list[tuple[str, str]]:
    """Cut helm's output at its `# Source:` headers: pairs of template and document text, empty texts too.

    Raises:
        InputError: there is text in front of the first header, so it is not what `helm template` writes.
    """
    headers = list(_SOURCE.finditer(text))
    lead = text[: headers[0].start()] if headers else text
    if lead.strip():
        raise InputError(f"helm wrote something that is not a manifest: {lead.strip().splitlines()[0]!r}")
    ends = [header.start() for header in headers[1:]] + [len(text)] * bool(headers)
    return [(header["template"], text[header.end() : end]) for header, end in zip(headers, ends, strict=True)]


def read_output(text: str, release_namespace: str) -> tuple[Resources, tuple[Flaw, ...]]:
    """Give the resources of a rendering in helm's order, and what is no sound object, or is one with a flaw.

    The items of lists count as resources. What is the same in several renderings is one object in all of them, so that
    nobody may change it.

    Raises:
        InputError: as for `split`.
    """
    found: list[tuple[Sorted, str]] = []
    flaws: list[Flaw] = []
    repeated: list[tuple[Repetition, Sequence[Sorted], Any, str]] = []
    pieces = split(text)
    for remembered in (documents_of, _piece):
        remembered.make_room([piece for _, piece in pieces])
    _resource.make_room(RENDERINGS * len(pieces))
    for template, piece in pieces:
        read = _piece(piece, template)
        flaws += read.flaws
        for one in read.documents:
            found += ((each, template) for each in one.inside)
            repeated += ((repetition, one.inside, one.document, template) for repetition in one.repeated)
    resources = _resources([(each.manifest, template) for each, template in found if each.manifest], release_namespace)
    named = {id(r.manifest): str(r.identity) for r in resources} if repeated or any(e.flaw for e, _ in found) else {}
    for each, _ in found:
        if each.flaw:
            flaws.append(dataclasses.replace(each.flaw, subject=named.get(id(each.manifest), each.flaw.subject)))
    flaws += (_repeated(*each, named) for each in repeated)
    return resources, tuple(flaws)


def parse(text: str, release_namespace: str) -> Resources:
    """Give the resources of manifests that must be sound: those that a policy starts from, say. They may be changed.

    Raises:
        InputError: as for `split`, or there is a flaw; the message names the template.
    """
    resources, flaws = read_output(text, release_namespace)
    for flaw in flaws:
        place = " ".join(filter(None, (flaw.subject, flaw.address)))
        raise InputError(f"{flaw.template}: {place}: expected {flaw.expected}, found {flaw.actual}")
    return copy.deepcopy(resources)


class _ReadDocument(NamedTuple):
    document: Any
    inside: tuple[Sorted, ...]
    """The objects in it, and what is none."""
    repeated: tuple[Repetition, ...]


class _ReadPiece(NamedTuple):
    """What is in a piece of output, which is the same in many renderings."""

    documents: tuple[_ReadDocument, ...]
    flaws: tuple[Flaw, ...]


def _read_piece(piece: str, template: str) -> _ReadPiece:
    found, flaws = [], list[Flaw]()
    for documents, doubled in _documents(piece, template, flaws):
        for number, document in enumerate(documents):
            inside = tuple(objects(document, template)) if document is not None else ()
            repeated = tuple(one for one in doubled if one.document == number)
            found.append(_ReadDocument(document, inside, repeated))
    return _ReadPiece(tuple(found), tuple(flaws))


_piece = RecentOfTexts(_read_piece)


def _documents(piece: str, template: str, flaws: list[Flaw]) -> Iterator[tuple[Sequence[Any], list[Repetition]]]:
    """Give the documents of a piece of output, together with the keys that one of them has twice.

    One that cannot be read is a flaw, and costs none of the others. Helm itself refuses most of those; it prints what
    is in crds/ as it is.
    """
    kept, lost = _read_part(piece)
    try:
        documents, repeats = documents_of(kept, template)
    except InputError as error:
        texts = _apart(kept)
        if len(texts) > 1:
            for text in texts:
                yield from _documents(text, template, flaws)
            return
        undecoded = _UNDECODED.search(kept)
        line = kept.count("\n", 0, undecoded.start()) + 1 if undecoded else getattr(error, "line", 0)
        words = _words_of(error, template) if undecoded is None else _encoding_of(undecoded, line)
        flaws.append(Flaw("object", template, A_DOCUMENT, "", "YAML in UTF-8" if undecoded else "YAML", words, line))
        return
    if lost:
        actual = f"more behind a `...`, in line {lost}, which nothing reads"
        subject = described(documents[0]) if documents and isinstance(documents[0], dict) else A_DOCUMENT
        flaws.append(Flaw("object", template, subject, "", "one document", actual, lost))
    yield documents, repetitions(kept, repeats)


_UNDECODED = re.compile("[\udc80-\udcff]+")
"""Bytes that are not UTF-8, as `surrogateescape` keeps them."""
_MARKS = ("\udcff\udcfe", "\udcfe\udcff")


def _encoding_of(undecoded: re.Match[str], line: int) -> str:
    if undecoded[0].startswith(_MARKS):
        return f"UTF-16, by the mark in line {line}: save the template as UTF-8"
    return f"bytes of another encoding, in line {line}: save the template as UTF-8"


def _resource_of(manifest: TheVery[Manifest], template: str, default_namespace: str) -> Resource:
    """Give the one resource that all renderings share in which it is the same."""
    resource = Resource(manifest.it, template, default_namespace)
    resource.settle()
    return resource


_resource = RecentResults(_resource_of, LEAST)


def _read_part(piece: str) -> tuple[str, int]:
    """Empty the lines that go-yaml does not read, behind the `...` that ends a document, and give the first of them."""
    if "\n..." not in piece:
        return piece, 0
    lines, lost, is_over = piece.split("\n"), 0, False
    for number, line in enumerate(lines):
        if line.startswith(("---", "%")):
            is_over = False
        elif line.split("#")[0].rstrip() == "...":
            is_over = True
        elif is_over and line.strip() and not line.startswith("#"):
            lines[number], lost = "", lost or number + 1
    return "\n".join(lines), lost


def _apart(piece: str) -> list[str]:
    """Cut a stream into its documents, each in front of it as many empty lines as were there of the others."""
    found, lines = [], 0
    for text in _NEXT_DOCUMENT.split(piece):
        if text.strip().strip("-"):
            found.append("\n" * lines + text)
        lines += text.count("\n")
    return found


def _words_of(error: InputError, template: str) -> str:
    return str(error).removeprefix(f"{template}: ")


def _resources(parts: Sequence[tuple[Manifest, str]], release_namespace: str) -> Resources:
    defined = {
        (str(lookup(crd, "spec.group")), str(lookup(crd, "spec.names.kind"))): lookup(crd, "spec.scope") == "Cluster"
        for crd, _ in parts
        if crd["kind"] == "CustomResourceDefinition"
    }
    return Resources(
        _resource(TheVery(manifest), template, "" if _is_cluster_scoped(manifest, defined) else release_namespace)
        for manifest, template in parts
    )


def _is_cluster_scoped(manifest: Mapping[str, Any], defined: Mapping[tuple[str, str], bool]) -> bool:
    group, kind = manifest["apiVersion"].rpartition("/")[0], manifest["kind"]
    return defined.get((group, kind), (group, kind) in CLUSTER_SCOPED)


def _repeated(
    repetition: Repetition, inside: Sequence[Sorted], document: Any, template: str, named: Mapping[int, str]
) -> Flaw:
    """Say of a key that it is there more than once: in which object, and in which lines of the rendered document."""
    keys, lines = repetition.keys, repetition.lines
    subject = described(document) if isinstance(document, dict) else A_DOCUMENT
    for each in inside:
        if id(each.manifest) in named and keys[: len(each.keys)] == each.keys:
            subject, keys = named[id(each.manifest)], keys[len(each.keys) :]
            break
    times = {1: "once more", 2: "twice"}.get(len(lines), f"{len(lines)} times")
    *first, last = map(str, lines)
    places = f"lines {', '.join(first)} and {last}" if first else f"line {last}"
    actual = f"{times}, in {places} of the rendered document: the last one counts"
    return Flaw("key", template, subject, join(*keys), "once", actual, lines[-1])
