"""A copy of a chart that makes no keys: certificates, private keys and hashes of passwords are fixed texts in it.

To make a key takes helm ten times as long as all else of a rendering. What policies derive, other values or another
name, shows nothing more with new ones, since these are others each time, and that is judged of the matrix's scenarios.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from chartgate.charts.reading.chart_paths import every_file
from chartgate.charts.template_texts.template_pieces import pieces
from chartgate.model import Chart
from chartgate.rendering.stamped_chart import is_of_templates, of_a_folder, write_chart

_PEM = "-----BEGIN {0}-----\\nbm90IG9uZQ==\\n-----END {0}-----\\n"
_CERTIFICATE, _KEY = _PEM.format("CERTIFICATE"), _PEM.format("RSA PRIVATE KEY")
_PAIR = f'dict "Cert" "{_CERTIFICATE}" "Key" "{_KEY}"'
_FIRST = 'coalesce "{}"'
_GIVEN = {
    **dict.fromkeys(("genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey"), _PAIR),
    **dict.fromkeys(("genSignedCert", "genSignedCertWithKey"), _PAIR),
    "genPrivateKey": _FIRST.format(_KEY),
    "htpasswd": _FIRST.format("user:$2a$10$" + "a" * 53),
    "bcrypt": _FIRST.format("$2a$10$" + "a" * 53),
}
"""What takes the same arguments, any number of them, and gives what can be used in the same way.

Source: https://masterminds.github.io/sprig/crypto.html
"""
_CALL = re.compile(rf'"(?:\\.|[^"\\\n])*+"|`[^`]*+`|(?<![\w.$])(?P<name>{"|".join(_GIVEN)})(?!\w)')
_NAMED = re.compile(rf"\b(?:{'|'.join(_GIVEN)})\b".encode())
_WANTS_REAL_ONES = re.compile(rb"\bbuildCustomCert\b")


def without_new_keys(chart: Chart, folder: Path) -> Path | None:
    """Write the copy.

    Args:
        chart: what is copied.
        folder: where it is written; nothing is there yet.

    Returns:
        The folder; None where the chart makes no keys, or other files than templates may.

    Raises:
        InputError: it cannot be written, or a packed subchart cannot be read.
    """
    files = {of_a_folder(path): content for path, content in every_file(chart.files, chart.source)}
    named = {path: _changed(content) for path, content in files.items() if _NAMED.search(content)}
    changed = {path: content for path, content in named.items() if content != files[path]}
    if not changed or any(map(_WANTS_REAL_ONES.search, files.values())) or not all(map(is_of_templates, changed)):
        return None
    write_chart(folder, files | changed)
    return folder


def _changed(content: bytes) -> bytes:
    text = content.decode("utf-8", "surrogateescape")
    return "".join(_of_pieces(text)).encode("utf-8", "surrogateescape")


def _of_pieces(text: str) -> Iterator[str]:
    for piece in pieces(text):
        yield _CALL.sub(_given, piece.text) if piece.kind == "action" else piece.text


def _given(call: re.Match[str]) -> str:
    return _GIVEN[call["name"]] if call["name"] else call[0]
