"""A text is found however it is written: as helm, Kubernetes and URLs write it."""

from __future__ import annotations

import base64
import itertools
import json
from urllib.parse import quote

import pytest

from chartgate.documents.addresses import join
from chartgate.documents.writings import PLACEHOLDER, writings
from chartgate.kubernetes.contents import texts
from chartgate.rendering.helm_template import helm_input, template
from chartgate.rendering.manifests import parse
from chartgate.system.toolchain import Tools
from tests.engine.toys import chart_from, resource, scenario

SECRET = "p+a/ss <w>'o\"rd: #1\\ &{{ }} ü ="  # noqa: S105 - the point of this file

WRITTEN = """
apiVersion: v1
kind: ConfigMap
metadata: {name: written}
data:
  plain: {{ .Values.secret | quote }}
  json: {{ dict "a" .Values.secret | toJson | quote }}
  rawJson: {{ dict "a" .Values.secret | toRawJson | quote }}
  yaml: {{ dict "a" .Values.secret | toYaml | quote }}
  url: {{ printf "postgresql://user:%s@host/db" (urlquery .Values.secret) | quote }}
  html: {{ .Values.secret | html | quote }}
  squote: {{ .Values.secret | squote | quote }}
  quoted: {{ .Values.secret | quote | quote }}
  base64: {{ .Values.secret | b64enc | quote }}
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, tools: Tools) -> dict[str, str]:
    """Give the secret as helm's own functions write it."""
    chart = chart_from(tmp_path_factory.mktemp("written"), {"templates/written.yaml": WRITTEN})
    output = template(helm_input(chart, scenario(secret=SECRET), tools))
    assert output.exit_code == 0, output.stderr
    [found] = parse(output.stdout, "shop")
    return dict(found.manifest["data"])


@pytest.mark.parametrize("name", ["plain", "json", "rawJson", "yaml", "url", "html", "squote", "quoted", "base64"])
def test_every_writing_of_helm_is_known(name: str, written: dict[str, str]) -> None:
    assert [writing for writing in writings(SECRET).values() if writing in written[name]] != []


def test_a_text_inside_of_a_longer_one_that_was_encoded() -> None:
    for before, after in itertools.product(("", "a", "ab", "abc", "abcd"), repeat=2):
        encoded = base64.b64encode(f"{before}{SECRET}{after}".encode()).decode()
        assert [name for name, writing in writings(SECRET).items() if writing in encoded] != [], (before, after)


def test_a_short_text_is_not_taken_for_any_base64() -> None:
    assert not [name for name in writings("ab") if "longer" in name]
    assert set(writings("ab").values()) == {"ab", base64.b64encode(b"ab").decode()}


def test_writings_have_names() -> None:
    found = writings("a b")
    assert (found["as it is"], found["in a URL"], found["in JSON"]) == ("a b", quote("a b"), json.dumps("a b")[1:-1])


CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: c, labels: {a.b: x}}
data:
  app.yaml: |
    key: [deep, {deeper: deepest}]
  list: '["one"]'
  broken.yaml: |
    a: [
"""


def test_texts_and_where_they_stand() -> None:
    found = [(join(*keys), text) for keys, text in texts(resource(CONFIG))]
    assert ("metadata.labels[a.b]", "x") in found
    assert ("metadata.labels[a.b]", "a.b") in found
    assert ("data[app.yaml].key[1].deeper", "deepest") in found
    assert ("data.list[0]", "one") in found
    assert ("data[broken.yaml]", "a: [\n") in found
    assert not [address for address, _ in found if address.startswith("data[broken.yaml].")]


@pytest.mark.parametrize(
    ("text", "found"),
    [("<path:a#b>", ["<path:a#b>"]), ("x<path:a#b>y<path:c#d#e>", ["<path:a#b>", "<path:c#d#e>"]), ("<path>", [])],
)
def test_placeholders(text: str, found: list[str]) -> None:
    assert PLACEHOLDER.findall(text) == found
