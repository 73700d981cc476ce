"""References of a values.schema.json that lead out of it: they are taken out, so that nobody fetches what they name.

Helm fetches them, from any host and any file of the machine (tried with 3.17 and 4.2). A chart comes from strangers, so
helm is given a copy without them; what remains of the schema is judged as always, and a note says what is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urldefrag

from chartgate.charts.archives import packed, unpacked
from chartgate.documents.json_text import load_json
from chartgate.errors import InputError

_MARK = "not fetched: "
"""The beginning of the comment that takes the place of a reference."""
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_SCHEMA_FILE = re.compile(r"(charts/[^/]+/)*values\.schema\.json")
_ARCHIVE = re.compile(r"(charts/[^/]+/)*charts/[^/_.][^/]*\.tgz")
# What both of helm's validators carry: https://github.com/xeipuuv/gojsonschema/blob/v1.2.0/draft.go
# and https://github.com/santhosh-tekuri/jsonschema/blob/v6.0.2/draft.go
_DRAFTS = frozenset(f"://json-schema.org/draft-0{number}/schema" for number in (4, 6, 7))
_NAMED_DRAFTS = _DRAFTS | {
    "://json-schema.org/schema",
    *(f"://json-schema.org/draft/{name}/schema" for name in ("2019-09", "2020-12")),
}


def without_outward_references(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Give the files of a chart, with the schemas of it and of all its subcharts closed, packed ones too."""
    closed = {}
    for name, content in files.items():
        closed[name] = content
        try:
            if _SCHEMA_FILE.fullmatch(name):
                closed[name] = _closed_text(content)
            elif _ARCHIVE.fullmatch(name):
                inside = unpacked(content, name)
                within = without_outward_references(inside)
                closed[name] = packed(within) if within != inside else content
        except (InputError, UnicodeDecodeError):
            continue  # whoever reads the chart says what is wrong with it, by its whole name
    return closed


def references_taken_out(schema: Any) -> list[str]:
    """Give what the references led to that were taken out of a schema, each once."""
    found = (comment for comment in _comments(schema) if comment.startswith(_MARK))
    return sorted({comment.removeprefix(_MARK) for comment in found})


def _comments(value: Any) -> Iterator[str]:
    for node in _nodes(value):
        if isinstance(node, dict) and isinstance(node.get("$comment"), str):
            yield node["$comment"]


def _nodes(value: Any) -> Iterator[Any]:
    rest = [value]
    while rest:
        node = rest.pop()
        yield node
        rest += node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()


def _closed_text(content: bytes) -> bytes:
    schema = load_json(content.decode("utf-8"), "")
    root = _root_of(schema)
    found = False
    for node in _nodes(schema):
        if isinstance(node, dict):
            found |= _close(node, root, is_root=node is schema)
    return json.dumps(schema, ensure_ascii=False).encode("utf-8", "surrogatepass") if found else content


def _close(node: dict[str, Any], root: str, *, is_root: bool) -> bool:
    """Take the outward references out of one object of a schema; tell whether there was any."""
    outward = [key for key in _REFERENCES if isinstance(node.get(key), str) and not _is_inward(node[key], root)]
    # A schema's `$schema` counts where the schema has a name of its own, and at the top.
    is_named = is_root or isinstance(node.get("$id"), str) or isinstance(node.get("id"), str)
    if is_named and isinstance(node.get("$schema"), str) and not _is_carried(node["$schema"], _NAMED_DRAFTS):
        outward.append("$schema")
    if outward:
        node["$comment"] = _MARK + ", ".join(node.pop(key) for key in outward)
    return bool(outward)


def _root_of(schema: Any) -> str:
    """Give the name by which a schema may refer to itself; empty where it has none that all validators agree on."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return ""
    name = schema.get("$id")
    is_old = "draft-04" in str(schema.get("$schema", ""))
    return urldefrag(name).url if isinstance(name, str) and not is_old and "://" in name else ""


def _is_inward(reference: str, root: str) -> bool:
    """Tell whether a reference stays in its file: `#/...`, the file by its own name, or a draft that helm carries.

    A URN is left to helm: no version of it looks one up.
    """
    url = urldefrag(reference).url
    return not url or url == root or _is_carried(url, _DRAFTS) or url.lower().startswith("urn:")


def _is_carried(url: str, drafts: frozenset[str]) -> bool:
    scheme, separator, rest = urldefrag(url).url.partition("://")
    return scheme in ("http", "https") and separator + rest in drafts
