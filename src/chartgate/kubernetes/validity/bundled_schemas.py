"""What the API servers of Kubernetes accept: a manifest and a schema in, errors out; answers are cached.

The schemas of Kubernetes are those that the package kubernetes-validate carries: one file for each minor version, made
from its OpenAPI description, in the strict form that refuses unknown fields, as `kubectl apply --validate=strict` does.
Source: https://github.com/willthames/kubernetes-validate
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import jsonschema
import kubernetes_validate
from jsonschema.protocols import Validator

from chartgate.documents.json_documents.equality import canonical
from chartgate.documents.json_documents.go_patterns import is_readable
from chartgate.documents.json_documents.json_schemas import names_key, with_go_patterns
from chartgate.documents.json_documents.plain_schemas import PlainSchemas
from chartgate.documents.places import Place
from chartgate.documents.shapes import json_type
from chartgate.documents.words import cut, near
from chartgate.kubernetes.contents import decoded
from chartgate.model import Resource

_BUNDLE = files(kubernetes_validate) / "kubernetes-json-schema"
_FOLDER = re.compile(r"v(\d+)\.(\d+)\.0-local-strict")
_RANGES = {"int32": 2**31, "int64": 2**63}
_FORMAT_WORDS = {
    "byte": "base64",
    "int32": "a number of 32 bits",
    "int64": "a number of 64 bits",
    "regex": "a regular expression",
}
"""The formats that are checked, in the words of messages."""
_NOT_DEMANDED = {"io.k8s.api.apps.v1.StatefulSetSpec": ("serviceName",)}
"""What old schemas require, and the API server never did: https://github.com/kubernetes/kubernetes/pull/130233."""
_MOST = 5
"""The most errors that are given for one document."""


class SchemaError(NamedTuple):
    """What does not fit, and where."""

    address: str
    problem: str
    unknown: tuple[str, ...] = ()
    """The fields that the schema does not have, where it is of such; the address is that of a single one."""


@cache
def bundled_versions() -> tuple[str, ...]:
    """Give the minor versions of Kubernetes whose schemas are here (`1.31`), the oldest first."""
    found = [_FOLDER.fullmatch(folder.name) for folder in _BUNDLE.iterdir()]
    return tuple(f"{major}.{minor}" for major, minor in sorted((int(f[1]), int(f[2])) for f in found if f))


def is_known(api_version: str, kind: str, version: str) -> bool:
    """Tell whether this version of Kubernetes itself serves the kind."""
    return (api_version, kind) in _kinds(version)


def definition_of(api_version: str, kind: str, version: str) -> str:
    """Give the name of the definition of a kind in a version of Kubernetes; empty where it does not know the kind."""
    return _kinds(version).get((api_version, kind), "")


@cache
def is_of_kubernetes(api_version: str) -> bool:
    """Tell whether a group is one of Kubernetes itself, whatever its version: other groups are somebody else's."""
    group = api_version.rpartition("/")[0]
    return "." not in group or any(
        group == name.rpartition("/")[0] for v in bundled_versions() for name, _ in _kinds(v)
    )


def kinds_of(api_version: str) -> set[str]:
    """Give the kinds of an apiVersion in the newest version of Kubernetes whose schemas are here."""
    return {kind for name, kind in _kinds(bundled_versions()[-1]) if name == api_version}


def api_versions_of(kind: str) -> list[str]:
    """Give `apiVersion kind` for each that has it in the newest version of Kubernetes whose schemas are here."""
    return [f"{name} {kind}" for name, found in _kinds(bundled_versions()[-1]) if found == kind]


def misfits(manifest: Mapping[str, Any], version: str) -> tuple[SchemaError, ...]:
    """Give what this version of Kubernetes refuses in a manifest of one of its own kinds.

    Raises:
        KeyError: it does not know the kind.
    """
    definition = _kinds(version)[manifest["apiVersion"], manifest["kind"]]
    if _plain(version).fits(manifest, definition):
        return ()
    return _judged(canonical(manifest), version, definition)


def newest_misfits(resource: Resource) -> tuple[SchemaError, ...]:
    """Give what the newest version of Kubernetes refuses in an object; of a kind that it does not know, in metadata."""
    version = bundled_versions()[-1]
    known = is_known(str(resource.manifest.get("apiVersion", "")), resource.kind, version)
    alone = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": resource.manifest.get("metadata")}
    return misfits(resource.manifest if known else alone, version)


def misfits_of(document: Any, schema: str) -> tuple[SchemaError, ...]:
    """Give what does not fit in a document, by the text of a JSON schema."""
    return _judged(canonical(document), schema, "")


