"""Which values of a chart are secret: what a schema marks, what a key is called, and what is inside of a text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.charts.chart_values.secret_values import secret_places, secrets_in, value_texts
from chartgate.documents.addresses import join
from tests.engine.toys import chart_from

W = {"writeOnly": True}
_TREE = {"properties": {"key": W, "sub": {"$ref": "#/definitions/tree"}}}
NAMED = {"$id": "b.json", "$defs": {"p": W}}
TREE = {"definitions": {"tree": _TREE}, "properties": {"a": {"$ref": "#/definitions/tree"}}}
UNMARKED = {"properties": {"password": {"writeOnly": False}}}
BELOW = {"Chart.yaml": "{name: s, version: 0.1.0}", "values.schema.json": json.dumps({"properties": {"x": W}})}
AS_ALIAS = {
    "Chart.yaml": "{apiVersion: v2, name: toy, version: 0.1.0, dependencies: [{name: s, alias: t, version: 0.1.0}]}",
    **{f"charts/s/{name}": text for name, text in BELOW.items()},
}
GLOBAL = {
    "charts/s/Chart.yaml": BELOW["Chart.yaml"],
    "charts/s/values.schema.json": json.dumps({"properties": {"global": {"properties": {"x": W}}}}),
}


def _files(schema: Any) -> dict[str, str]:
    return {"values.schema.json": json.dumps(schema)}


@pytest.mark.parametrize(
    ("files", "values", "secrets"),
    [
        pytest.param(
            _files({"properties": {"a": {"properties": {"x.y": W}}}}), {"a": {"x.y": 1, "z": 2}}, ["a[x.y]=1"]
        ),
        pytest.param(_files({"allOf": [{"properties": {"a": W}}]}), {"a": "s"}, ["a=s"], id="allOf"),
        pytest.param(_files({"properties": {"a": {"writeOnly": [True]}}}), {"a": "s"}, [], id="no mark"),
        pytest.param(_files({"properties": {"a": {"items": {"items": W}}}}), {"a": {"0": "s"}}, [], id="no list"),
        pytest.param(_files({"anyOf": [{}, {"oneOf": [{"properties": {"a": W}}]}]}), {"a": "s"}, ["a=s"], id="oneOf"),
        pytest.param(_files({"if": {"properties": {"a": W}}}), {"a": "s"}, ["a=s"], id="if"),
        pytest.param(_files({"then": {"properties": {"a": W}}}), {"a": "s"}, ["a=s"], id="then"),
        pytest.param(_files({"else": {"properties": {"a": W}}}), {"a": "s"}, ["a=s"], id="else"),
        pytest.param(_files({"not": {"properties": {"a": W}}}), {"a": "s"}, ["a=s"], id="not"),
        pytest.param(_files({"dependencies": {"b": {"properties": {"a": W}}}}), {"a": "s"}, ["a=s"], id="dependencies"),
        pytest.param(
            _files({"dependentSchemas": {"b": {"properties": {"a": W}}}}), {"a": "s"}, ["a=s"], id="dependent"
        ),
        pytest.param(
            _files({"properties": {"a": {"items": {"properties": {"x": W}}}}}),
            {"a": [{}, {"x": "s"}]},
            ["a[1].x=s"],
            id="items",
        ),
        pytest.param(
            _files({"properties": {"a": {"items": [{}, W], "additionalItems": {}}}}),
            {"a": ["1", "s", "2"]},
            ["a[1]=s"],
            id="tuple",
        ),
        pytest.param(
            _files({"properties": {"a": {"items": [{}], "additionalItems": W}}}),
            {"a": ["1", "s"]},
            ["a[1]=s"],
            id="additionalItems",
        ),
        pytest.param(
            _files({"properties": {"a": {"prefixItems": [{}, W]}}}), {"a": ["1", "s"]}, ["a[1]=s"], id="prefixItems"
        ),
        pytest.param(
            _files({"additionalProperties": W, "properties": {"b": {}}}),
            {"a": "s", "b": "t"},
            ["a=s"],
            id="additionalProperties",
        ),
        pytest.param(
            _files({"patternProperties": {"^a+$": W}}), {"aa": "s", "b": "t"}, ["aa=s"], id="patternProperties"
        ),
        pytest.param(_files({"patternProperties": {"(?!x)": W}}), {"a": "s"}, ["a=s"], id="no pattern of Go"),
        pytest.param(_files(TREE), {"a": {"sub": {"sub": {"key": "s"}}}}, ["a.sub.sub.key=s"], id="$ref, recursive"),
        pytest.param(
            _files({"properties": {"a": {"$ref": "#pw"}}, "$defs": {"p": {"$anchor": "pw", **W}}}),
            {"a": "s"},
            ["a=s"],
            id="$ref to an anchor",
        ),
        pytest.param(
            _files({"properties": {"a": {"$ref": "b.json#/$defs/p"}}, "definitions": {"b": NAMED}}),
            {"a": "s"},
            ["a=s"],
            id="$ref to a part by its own name",
        ),
        pytest.param(_files({"properties": {"a": {"$ref": "#/nowhere"}}}), {"a": "s"}, [], id="$ref to nothing"),
        pytest.param(_files({"$ref": "#"}), {"a": "s"}, [], id="$ref to itself"),
        pytest.param(
            _files({"properties": {"a": W}}),
            {"a": {"b": "s", "c": [{"d": 2.5}], "e": True}},
            ["a.b=s", "a.c[0].d=2.5"],
            id="a whole object",
        ),
        pytest.param(
            _files({"properties": {"a": W}}), {"a": "s", "password": "t"}, ["a=s", "password=t"], id="marked and named"
        ),
        pytest.param(_files(UNMARKED), {"password": "s"}, [], id="named, and marked as none"),
        pytest.param(_files({"properties": [1], "items": 7, "allOf": {}}), {"a": "s"}, [], id="no schema at all"),
        pytest.param(AS_ALIAS, {"t": {"x": "s"}, "s": {"x": "t"}}, ["t.x=s"], id="below an alias"),
        pytest.param(GLOBAL, {"global": {"x": "s"}}, ["global.x=s", "s.global.x=s"], id="global, marked by a subchart"),
        pytest.param({}, {"users": [{"name": "a", "password": "s"}]}, ["users[0].password=s"], id="named in a list"),
        pytest.param(
            {},
            {"passwords": ["s", "t"], "apiKeys": {"a": "u"}},
            ["apiKeys.a=u", "passwords[0]=s", "passwords[1]=t"],
            id="in a list of secrets",
        ),
        pytest.param(
            {},
            {"env": [{"name": "DB_PASSWORD", "value": "s"}, {"name": "HOST", "value": "h"}]},
            ["env[0].value=s"],
            id="a variable",
        ),
        pytest.param(
            {},
            {"extra": [{"kind": "Secret", "stringData": {"a": "s"}, "metadata": {"name": "n"}}]},
            ["extra[0].stringData.a=s"],
            id="a manifest",
        ),
        pytest.param({}, {"secretKey": "s"}, ["secretKey=s"], id="a key"),
        pytest.param({}, {"secretKey": "password", "secretName": "mine"}, [], id="a key of a Secret"),
        pytest.param({}, {"dbUrl": "postgres://u:s3@h/db"}, ["dbUrl=s3"], id="a URL"),
        pytest.param({}, {"dsn": "tcp://${env:USER}:${env:WORD}@${env:HOST}:1/d"}, [], id="a URL of variables"),
        pytest.param({}, {"dsn": "tcp://${env:USER}:s3@h/d"}, ["dsn=s3"], id="a user from a variable"),
        pytest.param(
            {},
            {"a": "Server=h;Password=s;", "b": "u:t@tcp(h:1)/d", "c": "https://h:80/x@y"},
            ["a=s", "b=t"],
            id="connections",
        ),
        pytest.param(
            {},
            {"token": "${TOKEN}", "apiToken": "{{ .Values.x }}", "password": "true", "tlsKey": "tls.key"},
            [],
            id="says nothing",
        ),
        pytest.param(
            {},
            {
                "keys": {
                    "authSecretKey": "auth_secret_key",
                    "apiSecretKey": "auth_secret_key",
                    "dbPassword": "db-password",
                }
            },
            ["keys.apiSecretKey=auth_secret_key", "keys.dbPassword=db-password"],
            id="its own name",
        ),
        pytest.param({}, {"password": None, "token": "", "secret": " "}, [], id="nothing there"),
    ],
)
def test_secrets(files: dict[str, str], values: dict[str, Any], secrets: list[str], tmp_path: Path) -> None:
    chart = chart_from(tmp_path, files)
    found = secrets_in(chart, coalesce(chart, values))
    assert sorted(f"{secret.address}={secret.text}" for secret in found) == sorted(secrets)


def test_who_says_so(tmp_path: Path) -> None:
    chart = chart_from(tmp_path, _files({"properties": {"a": W}}))
    values = {"a": "s", "token": "t", "url": "https://u:v@h"}
    assert {s.text: (s.reason, s.is_marked) for s in secrets_in(chart, values)} == {
        "s": ("marked", True),
        "t": ("named", False),
        "v": ("inside", False),
    }


def test_places_are_also_where_nothing_is_yet(tmp_path: Path) -> None:
    files = {
        **_files({"properties": {"a": W, "b": W}}),
        "values.yaml": "token: null\nusers: [{password: ''}]\nb: {c: x}",
    }
    chart = chart_from(tmp_path, files)
    found = {join(*place.keys): (place.is_marked, place.value) for place in secret_places(chart, chart.defaults)}
    assert found == {"a": (True, None), "b.c": (True, "x"), "token": (False, None), "users[0].password": (False, "")}


def test_texts_of_values_in_the_forms_of_helm(tmp_path: Path) -> None:
    """A number is a float to helm: `{{ .Values.token }}` of 123456789 is 1.23456789e+08."""
    chart = chart_from(tmp_path, {})
    texts = value_texts([(chart, {"token": 123456789, "host": "h"}), (chart, {"url": "https://u:v@h"})])
    assert {"123456789", "1.23456789e+08", "v"} <= texts.secrets
    assert texts.plain == {"token", "host", "h", "url", "https://u:v@h"}
    assert "123456789" not in repr(texts)


def test_a_schema_whose_paths_double_at_each_level(tmp_path: Path) -> None:
    """It has four million ways down to one mark; as many keys as anybody wrote by hand are looked at."""
    levels: dict[str, Any] = {
        f"d{n}": {"properties": {side: {"$ref": f"#/definitions/d{n + 1}"} for side in "lr"}} for n in range(22)
    }
    schema = {"definitions": {**levels, "d22": W}, "allOf": [{"$ref": "#/definitions/d0"}]}
    chart = chart_from(tmp_path, _files(schema))
    assert len(secret_places(chart, {})) == 50
