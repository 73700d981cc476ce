"""Configuration: the files inside ConfigMaps have a form that the containers which read them accept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from chartgate.documents import go_yaml
from chartgate.documents.addresses import join
from chartgate.errors import InputError
from chartgate.kubernetes.validity.bundled_schemas import misfits_of
from chartgate.model import Check, Rendering, Resource, Schemas
from chartgate.policy.checks import states
from chartgate.policy.policy import policy

from .schema import everything, fits, with_schemas

HEALTHY = """
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data:
  web.yaml: |
    listen: 8080
  web.json: '{"listen": 8080}'
"""
WEB_SCHEMA = '{"type": "object", "required": ["listen"], "properties": {"listen": {"type": "integer"}}}'
DOCUMENT_KEYS = (".yaml", ".yml", ".json")


@policy(severity="error", remediation="Quote what YAML reads otherwise, and indent with `nindent`.")
def configuration_files_parse(rendering: Rendering) -> Iterator[Check]:
    """Every .yaml, .yml and .json inside a ConfigMap is YAML or JSON, with no key twice.

    For Kubernetes it is only text; the container that reads it would crash. Text that a template indented wrongly
    ends up here.
    """
    for resource, key, _ in _files(rendering):
        problem = _parsed(resource, key)[1]
        yield states(resource, join("data", key), not problem, expected="a document", actual=problem or "a document")


@configuration_files_parse.counterexample(manifests=HEALTHY)
def a_line_is_indented_wrongly(rendering: Rendering) -> Rendering:
    return _with_file(rendering, "web.yaml", "listen: 8080\n  host: web\n")


@configuration_files_parse.counterexample(manifests=HEALTHY)
def a_key_stands_twice(rendering: Rendering) -> Rendering:
    return _with_file(rendering, "web.yaml", "listen: 8080\nlisten: 8081\n")


@configuration_files_parse.counterexample(manifests=HEALTHY)
def a_comma_too_many(rendering: Rendering) -> Rendering:
    return _with_file(rendering, "web.json", '{"listen": 8080,}')


@policy(severity="error", remediation="Correct the key at this address of the file, or the schema in the matrix.")
def configuration_files_fit_their_schema(rendering: Rendering) -> Iterator[Check]:
    """Every file inside a ConfigMap for whose key the matrix names a schema fits that schema.

    A configuration with a misspelt key installs well, and fails in the container.
    """
    for resource, key, schema in _files(rendering):
        if schema:
            for document in _parsed(resource, key)[0]:
                yield from fits(resource, misfits_of(document, schema), "the matrix", "data", key)


@configuration_files_fit_their_schema.counterexample(manifests=HEALTHY)
def a_key_is_missing(rendering: Rendering) -> Rendering:
    schemas = Schemas(keys={"web.yaml": WEB_SCHEMA})
    return _with_file(with_schemas(rendering, schemas), "web.yaml", "lisen: 8080\n")


@configuration_files_fit_their_schema.counterexample(manifests=HEALTHY)
def a_file_is_empty(rendering: Rendering) -> Rendering:
    return _with_file(with_schemas(rendering, Schemas(keys={"web.yaml": WEB_SCHEMA})), "web.yaml", "")


def _files(rendering: Rendering) -> Iterator[tuple[Resource, str, str]]:
    """Give ConfigMap and key of each configuration file, and the schema that the matrix names for it."""
    for resource in everything(rendering):
        data = resource.at("data")
        if resource.kind == "ConfigMap" and isinstance(data, dict):
            for key in data:
                if str(key).endswith(DOCUMENT_KEYS):
                    yield resource, str(key), rendering.scenario.schemas.keys.get(str(key), "")


def _parsed(resource: Resource, key: str) -> tuple[list[Any], str]:
    """Give the documents in a file, and why they cannot be read; a text of no document at all counts as a null."""
    text = resource.at(join("data", key))
    try:
        if not isinstance(text, str):
            return [], "no text"
        return [json.loads(text)] if key.endswith(".json") else go_yaml.load_all(text, key) or [None], ""
    except (InputError, ValueError) as error:
        return [], str(error)


def _with_file(rendering: Rendering, key: str, text: str) -> Rendering:
    rendering.resources.one("ConfigMap", "config").manifest["data"][key] = text
    return rendering