@cache
def _judged(document: str, schema: str, definition: str) -> tuple[SchemaError, ...]:
    validator = _bundled_validator(schema, definition) if definition else _validator(schema)
    content = json.loads(document)
    found = sorted(validator.iter_errors(content), key=lambda error: [str(step) for step in error.absolute_path])
    return tuple(_schema_error(content, error) for error in found[:_MOST])


def _schema_error(content: Any, error: jsonschema.ValidationError) -> SchemaError:
    """Say what is wrong and where: of one field that the schema does not have, where that is, and what is near."""
    schema, instance = error.schema, error.instance
    is_of_fields = error.validator == "additionalProperties" and error.validator_value is False
    if not (is_of_fields and isinstance(schema, dict) and isinstance(instance, dict)):
        return SchemaError(_address(content, error.absolute_path), _problem(error))
    unknown = tuple(sorted(str(key) for key in instance if not names_key(schema, str(key))))
    if len(unknown) > 1:
        problem = f"fields that the schema does not have: {', '.join(unknown)}"
        return SchemaError(_address(content, error.absolute_path), problem, unknown)
    hint = "".join(f"; near: {other}" for other in near(unknown[0], sorted(schema.get("properties") or ()), most=1))
    address = _address(content, [*error.absolute_path, *unknown])
    return SchemaError(address, f"a field that the schema does not have{hint}", unknown)


def _address(content: Any, path: Iterable[str | int]) -> str:
    """Give the address of what keys and indexes lead to."""
    place = Place(None, "", content)
    for step in path:
        place = list(place)[step] if isinstance(step, int) else place / step
    return place.address


def _problem(error: jsonschema.ValidationError) -> str:
    """Say what is wrong, without the value where the value may be a secret or a page long."""
    if error.validator == "type":
        return f"{json_type(error.instance)}, where the schema has {_words(error.validator_value)}"
    if error.validator in ("anyOf", "oneOf"):
        return f"{json_type(error.instance)}, which is not among what the schema allows"
    if error.validator == "format":
        return f"not {_FORMAT_WORDS[str(error.validator_value)]}"
    return cut(error.message, 300)


def _words(types: Any) -> str:
    return " or ".join(t for t in ([types] if isinstance(types, str) else types) if t != "null")


@cache
def definitions(version: str) -> dict[str, Any]:
    """Give the schemas of everything that a version of Kubernetes knows, by name."""
    text = (_BUNDLE / f"v{version}.0-local-strict" / "_definitions.json").read_text("utf-8")
    # A null fits both halves of "integer or string", and `oneOf` would refuse what the API server takes.
    definitions: dict[str, Any] = json.loads(re.sub(r'"oneOf":(?=\s*\[)', '"anyOf":', text))["$defs"]
    for name, fields in _NOT_DEMANDED.items():
        if name in definitions:
            definitions[name]["required"] = [f for f in definitions[name].get("required", []) if f not in fields]
    return definitions


@cache
def _kinds(version: str) -> dict[tuple[str, str], str]:
    """Give the name of the definition for each apiVersion and kind that may be in a manifest."""
    return {
        ("/".join(filter(None, (served["group"], served["version"]))), served["kind"]): name
        for name, definition in definitions(version).items()
        for served in definition.get("x-kubernetes-group-version-kind", [])
        # Options of requests (DeleteOptions) are served everywhere and are not objects.
        if "metadata" in definition.get("properties", {})
    }


@cache
def _plain(version: str) -> PlainSchemas:
    return PlainSchemas(definitions(version), {name: check for name, (check, _) in _FORMATS.checkers.items()})


@cache
def _bundled_validator(version: str, definition: str) -> jsonschema.Draft202012Validator:
    schema = {"$defs": definitions(version), "$ref": f"#/$defs/{definition}"}
    return jsonschema.Draft202012Validator(schema, format_checker=_FORMATS)


@cache
def _validator(schema: str) -> Validator:
    return with_go_patterns(jsonschema.Draft202012Validator)(json.loads(schema), format_checker=_FORMATS)


def _is_base64(value: object) -> bool:
    """Tell whether a text is base64; what is not a text is for its type to refuse."""
    if not isinstance(value, str):
        return True
    try:
        decoded(value)
    except ValueError:
        return False
    return True


def _formats() -> jsonschema.FormatChecker:
    checker = jsonschema.FormatChecker(formats=())
    checker.checks("regex")(is_readable)
    checker.checks("byte")(_is_base64)
    for name, limit in _RANGES.items():
        checker.checks(name)(lambda value, limit=limit: not isinstance(value, int) or -limit <= value < limit)
    return checker


_FORMATS = _formats()
