"""What is in ConfigMaps and Secrets is read as a container would read it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chartgate.kubernetes.contents import secret_text, text, yaml_inside
from chartgate.model import Missing, Resource
from tests.engine.toys import resource

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {app.yaml: "a: {on: 1e3}", broken.yaml: "a: [", number: 5, empty: ""}
"""
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"  # noqa: S105 - a manifest


def test_text_and_yaml() -> None:
    assert text(resource(CONFIG).place("data[app.yaml]")) == "a: {on: 1e3}"
    document = yaml_inside(resource(CONFIG).place("data[app.yaml]"))
    assert document.value == {"a": {"true": 1000}}
    assert (document / "a" / "true").address == "data[app.yaml].a.true"
    assert yaml_inside(resource(CONFIG).place("data.empty")).value is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", {}),
        ("data: null\nstringData: null", {}),
        ("data: {a: YQ==, b: ''}", {"a": "a", "b": ""}),
        ("data: {a: YQ==}\nstringData: {a: b, c: d}", {"a": "b", "c": "d"}),
        ('data: {a: "YWFh\\nYWFh\\n"}', {"a": "aaaaaa"}),
        ("stringData: {x.y: '1', '': z}", {"x.y": "1", "": "z"}),
    ],
)
def test_secret_text(data: str, expected: dict[str, str]) -> None:
    assert secret_text(resource(SECRET + data)) == expected


@pytest.mark.parametrize(
    ("read", "given", "path", "message"),
    [
        (lambda r: text(r.place("data.number")), CONFIG, "data.number", "expected text, found 5"),
        (lambda r: text(r.place("data.gone")), CONFIG, "data.gone", "expected text, found (absent)"),
        (
            lambda r: yaml_inside(r.place("data[broken.yaml]")),
            CONFIG,
            "data[broken.yaml]",
            "expected a YAML document, found ",
        ),
        (secret_text, SECRET + "data: {a.b: plain!}", "data[a.b]", "expected base64 of text, found "),
        (secret_text, SECRET + "data: {a: /w==}", "data.a", "expected base64 of text, found 'utf-8' codec"),
        (secret_text, SECRET + "data: {a: ü}", "data.a", "expected base64 of text, found "),
        (secret_text, SECRET + "data: {a: 5}", "data.a", "expected text, found 5"),
        (secret_text, SECRET + "data: [a]", "data", "expected a map, found ['a']"),
        (secret_text, SECRET + "stringData: {a: 5}", "stringData.a", "expected text, found 5"),
        (secret_text, SECRET + "stringData: text", "stringData", "expected a map, found 'text'"),
    ],
)
def test_what_is_missing_is_named(read: Callable[[Resource], object], given: str, path: str, message: str) -> None:
    with pytest.raises(Missing) as error:
        read(resource(given))
    assert (error.value.check.path, error.value.check.template) == (path, "toy/templates/all.yaml")
    assert message in str(error.value)
