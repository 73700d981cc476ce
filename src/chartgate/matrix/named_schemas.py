"""The JSON schemas that a matrix names, read with it: a broken one is an error of the matrix."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import jsonschema

from chartgate.documents.json_documents.json_schemas import GO_FORMATS
from chartgate.documents.json_documents.json_text import load_json
from chartgate.documents.yaml_texts import go_yaml
from chartgate.errors import InputError
from chartgate.kubernetes.validity.crd_schemas import crd_schema
from chartgate.matrix.file import MatrixFile
from chartgate.model import Resource, Schemas
from chartgate.system.answers import ask
from chartgate.system.files import read_text

_YAML = (".yaml", ".yml", ".json")


def read_schemas(file: MatrixFile) -> Schemas:
    """Read every schema that the matrix names.

    Raises:
        InputError: one cannot be read, or is not a JSON schema; the message names the line of the matrix.
    """
    named = file.content.schemas
    defined = {what: schema for name in named.crds for what, schema in _of_definitions(file, name)}
    return Schemas(
        kinds=defined | {what: _schema(file, "kinds", what, name) for what, name in named.kinds.items()},
        unjudged=named.unjudged,
        keys={what: _schema(file, "keys", what, name) for what, name in named.keys.items()},
    )


def _of_definitions(file: MatrixFile, name: str) -> Iterator[tuple[str, str]]:
    """Give the schema of each version that the definitions in a file, or in the files of a folder, have."""
    path, found = file.relative(name), 0
    ask("content", path)
    files = sorted(below for below in path.rglob("*") if below.suffix in _YAML) if path.is_dir() else [path]
    for one in files:
        try:
            documents = go_yaml.load_all(read_text(one, f"definitions {one}"), str(one))
        except InputError as error:
            raise file.error(["schemas", "crds"], str(error)) from error
        for crd in (Resource(document, str(one), "") for document in documents if isinstance(document, dict)):
            group, kind = crd.at("spec.group"), crd.at("spec.names.kind")
            for version in (crd / "spec" / "versions").maps() if crd.kind == "CustomResourceDefinition" else ():
                found += 1
                yield f"{group}/{version.at('name')} {kind}", crd_schema(crd, str(version.at("name")))
    if not found:
        raise file.error(["schemas", "crds"], f"{path}: there is no CustomResourceDefinition with versions in it")


def _schema(file: MatrixFile, part: str, what: str, name: str) -> str:
    path = file.relative(name)
    try:
        text = read_text(path, f"schema {path}")
        _check(text, str(path))
    except InputError as error:
        raise file.error(["schemas", part, what], str(error)) from error
    except jsonschema.SchemaError as error:
        raise file.error(["schemas", part, what], f"{path} is not a JSON schema: {error.message[:300]}") from error
    return text


@functools.lru_cache(maxsize=64)
def _check(text: str, path: str) -> None:
    """Refuse what is no JSON schema; it takes a tenth of a second, and the same text is read again and again."""
    jsonschema.Draft202012Validator.check_schema(load_json(text, path), format_checker=GO_FORMATS)
