"""What is only probably secret is put out of sight, and what only looks like it stays."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from chartgate.charts.chart_values.coalescing import coalesce
from chartgate.charts.chart_values.secret_values import secrets_in, value_texts
from chartgate.documents.secret_texts.masking import Masker
from chartgate.documents.secret_texts.masks import MASK
from tests.engine.toys import chart_from

PASSWORD = "pw7rg2jo-4xq"  # noqa: S105 - the point of this file
_BASIC = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
_BCRYPT = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"

HIDDEN: dict[str, tuple[Any, str]] = {
    "a bearer's token": ({"headers": {"Authorization": f"Bearer {PASSWORD}"}}, PASSWORD),
    "a header in a text": ({"curl": f"curl -H 'Authorization: Bearer {PASSWORD}' http://a"}, PASSWORD),
    "a basic header": ({"header": f"Basic {_BASIC}"}, PASSWORD),
    "a basic header as it is": ({"header": f"Basic {_BASIC}"}, _BASIC),
    "basicAuth": ({"basicAuth": f"admin:{PASSWORD}"}, PASSWORD),
    "users of an ingress": ({"ingress": {"users": [f"admin:{PASSWORD}", "x:y"]}}, PASSWORD),
    "lines of htpasswd": ({"htpasswd": f"admin:{_BCRYPT}\n"}, _BCRYPT),
    "a hash elsewhere": ({"admin": {"hash": _BCRYPT}}, _BCRYPT),
    "a token as a URL's user": ({"repo": "https://ghp16C7e42F292c6912E7@example.com/x.git"}, "ghp16C7e42F292c6912E7"),
    "a password of a URL that is secret": ({"dbPassword": f"redis://:{PASSWORD}@h:6379"}, PASSWORD),
    "a query": ({"url": f"https://example.com/hook?a=b&access_token={PASSWORD}&c=d"}, PASSWORD),
    "below a password": ({"password": {"value": PASSWORD}}, PASSWORD),
    "a map below passwd": ({"passwd": {"root": PASSWORD}}, PASSWORD),
    "a key that is a token": ({"tokens": {PASSWORD: "admin"}}, PASSWORD),
    "base64 of a secret": ({"password": base64.b64encode(PASSWORD.encode()).decode()}, PASSWORD),
    "YAML in a text": ({"config": f"db:\n  host: h\n  password: {PASSWORD}\n"}, PASSWORD),
    "YAML of several words": ({"config": "db:\n  passphrase: correct horse battery\n"}, "correct horse battery"),
    "a variable in YAML": ({"config": f"env:\n- name: API_TOKEN\n  value: {PASSWORD}\n"}, PASSWORD),
    "JSON in a text": ({"config": f'{{"db": {{"apiKey": "{PASSWORD}"}}}}'}, PASSWORD),
    "JSON in JSON": ({"config": f'{{"a": "{{\\"apiKey\\": \\"{PASSWORD}\\"}}"}}'}, PASSWORD),
    "an INI file with an expression": ({"ini": f"[db]\nhost = {{{{ .x }}}}\npassword = {PASSWORD}\n"}, PASSWORD),
    "a file of variables": ({"env": f"A=b\nexport DB_PASSWORD='{PASSWORD}'\n"}, PASSWORD),
    "a Secret in a text": ({"extra": f"kind: Secret\nstringData:\n  a.txt: {PASSWORD}\n"}, PASSWORD),
    "a Secret's base64 in a text": (
        {"extra": f"kind: Secret\ndata:\n  a: {base64.b64encode(PASSWORD.encode()).decode()}\n"},
        PASSWORD,
    ),
}

SHOWN: dict[str, Any] = {
    "names below a password": {
        "password": {"existingSecret": "database", "key": "password1", "userName": "administrator"}
    },
    "about a token": {"token": {"audience": "api.example.com", "mode": "projected"}},
    "a variable": {"url": "https://x?token=${API_TOKEN}", "args": "Bearer $(API_TOKEN)", "b": "${MCP_TOKEN:-unset}"},
    "an expression": {"config": "password: {{ .Values.password }}\ntoken: <replace-me>\n"},
    "prose": {"text": "token: required, bearer of news", "other": "auth: basic authentication"},
    "a user and a host": {"url": "ssh://deployment-user@host.example.com", "image": "registry.example.com/a:v1.2.3-x"},
    "a name of a token": {"tokens": {"administrators": ""}},
    "a port": {"auth": "host.example.com:8443"},
    "a switch": {"config": "password: true\nsecretName: database-credentials-1\n"},
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_put_out_of_sight(name: str, tmp_path: Path) -> None:
    values, secret = HIDDEN[name]
    chart = chart_from(tmp_path, {})
    texts = value_texts([(chart, coalesce(chart, values))])
    assert secret in texts.secrets
    assert secret not in texts.plain
    assert Masker(texts.secrets, texts.plain).text(f"a {secret} b") == f"a {MASK} b"


@pytest.mark.parametrize("name", SHOWN)
def test_what_stays(name: str, tmp_path: Path) -> None:
    chart = chart_from(tmp_path, {})
    assert value_texts([(chart, coalesce(chart, SHOWN[name]))]).secrets == frozenset()


def test_nobody_is_blamed_for_what_is_only_probable(tmp_path: Path) -> None:
    chart = chart_from(tmp_path, {})
    assert secrets_in(chart, coalesce(chart, HIDDEN["YAML in a text"][0])) == ()


LONG = "9fk3zq7w-Lm2xB8vT"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (LONG[:8], MASK),
        (f"a-{LONG[:12]}-b", f"a-{MASK}-b"),
        (f"a {LONG[-8:]} b", f"a {MASK} b"),
        (f"x{LONG[-11:].upper()}", f"x{MASK}"),
        (base64.b64encode(LONG[:12].encode()).decode(), MASK),
        (LONG[:7], LONG[:7]),
        (f"{LONG[:5]}x{LONG[6:9]}", f"{LONG[:5]}x{LONG[6:9]}"),
        (f"{LONG[:8]} {LONG}", f"{MASK} {MASK}"),
    ],
)
def test_the_ends_of_a_secret(text: str, shown: str) -> None:
    assert Masker([LONG]).text(text) == shown


@pytest.mark.parametrize("secret", ["changeme-9fk3zq7w", "https://a1b2.example.com/x?y", "<path:np-hub-secret-4#key>"])
def test_a_beginning_that_is_in_other_texts_is_shown(secret: str) -> None:
    assert Masker([secret]).text(secret[:8]) == secret[:8]
