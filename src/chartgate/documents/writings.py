"""The forms that one text takes once it is quoted, escaped or encoded, and how placeholders are written."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import quote, quote_plus

PLACEHOLDER = re.compile(r"<path:[^<>]*>")
VARIABLE = re.compile(r"\$\{[A-Za-z_][\w.]*\}|\$\([A-Za-z_]\w*\)")
"""What only names a variable: the container, or the program in it, fills in the value."""


def writings(text: str) -> dict[str, str]:
    """Give every form of a text, quoted, escaped or encoded, by the name of the form."""
    found = {
        "as it is": text,
        "in JSON": json.dumps(text, ensure_ascii=False)[1:-1],
        "in JSON of ASCII": json.dumps(text)[1:-1],
        "in JSON as Go escapes it": _escaped_by_go(text),
        "in a URL": quote(text, safe=""),
        "in a URL's query": quote_plus(text),
        "in HTML": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
        "in HTML as Go escapes it": html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
        "in single quotes": text.replace("'", "''"),
        "in base64": base64.b64encode(text.encode()).decode(),
    }
    # Inside of a longer text that was encoded as a whole, it starts at one of three places of a group.
    for offset, first in ((0, 0), (1, 2), (2, 3)):
        middle = base64.b64encode(b" " * offset + text.encode()).decode()[first:-4]
        if len(middle) >= 12:
            found[f"in base64 of a longer text ({offset})"] = middle
    return found


def _escaped_by_go(text: str) -> str:
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    for character in "<>&":
        escaped = escaped.replace(character, f"\\u{ord(character):04x}")
    return escaped
