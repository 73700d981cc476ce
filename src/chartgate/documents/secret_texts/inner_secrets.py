"""Secrets inside of texts that are none as a whole: passwords of URLs and connection strings, private keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import re2

# A URL's user information (RFC 3986, 3.2.1; the user may be `${env:USER}`), that of go-sql-driver/mysql, and the pairs
# of libpq, ODBC and ADO.NET.
_PASSWORDS = re2.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://(?:\$\{[^{}\s]*\}|[^\s/@:'\"<>])*:([^\s/@'\"]+)@"
    r"|^[^\s/@:'\"]+:([^\s@]+)@[a-z0-9]*\("
    r"|(?i:password|passwd|pwd)\s*=\s*['\"]?([^\s;&'\"]+)"
)
NO_TEXT = ("$", "{{", "%", "<", "*")
"""How a text begins in which something else will be put in the place of a secret."""
_PRIVATE_KEY = "PRIVATE KEY-----"


def secrets_inside(value: Any) -> Iterator[str]:
    """Give the secrets in a text that is none as a whole: passwords of URLs and the like, a private key."""
    if not isinstance(value, str):
        return
    if "://" in value or "@" in value or "=" in value:
        for found in _PASSWORDS.finditer(value):
            text = found[1] or found[2] or found[3]
            if not text.startswith(NO_TEXT):
                yield text
    if _PRIVATE_KEY in value:
        yield value
