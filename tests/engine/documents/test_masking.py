"""A secret is masked in every form in which a manifest or a message may write it."""

from __future__ import annotations

import base64
import json
import urllib.parse

import pytest

from chartgate.documents.secret_texts.masking import Masker, is_guarded
from chartgate.documents.secret_texts.masks import MASK
from chartgate.documents.yaml_texts import go_yaml

SECRET = "p+a/ss w'o\"rd: #1\\ {{ }} ü ="  # noqa: S105 - the point of this file
LINES = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n}\n-----END KEY-----\n"


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f"a {SECRET} b {SECRET}",
        go_yaml.dump({"a": SECRET}),
        go_yaml.dump({"a": f"{SECRET}\nmore"}),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        repr(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        SECRET.upper(),
        f"postgresql://user:{urllib.parse.quote(SECRET, safe='')}@host/db",
    ],
)
def test_every_form(text: str) -> None:
    shown = Masker([SECRET]).text(text)
    assert MASK in shown
    assert "w'o" not in shown.lower().replace("''", "'")
    assert Masker([SECRET]).text(shown) == shown


@pytest.mark.parametrize("text", [go_yaml.dump({"a": {"b": LINES}}), repr(LINES), json.dumps(LINES), LINES.strip()])
def test_a_secret_of_several_lines(text: str) -> None:
    assert "MIIE" not in Masker([LINES]).text(text)
    assert Masker([LINES]).text("} ends a block") == "} ends a block"


def test_what_overlaps_is_one() -> None:
    assert Masker(["passw0rd1", "w0rd1-and-more"]).text("a passw0rd1-and-more b") == f"a {MASK} b"
    assert Masker(["longsecret", "longsecret-too"]).text("longsecret longsecret-too") == f"{MASK} {MASK}"


NAMES = ("my-postgres", "backstage")
PLAIN = ("admin", "database-user")


@pytest.mark.parametrize(
    ("secret", "text", "shown"),
    [
        # Eight characters that are nothing else: everywhere, inside of words and names too, however written.
        ("s3cr3t-1", "xs3cr3t-1y S3CR3T-1", "x<secret>y <secret>"),
        ("s3cr3t-1", "ConfigMap shop/cm-s3cr3t-1", "ConfigMap shop/cm-<secret>"),
        # A shorter one: as a whole scalar, in quotes, under a secret's key, in a URL.
        ("hunter2", "hunter2", "<secret>"),
        ("hunter2", "hunter22 ahunter2", "hunter22 ahunter2"),
        ("hunter2", "helm says 'hunter2' is wrong", "helm says '<secret>' is wrong"),
        ("hunter2", "dbPassword: hunter2, replicas: hunter2", "dbPassword: <secret>, replicas: hunter2"),
        ("hunter2", '{"token":"hunter2"}', '{"token":"<secret>"}'),
        ("hunter2", "--password=hunter2", "--password=<secret>"),
        ("hunter2", "postgres://hunter2:hunter2@host", "postgres://hunter2:<secret>@host"),
        ("hunter2", "password: aHVudGVyMg==", "password: <secret>"),
        # One that is also a word of a name, another value or a key: never in names, never in commands.
        ("postgres", "Service shop/my-postgres", "Service shop/my-postgres"),
        ("postgres", "no 'postgres' there", "no 'postgres' there"),
        ("postgres", "password: postgres", "password: <secret>"),
        ("backstage", "helm template backstage chart", "helm template backstage chart"),
        ("database-user", "user database-user", "user database-user"),
        ("password", "the password: a", "the password: a"),
        # One that is in everything.
        ("a", "a banana", "a banana"),
        ("1", "1 of 1 replicas: 1", "1 of 1 replicas: 1"),
        ("1", "token: 1", "token: <secret>"),
        ("x", "x", "x"),
        ("true", "true", "true"),
        ("", "nothing", "nothing"),
        (" ", "a b", "a b"),
    ],
)
def test_where_a_secret_is_masked(secret: str, text: str, shown: str) -> None:
    masker = Masker([secret], PLAIN, NAMES)
    assert masker.text(text) == shown
    assert masker.text(shown) == shown


