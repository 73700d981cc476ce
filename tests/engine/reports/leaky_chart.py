"""A chart with secrets of every kind, which writes them in many forms into wrong places, and fails with them."""

from __future__ import annotations


def values_of(side: str) -> dict[str, object]:
    """Give values with secrets of every kind; the core of each ends with the side of a review that has it."""
    return {
        "mode": "plain",
        "marked": f"Kx1qa8d{side}$w&k<Vu\"9'p é+/=\\T",
        "users": [{"name": "a", "dsn": f"Uy2wb7e{side}>~`%(x)"}],
        "tree": {"leaf": {"leaf": {"secret_one": f"Tz3vc6f{side}# !"}}},
        "whole": {"a": f"Wq4ud5g{side}", "b": [f"Bn5te4h{side}: [*x]"]},
        "any": {"thing": f"An6sf3i{side}"},
        "password": f"pw7rg2j{side}x",
        "env": [{"name": "API_TOKEN", "value": f"En8qh1k{side}"}],
        "url": f"https://user:Ur9pi9l{side}@example.com/x",
        "apiKeys": [f"Ak1oj8m{side}"],
        "privateKey": f"-----BEGIN KEY-----\nPk2nk7n{side}abcdefg\nPl3ml6o{side}hijk lmnop\n-----END KEY-----\n",
        "config": f"db:\n  host: h\n  password: Cf4qv8p{side}\n",
        "headers": {"Authorization": f"Bearer Hd5rw9q{side}"},
        "basicAuth": f"user:Ba6sx1r{side}",
        "passwd": {"root": f"Pd7ty2s{side}"},
        "tokens": {f"Tk8uz3t{side}xy": "a"},
        "pin": int(f"739184{'52' if side == 'old' else '61'}37"),
    }


CORES = [
    *(f"{core}{side}" for side in ("old", "new") for core in (
        "kx1qa8d", "uy2wb7e", "tz3vc6f", "wq4ud5g", "bn5te4h", "an6sf3i", "pw7rg2j", "en8qh1k", "ur9pi9l", "ak1oj8m",
        "pk2nk7n", "pl3ml6o", "cf4qv8p", "hd5rw9q", "ba6sx1r", "pd7ty2s", "tk8uz3t",
    )),
    "7391845237", "7391846137",
]  # fmt: skip

