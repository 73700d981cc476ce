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

from chartgate.charts.reading.archives import packed, unpacked
from chartgate.documents.json_documents.json_text import load_json
from chartgate.documents.shapes import map_of
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
    for node, _ in _nodes(value):
        if isinstance(node, dict) and isinstance(node.get("$comment"), str):
            yield node["$comment"]


def _nodes(value: Any) -> Iterator[tuple[Any, bool]]:
    """Give all that is in a schema, and whether it is inside of a part with a name of its own, by which it refers."""
    rest = [(value, False)]
    while rest:
        node, is_inside = rest.pop()
        yield node, is_inside
        is_inside = is_inside or (node is not value and isinstance(node, dict) and _is_named(node))
        inside = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        rest += ((item, is_inside) for item in inside)


def _is_named(node: Mapping[str, Any]) -> bool:
    return isinstance(node.get("$id"), str) or isinstance(node.get("id"), str)


def _closed_text(content: bytes) -> bytes:
    schema = load_json(content.decode("utf-8"), "")
    absolute, relative = _names_in(schema)
    found = False
    for node, is_inside in _nodes(schema):
        if isinstance(node, dict):
            names = absolute if is_inside else absolute | relative
            found |= _close(node, names, is_root=node is schema)
    return json.dumps(schema, ensure_ascii=False).encode("utf-8", "surrogatepass") if found else content


def _close(node: dict[str, Any], names: frozenset[str], *, is_root: bool) -> bool:
    """Take the outward references out of one object of a schema; tell whether there was any."""
    outward = [key for key in _REFERENCES if isinstance(node.get(key), str) and not _is_inward(node[key], names)]
    # A schema's `$schema` counts where the schema has a name of its own, and at the top.
    if (
        (is_root or _is_named(node))
        and isinstance(node.get("$schema"), str)
        and not _is_carried(node["$schema"], _NAMED_DRAFTS)
    ):
        outward.append("$schema")
    if outward:
        node["$comment"] = _MARK + ", ".join(node.pop(key) for key in outward)
    return bool(outward)


def _names_in(schema: Any) -> tuple[frozenset[str], frozenset[str]]:
    """Give the names by which a schema may refer to itself and to its definitions: whole URLs, and relative ones.

    Those of `definitions` at the top, and of `$defs` where the draft has that, and only as they are written there: both
    helms find these in the file; of any other, one of them fetches it (tried).
    """
    draft = str(map_of(schema).get("$schema", ""))
    places = () if "draft-04" in draft else ("definitions",) if "draft-0" in draft else ("definitions", "$defs")
    parts = (part for place in places for part in map_of(map_of(schema).get(place)).values())
    named = (part for part in parts if isinstance(part, dict) and "$ref" not in part)
    inside = {part["$id"] for part in named if isinstance(part.get("$id"), str)}
    absolute = {name for name in inside if "://" in name} | {_root_of(schema)}
    relative = {name for name in inside - absolute if not name.startswith(("#", "/"))}
    return frozenset(absolute - {""}), frozenset(relative - {""})


def _root_of(schema: Any) -> str:
    """Give the name by which a schema may refer to itself; empty where it has none that all validators agree on."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return ""
    name = schema.get("$id")
    is_old = "draft-04" in str(schema.get("$schema", ""))
    return urldefrag(name).url if isinstance(name, str) and not is_old and "://" in name else ""


def _is_inward(reference: str, names: frozenset[str]) -> bool:
    """Tell whether a reference stays in its file: `#/...`, a name that is in it, or a draft that helm carries.

    A URN is left to helm: no version of it looks one up.
    """
    url = urldefrag(reference).url
    return not url or url in names or _is_carried(url, _DRAFTS) or url.lower().startswith("urn:")


def _is_carried(url: str, drafts: frozenset[str]) -> bool:
    scheme, separator, rest = urldefrag(url).url.partition("://")
    return scheme in ("http", "https") and separator + rest in drafts