@pytest.mark.parametrize(
    ("secret", "document", "shown"),
    [
        ("hunter2", {"a": "hunter2", "b": ["hunter2", "ahunter2"]}, {"a": MASK, "b": [MASK, "ahunter2"]}),
        ("postgres", {"name": "my-postgres", "user": "postgres"}, {"name": "my-postgres", "user": MASK}),
        ("1", {"replicas": 1, "b": True, "password": 1}, {"replicas": 1, "b": True, "password": MASK}),
        ("123456", {"a": 123456, "b": 1234567}, {"a": MASK, "b": 1234567}),
        ("12345678", {"a": [12345678, 2.5, None]}, {"a": [MASK, 2.5, None]}),
        (
            "hunter2",
            {"env": [{"name": "API_KEY", "value": "u:hunter2"}]},
            {"env": [{"name": "API_KEY", "value": f"u:{MASK}"}]},
        ),
        ("hunter2", {"kind": "Secret", "data": {"a": "x hunter2"}}, {"kind": "Secret", "data": {"a": f"x {MASK}"}}),
        (("hunter2", "s3cr3t-1"), {"password": "s3cr3t-1"}, {"password": MASK}),
        ("s3cr3t-1", {"x-s3cr3t-1": ("s3cr3t-1", {1})}, {f"x-{MASK}": (MASK, {1})}),
        ("s3cr3t-1", frozenset({"s3cr3t-1"}), frozenset({MASK})),
    ],
)
def test_where_a_secret_is_masked_in_a_document(secret: str | tuple[str, ...], document: object, shown: object) -> None:
    assert Masker([secret] if isinstance(secret, str) else secret, PLAIN, NAMES).document(document) == shown


@pytest.mark.parametrize(
    ("subject", "address", "guarded"),
    [
        ("Secret shop/a", "data.x", True),
        ("Secret shop/a (v1)", "stringData[a.b].c", True),
        ("Secret shop/a", "metadata.name", False),
        ("SecretStore shop/a", "data.x", False),
        ("values.yaml", "auth.dbPassword", True),
        ("Pod shop/a", "spec.containers[a].env[DB_PASSWORD].value", True),
        ("Pod shop/a", "spec.containers[a].env[DB_HOST].value", False),
        ("Pod shop/a", "", False),
        ("Pod shop/a", "not an address: password", True),
    ],
)
def test_what_is_guarded(subject: str, address: str, guarded: bool) -> None:
    assert is_guarded(subject, address) == guarded
    shown = Masker(["1"]).document({"a": "1"}, guarded=guarded)
    assert shown == ({"a": MASK} if guarded else {"a": "1"})


def test_lines_of_a_configuration_are_not_secrets_but_what_they_name() -> None:
    masker = Masker(["apiVersion: v1\nenabled: true\nkey: 'very-s3cr3t-1'\n"])
    assert masker.text("apiVersion: v1, enabled: true, very-s3cr3t-1") == f"apiVersion: v1, enabled: true, {MASK}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{'a': 's3cr3...", "{'a': '<secret>..."),
        ("...cr3t-1'}", "...<secret>'}"),
        ("s3cr... ...3t-1 and s3c", "<secret>... ...<secret> and s3c"),
        ("see s3... and ...1", "see s3... and ...1"),
    ],
)
def test_what_is_left_of_one_that_was_cut_short(text: str, shown: str) -> None:
    assert Masker(["s3cr3t-1"]).text(text) == shown


def test_nothing_to_mask() -> None:
    document = {"a": [object()]}
    assert Masker([]).document(document) is document
    assert Masker([]).text("text") == "text"
    assert not Masker(["", " "])
