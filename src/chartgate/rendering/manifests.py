"""From helm's text to resources: nothing is lost on the way, and each knows its template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from chartgate.documents import go_yaml
from chartgate.documents.addresses import lookup
from chartgate.errors import InputError
from chartgate.kubernetes.validity.scopes import CLUSTER_SCOPED
from chartgate.model import Resource, Resources

_SOURCE = re.compile(r"^---\n# Source: (?P<template>.+)\n", re.MULTILINE)


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


def parse(text: str, release_namespace: str) -> Resources:
    """Give the resources of a rendering in helm's order; the items of list kinds count as resources.

    Raises:
        InputError: a document is not YAML, not a map, or without apiVersion, kind or name.
            The message names the template.
    """
    found: list[tuple[dict[str, Any], str]] = []
    for template, document_text in split(text):
        for document in go_yaml.load_all(document_text, template):
            if document is not None:
                found += ((manifest, template) for manifest in _objects(document, template))
    defined = {
        (str(lookup(crd, "spec.group")), str(lookup(crd, "spec.names.kind"))): lookup(crd, "spec.scope") == "Cluster"
        for crd, _ in found
        if crd["kind"] == "CustomResourceDefinition"
    }
    return Resources(
        Resource(manifest, template, "" if _is_cluster_scoped(manifest, defined) else release_namespace)
        for manifest, template in found
    )


def _is_cluster_scoped(manifest: Mapping[str, Any], defined: Mapping[tuple[str, str], bool]) -> bool:
    group, kind = manifest["apiVersion"].rpartition("/")[0], manifest["kind"]
    return defined.get((group, kind), (group, kind) in CLUSTER_SCOPED)


def _objects(document: Any, template: str) -> Iterator[dict[str, Any]]:
    if not isinstance(document, dict):
        raise InputError(f"{template}: a document is {type(document).__name__}, not a Kubernetes object")
    kind = document.get("kind")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(document.get("items"), list):
        for item in document["items"]:
            yield from _objects(item, template)
        return
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    for key, value in (("apiVersion", document.get("apiVersion")), ("kind", kind), ("metadata.name", name)):
        if not isinstance(value, str) or not value:
            raise InputError(f"{template}: an object (kind {kind!r}, name {name!r}) has no {key}")
    yield document
