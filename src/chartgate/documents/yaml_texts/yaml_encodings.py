"""From the bytes of a YAML file to its text, as go-yaml decodes them: UTF-8, or UTF-16 that begins with its mark.

Source: https://github.com/kubernetes-sigs/yaml/blob/v1.4.0/goyaml.v2/readerc.go
"""

from __future__ import annotations

import codecs

from chartgate.errors import not_utf8

_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def yaml_text(content: bytes, where: str) -> str:
    """Give the text of a YAML file.

    Raises:
        InputError: it is neither UTF-8 nor UTF-16; a mark at its beginning tells which.
    """
    encoding = _MARKS.get(content[:2], "utf-8")
    try:
        return content[0 if encoding == "utf-8" else 2 :].decode(encoding)
    except UnicodeDecodeError as error:
        raise not_utf8(error, where) from error


def is_utf16(content: bytes) -> bool:
    """Tell whether a file is UTF-16 by its mark."""
    return content[:2] in _MARKS
