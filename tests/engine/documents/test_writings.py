"""A text is found however it is written: as helm, Kubernetes and URLs write it."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import shlex
import time
import unicodedata
import xml.sax.saxutils
from collections.abc import Callable
from urllib.parse import quote

import pytest
import yaml

from chartgate.documents.addresses import join
from chartgate.documents.secret_texts.text_search import TextSearch
from chartgate.documents.secret_texts.writings import PLACEHOLDER, writings
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
  base64Url: {{ .Values.secret | b64enc | replace "+" "-" | replace "/" "_" | trimAll "=" | quote }}
  base64OfJson: {{ dict "a" .Values.secret | toJson | b64enc | quote }}
  base64Twice: {{ printf "user:%s" .Values.secret | b64enc | printf "Basic %s" | b64enc | quote }}
  jsonInJson: {{ dict "a" (dict "b" .Values.secret | toJson) | toJson | quote }}
  goQuoted: {{ printf "%q" .Values.secret | quote }}
  hex: {{ printf "%x" .Values.secret | quote }}
  hexWithBlanks: {{ printf "% x" .Values.secret | quote }}
  hexOfBytes: {{ printf "% #X" .Values.secret | quote }}
  base32: {{ .Values.secret | b32enc | quote }}
  base32InSmallLetters: {{ printf "user:%s:x" .Values.secret | b32enc | lower | quote }}
  upper: {{ .Values.secret | upper | quote }}
  lower: {{ .Values.secret | lower | quote }}
  title: {{ .Values.secret | title | quote }}
  wrapped: {{ .Values.secret | wrap 9 | quote }}
  indented: {{ .Values.secret | nindent 4 | quote }}
  js: {{ .Values.secret | js | quote }}
  toToml: {{ dict "a" .Values.secret | toToml | quote }}
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, tools: Tools) -> dict[str, str]:
    """Give the secret as helm's own functions write it."""
    chart = chart_from(tmp_path_factory.mktemp("written"), {"templates/written.yaml": WRITTEN})
    output = template(helm_input(chart, scenario(secret=SECRET), tools))
    assert output.exit_code == 0, output.stderr
    [found] = parse(output.stdout, "shop")
    return dict(found.manifest["data"])


NAMES = [line.split(":")[0].strip() for line in WRITTEN.partition("data:\n")[2].splitlines()]


@pytest.mark.parametrize("name", NAMES)
def test_every_writing_of_helm_is_found(name: str, written: dict[str, str]) -> None:
    found = next(TextSearch([("it", SECRET)]).find(written[name]), None)
    assert found is not None, written[name]
    assert found.label == "it"


OTHERS: dict[str, Callable[[str], str]] = {
    "base64 in lines": lambda text: base64.encodebytes(
        b"a line in front of it that is long: " + text.encode()
    ).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 in JSON": lambda text: json.dumps(base64.encodebytes(b"x" * 50 + text.encode()).decode()),
    "folded YAML": lambda text: yaml.safe_dump(text, width=10),
    "folded YAML in quotes": lambda text: yaml.safe_dump(text, width=10, allow_unicode=True, default_style='"'),
    "YAML in quotes": lambda text: yaml.safe_dump(text, default_style='"'),
    "a YAML block": lambda text: yaml.safe_dump({"a": f"{text}\n{text}"}, default_style="|"),
    "an attribute of XML": xml.sax.saxutils.quoteattr,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "a word of the shell": shlex.quote,
    "hexadecimal": lambda text: text.encode("utf-8").hex().upper(),
    "Python": repr,
}


@pytest.mark.parametrize("text", [SECRET, "Zq7$w&k<Xv\"9'pL é+/=\\T", "simple-and-plain-1"], ids=["a", "b", "plain"])
@pytest.mark.parametrize("how", OTHERS)
def test_every_writing_of_other_tools_is_found(how: str, text: str) -> None:
    written = OTHERS[how](text)
    assert [found.label for found in TextSearch([("it", text)]).find(f"a {written} b")][:1] == ["it"], written


def test_what_begins_alike_is_told_apart() -> None:
    search = TextSearch([("short", "abcdefgh"), ("long", "abcdefgh ijklmnopqrstuvwxyz")])
    assert [(f.start, f.end, f.label) for f in search.find("abcdefgh ijk, abcdefgh  ijklmnopqrstuvwxyz")] == [
        (0, 8, "short"),
        (14, 42, "long"),
    ]
    assert list(search.find("abcdefg hijklm")) == []
    assert list(TextSearch([]).find("anything")) == []


def test_a_text_is_searched_in_time_that_grows_with_it_alone() -> None:
    """50 secrets in all their writings and 2.2 MB: a fifth of a second, where a pass for each took several."""
    sought = [(str(n), f"{hashlib.sha256(bytes([n])).hexdigest()[:24]} <\"'&>é") for n in range(50)]
    search = TextSearch(sought)
    text = "".join(f"key{n}: some value, {base64.b64encode(b'some other').decode()}\n" for n in range(50_000))
    started = time.process_time()
    assert [found.label for found in search.find(text + sought[7][1])] == ["7"]
    assert time.process_time() - started < 3


def test_a_text_inside_of_a_longer_one_that_was_encoded() -> None:
    for before, after in itertools.product(("", "a", "ab", "abc", "abcd"), repeat=2):
        encoded = base64.b64encode(f"{before}{SECRET}{after}".encode()).decode()
        assert [found.end for found in TextSearch([("", SECRET)]).find(encoded)][:1] == [len(encoded)]


def test_a_short_text_is_not_taken_for_any_base64() -> None:
    assert not [name for name in writings("ab") if "longer" in name]
    assert set(writings("ab").values()) == {"ab", base64.b64encode(b"ab").decode()}
    assert "in hexadecimal" not in writings("ab")


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
