"""Configuration: the files inside ConfigMaps have a form that the containers which read them accept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from chartgate.documents.json_documents.json_text import load_json
from chartgate.documents.places import Place
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.kubernetes.validity.bundled_schemas import misfits_of
from chartgate.model import Check, Rendering, Resource, Schemas
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy
from chartgate.policy.subjects import each

from ..api_server.schema import fits, with_schemas

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


@policy(
    judges=each("ConfigMap"),
    severity="error",
    remediation="Quote what YAML reads otherwise, and indent with `nindent`.",
)
def configuration_files_parse(config: Resource) -> Iterator[Check]:
    """Every .yaml, .yml and .json inside a ConfigMap is YAML or JSON, with no key twice.

    For Kubernetes it is only text; the container that reads it would crash. Text that a template indented wrongly
    ends up here, and so does one that it made YAML once more, which then begins with `|`. One in which a program has
    to fill in something first, `{{ .Env.HOST }}`, is left alone, and so is an empty one.
    Source: https://github.com/bat-bs/helm-charts/issues/67
    """
    for key, file in _files(config):
        is_open = "{{" in file.text or not file.text.strip()
        problem = "" if is_open else _parsed(key, file)[1]
        yield states(file, not problem, expected="a document", actual=problem or "a document")


configuration_files_parse.breaks(
    manifests=HEALTHY,
    a_line_is_indented_wrongly=put("ConfigMap config", "data[web.yaml]", "listen: 8080\n  host: web\n"),
    a_key_is_written_twice=put("ConfigMap config", "data[web.yaml]", "listen: 8080\nlisten: 8081\n"),
    it_is_yaml_inside_a_text=put("ConfigMap config", "data[web.yaml]", "|\n  listen: 8080\n  host: web\n"),
    a_comma_too_many=put("ConfigMap config", "data[web.json]", '{"listen": 8080,}'),
)


@policy(severity="error", remediation="Correct the key at this address of the file, or the schema in the matrix.")
def configuration_files_fit_their_schema(rendering: Rendering) -> Iterator[Check]:
    """Every file inside a ConfigMap for whose key the matrix names a schema fits that schema.

    A configuration with a misspelt key installs well, and fails in the container.
    """
    schemas = rendering.scenario.declared.schemas.keys
    for config in rendering.forms.of_kind("ConfigMap"):
        for key, file in _files(config):
            for document in _parsed(key, file)[0] if key in schemas else ():
                content = Place(config, file.address, document)
                yield from fits(content, misfits_of(document, schemas[key]), "the matrix")


_OF_A_SCHEMA = with_schemas(Schemas(keys={"web.yaml": WEB_SCHEMA}))
configuration_files_fit_their_schema.breaks(
    manifests=HEALTHY,
    a_key_is_missing=(put("ConfigMap config", "data[web.yaml]", "lisen: 8080\n"), _OF_A_SCHEMA),
    a_file_is_empty=(put("ConfigMap config", "data[web.yaml]", ""), _OF_A_SCHEMA),
)


_COMMENT = re.compile(r"^[ \t]*+//.*+$", re.MULTILINE)
"""A line that JSON does not have, and that many programs skip."""


def _files(config: Resource) -> Iterator[tuple[str, Place[Resource]]]:
    """Give the configuration files in a ConfigMap, each with its key."""
    return ((key, file) for key, file in (config / "data").entries() if key.endswith(DOCUMENT_KEYS))


def _parsed(key: str, file: Place[Resource]) -> tuple[list[Any], str]:
    """Give the documents in a file, and why they cannot be read; a text without a document counts as a null."""
    text = file.value
    try:
        if not isinstance(text, str):
            return [], "not a text"
        documents = (
            [load_json(_COMMENT.sub("", text), key)] if key.endswith(".json") else go_yaml.load_all(text, key) or [None]
        )
        is_text = any(isinstance(document, str) and "\n" in document for document in documents)
        return documents, "a text of several lines, and no map or list" if is_text else ""
    except InputError as error:
        return [], str(error)