_MARK = {"writeOnly": True}
SCHEMA = {
    "definitions": {"tree": {"properties": {"secret_one": _MARK, "leaf": {"$ref": "#/definitions/tree"}}}},
    "allOf": [{"properties": {"marked": _MARK}}],
    "properties": {
        "users": {"items": {"properties": {"dsn": {**_MARK, "maxLength": 40}}}},
        "tree": {"$ref": "#/definitions/tree"},
        "whole": _MARK,
        "any": {"patternProperties": {"^th": _MARK}},
        "pin": {"type": "integer", "writeOnly": True},
    },
}
_ALL = (
    "list .Values.marked (index .Values.users 0).dsn .Values.tree.leaf.leaf.secret_one .Values.whole.a"
    " (index .Values.whole.b 0) .Values.any.thing .Values.password (index .Values.env 0).value .Values.url"
    " (index .Values.apiKeys 0) .Values.privateKey .Values.pin"
    " .Values.config .Values.headers.Authorization .Values.basicAuth .Values.passwd.root"
    " (keys .Values.tokens | first)"
)
TEMPLATE = f"""
{{{{- if eq .Values.mode "fails" }}}}{{{{ fail (printf "no: %v and %q" ({_ALL}) .Values.marked) }}}}{{{{ end }}}}
{{{{- range $i, $secret := {_ALL} }}}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: cm-{{{{ $i }}}}-{{{{ $.Values.password | lower }}}}
  annotations: {{a: {{{{ toString $secret | quote }}}}}}
data:
  plain: {{{{ toString $secret | quote }}}}
  base64: {{{{ printf "user:%v" $secret | b64enc | quote }}}}
  twice: {{{{ printf "%v" $secret | b64enc | b64enc | quote }}}}
  upper: {{{{ toString $secret | upper | quote }}}}
  json: {{{{ dict "a" $secret | toJson | quote }}}}
  jsonInJson: {{{{ dict "a" (dict "b" $secret | toJson) | toJson | quote }}}}
  yaml: {{{{ dict "a" $secret | toYaml | quote }}}}
  url: {{{{ printf "postgres://u:%s@h" (toString $secret | urlquery) | quote }}}}
  base32: {{{{ printf "user:%v" $secret | b32enc | quote }}}}
  hex: {{{{ printf "%x" (toString $secret) | quote }}}}
  bytes: {{{{ printf "% x" (toString $secret) | quote }}}}
  cut: {{{{ toString $secret | trunc 10 | quote }}}}
  html: {{{{ toString $secret | html | quote }}}}
  wrapped: {{{{ toString $secret | wrap 12 | quote }}}}
  k{{{{ toString $secret | sha256sum | trunc 8 }}}}: {{{{ toString $secret | squote | quote }}}}
{{{{- end }}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, labels: {{x: {{{{ .Values.password }}}}}}}}
spec:
  replicas: {{{{ .Values.pin }}}}
  selector: {{matchLabels: {{a: b}}}}
  template:
    metadata: {{labels: {{a: b}}}}
    spec:
      containers:
        - name: web
          image: example.com/web:{{{{ .Values.password }}}}
          args: ["--token={{{{ (index .Values.env 0).value }}}}", {{{{ .Values.url | quote }}}}]
          env: [{{name: PIN, value: {{{{ .Values.pin | quote }}}}}}]
{{{{- if eq .Values.mode "broken" }}}}
broken: {{{{ .Values.marked }}}}: [{{{{ .Values.password }}}}
{{{{- end }}}}
"""
MATRIX = """
chart: new
release: demo
namespace: shop
scenarios:
  plain: {values: {}}
  fails: {values: {mode: fails}}
  broken: {values: {mode: broken}}
  schema: {values: {users: [{dsn: "Uy2wb7enew too long for the schema, which says so in its error"}]}}
refusals:
  refused: {values: {mode: fails}, stderr: [other words]}
"""
POLICIES = '''
from chartgate.policy.checks import equals
from chartgate.policy.policy import policy


@policy(severity="error", remediation="Do not.")
def shows_it(rendering):
    """A finding with the value."""
    deployment = rendering.resources.one("Deployment", "web")
    yield equals(deployment / "metadata" / "labels" / "x", "another " + rendering.scenario.value("marked"))
    yield equals(deployment / "spec", rendering.scenario.values)


@policy(severity="error", remediation="Do not.")
def crashes_with_it(rendering):
    """A crash with the value."""
    local = rendering.scenario.values
    raise RuntimeError(f"cannot use {local} of {rendering!r}")
    yield


shows_it.counterexample("plain")(lambda rendering: rendering)
crashes_with_it.counterexample("plain")(lambda rendering: rendering)
'''
TESTS = """
import logging
import sys
import warnings

import pytest

from chartgate.pytest_plugin.items import *


def test_fails(rendering, record_property):
    values = rendering.scenario.values
    record_property("given", values)
    print(values, rendering)
    print(values["marked"], file=sys.stderr)
    logging.getLogger().warning("given %s", values["privateKey"])
    warnings.warn("it is " + values["password"] + repr(values))
    assert values == {"marked": values["marked"].upper()}


def test_passes(rendering):
    print(rendering.scenario.values)


def test_skips(rendering):
    pytest.skip("because of " + rendering.scenario.value("marked"))


def test_xfails(rendering):
    pytest.xfail("because of " + rendering.scenario.value("marked"))


@pytest.fixture
def broken(rendering):
    raise LookupError(rendering.scenario.values)


def test_errs(broken):
    pass


"""
