"""What keys of secrets are called: in values of charts, in variables of containers, in texts."""

from __future__ import annotations

import functools
import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_NOUNS = _set(
    "password passwd passphrase passcode pwd pass token secret credential credentials apikey secretkey accesskey"
    " privatekey encryptionkey signingkey masterkey sshkey authkey accountkey htpasswd"
)
"""The last word of a name that says what a secret is."""
_KEYS = _set(
    "api app access secret private encryption encrypt signing signature ssh tls ssl rsa hmac jwt license licence master"
    " auth session cipher shared account storage crypto pre fernet cookie webhook hash"
)
"""In front of `key`: what is itself the secret; a `partitionKey` or `publicKey` is none."""
_ONLY_NAMED = _set("existing external ref name use disable enable create automount allow max min num")
"""Anywhere in a name: it names an object that holds the secret, or is about it."""
_OF_OBJECTS = _set(
    "pull ca cert certs certificate certificates tls ssl config configuration env environment vars from password"
    " passwords passwd username token credential credentials creds key account user users volume mount registry custom"
    " extra additional kubeconfig ingress npmrc script scripts init db bundle jks truststore keystore json yaml ini"
    " file files"
)
"""In front of `secret` or `secret key`: by custom, such a key names a Secret or its key (`pullSecret`, `tlsSecret`)."""
_PLURALS = {"passwords": "password", "tokens": "token", "passphrases": "passphrase", "apikeys": "apikey", "keys": "key"}
"""The last word of a list or a map that holds several; `secrets` is not here, since it mostly lists names."""
_CARRIERS = frozenset(["data", "env", "envs", "environment", "vars", "values", "variables"])
"""The last word of a map whose texts are all secrets, after `secret`: `secretEnv`, `secretData`."""
_CHATS = frozenset(["slack", "teams", "discord", "mattermost"])
"""In front of an URL that lets everybody who knows it write there."""
_NO_SECRETS = frozenset([("initial", "cluster", "token")])
"""What etcd calls so only tells clusters apart."""


@functools.lru_cache(maxsize=65536)
def is_secret_name(name: str) -> bool:
    """Tell whether a key is called like a secret: `dbPassword`, `AWS_SECRET_ACCESS_KEY`, `auth-token`, `tls.key`.

    By custom of public charts, `existingSecret`, `secretName`, `passwordKey` and `imagePullSecret` name objects and
    their keys. Whether `secretKey` is a secret, its name alone does not say: see `names_a_key`.
    """
    return _ends_in_a_secret(_words(name))


@functools.lru_cache(maxsize=65536)
def holds_secrets(name: str) -> bool:
    """Tell whether every text in a list or map of this name is a secret: `passwords`, `apiKeys`, `secretEnv`."""
    words = _words(name)
    if not words:
        return False
    if words[-1] in _CARRIERS:
        return len(words) > 1 and words[-2] == "secret" and not _ONLY_NAMED & {*words}
    # `secretKeys` lists what the keys of a Secret are called.
    return (
        words[-1] in _PLURALS
        and words[-2:] != ("secret", "keys")
        and _ends_in_a_secret((*words[:-1], _PLURALS[words[-1]]))
    )


def names_a_key(name: str) -> bool:
    """Tell whether a key may as well name the key of a Secret: `secretKey`, beside something that names the Secret."""
    return _words(name)[-2:] == ("secret", "key") or _words(name) == ("secretkey",)


def names_an_object(name: str) -> bool:
    """Tell whether a key names a Secret by its own words: `existingSecret`, `secretName`, `pullSecret`."""
    words = _words(name)
    return "secret" in words and not _ends_in_a_secret(words) and words[-1] in ("secret", "name", "ref")


def _words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(name))


def _ends_in_a_secret(words: tuple[str, ...]) -> bool:
    while words and words[-1].isdecimal():
        words = words[:-1]
    if not words or _ONLY_NAMED & {*words} or words in _NO_SECRETS:
        return False
    before = words[-2] if len(words) > 1 else ""
    if words[-2:] == ("secret", "key"):
        return words[-3:-2] == () or words[-3] not in _OF_OBJECTS
    if words[-1] == "key":
        return before in _KEYS
    if words[-3:] == ("access", "key", "secret"):
        return True
    if words[-1] == "secret":
        return "registry" not in words and before not in _OF_OBJECTS
    if words[-1] == "url":
        return bool(_CHATS & {*words})
    return words[-1] in _NOUNS
