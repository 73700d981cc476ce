"""How large a chart may be, and how its files may be named.

Source: https://github.com/helm/helm/blob/v4.2.3/pkg/chart/loader/archive/archive.go
"""

from __future__ import annotations

from chartgate.errors import InputError

LARGEST_CHART = 100 * 2**20
"""Bytes that an archive may unpack to."""
LARGEST_FILE = 5 * 2**20
"""Bytes of one file, in a folder or an archive."""

# Helm has no bound for a folder; links to links can make any small one huge.
LARGEST_FOLDER = 256 * 2**20
MOST_ENTRIES = 50_000


def checked_name(name: str, where: str) -> str:
    """Give the name of a file in a chart as it is.

    Helm takes any bytes for a name; its output, where the names stand in lines of text, cannot be read then.

    Raises:
        InputError: it is not UTF-8, or has a character that no line of text shows.
    """
    if not name.isprintable() or any("\ud800" <= character <= "\udfff" for character in name):
        raise InputError(f"{where}: the name of a file is not printable UTF-8: {name!a}; rename it")
    return name
