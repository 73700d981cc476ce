"""Which values of a chart are secret: what a schema marks, else what a key is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.charts.coalescing import coalesce
from chartgate.charts.secret_values import secret_values
from tests.engine.toys import chart_from

MARKED = '{"properties": {"a": {"properties": {"key": {"writeOnly": true}, "b.c": {"writeOnly": true}}}}}'
BY_NAME = """
auth: {password: hunter2, existingUser: me, apiKey: "", dbPassword: 123456, enabledToken: true}
token: null
image: {pullSecret: quay, existing-secret: mine, existingTokenSecret: mine}
tokens: [x]
"my.secret": dotted
"""
NAMED = ["[my.secret]", "auth.apiKey", "auth.dbPassword", "auth.password", "token"]
BELOW = {"charts/s/Chart.yaml": "{name: s, version: 0.1.0}", "charts/s/values.schema.json": MARKED}


@pytest.mark.parametrize(
    ("files", "keys"),
    [
        ({"values.schema.json": MARKED, "values.yaml": "a: {key: x}\npassword: y"}, ["a.key", "a[b.c]"]),
        ({"values.yaml": BY_NAME}, NAMED),
        ({"values.yaml": BY_NAME, "values.schema.json": '{"type": "object"}'}, NAMED),
        ({"values.yaml": "a: 1", **BELOW}, ["s.a.key", "s.a[b.c]"]),
        ({"values.yaml": "pass: {phrase: x}", "values.schema.json": '{"properties": [1]}'}, []),
    ],
    ids=["marked in the schema", "by name", "by name, the schema marks none", "marked in a subchart's schema", "none"],
)
def test_keys_of_secrets(files: dict[str, str], keys: list[str], tmp_path: Path) -> None:
    assert chart_from(tmp_path, files).secret_keys == tuple(sorted(keys))


def test_secret_values_are_texts_and_numbers_longest_first(tmp_path: Path) -> None:
    chart = chart_from(tmp_path, {"values.yaml": BY_NAME})
    values = coalesce(chart, {"token": {"a": ["t0ken", None, " "]}, "auth": {"apiKey": "a-long-api-key"}})
    assert secret_values(chart, values) == ("a-long-api-key", "hunter2", "123456", "dotted", "t0ken")
