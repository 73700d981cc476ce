"""A chart's .helmignore, by helm's rules, which are not git's.

Source: https://github.com/helm/helm/blob/v4.2.3/pkg/ignore/rules.go, and https://pkg.go.dev/path/filepath#Match for the
patterns.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from chartgate.documents.json_documents.go_patterns import is_readable, is_whole
from chartgate.documents.words import cut
from chartgate.errors import InputError

_DEFAULT = "templates/.?*"
"""What helm never reads from a folder, whatever .helmignore says."""


_LONGEST_LINE = 2**16 - 1
"""Bytes: `bufio.MaxScanTokenSize` less the end of the line."""


class IgnoreRule(NamedTuple):
    """One line of a .helmignore."""

    matches: Callable[[str], bool]
    """Whether it is about the file or folder at a path in the chart."""
    is_negative: bool
    is_for_folders: bool


def ignore_rules(text: str, where: str) -> list[IgnoreRule]:
    """Read a .helmignore; without one (an empty text), helm's own rule is left.

    Raises:
        InputError: it has a pattern that helm refuses.
    """
    rules = []
    for number, line in enumerate([*text.removeprefix("\ufeff").split("\n"), _DEFAULT], 1):
        if len(line.encode()) > _LONGEST_LINE:
            raise InputError(f"{where}: line {number} is longer than {_LONGEST_LINE} bytes, the most that helm reads")
        rule = line.strip()
        if rule and not rule.startswith("#"):
            rules.append(_rule(rule, f"{where}: line {number}"))
    return rules


def is_ignored(path: str, *, is_folder: bool, rules: Sequence[IgnoreRule]) -> bool:
    """Tell whether helm leaves out what is at a path: the first rule that decides counts.

    A negative rule (`!*.yaml`) ignores all that it does not match: that is helm's reading, not git's.
    """
    for rule in rules:
        if rule.is_negative:
            if (rule.is_for_folders and not is_folder) or not rule.matches(path):
                return True
        elif (is_folder or not rule.is_for_folders) and rule.matches(path):
            return True
    return False


def _rule(rule: str, where: str) -> IgnoreRule:
    if "**" in rule:
        raise InputError(f"{where}: helm knows no `**`: name the folder")
    pattern = rule.removeprefix("!").removesuffix("/")
    try:
        # Helm tries the line as it is, mark and slash included.
        _expression(rule)
        expression = f"(?s:{_expression(pattern.removeprefix('/'))})"
    except ValueError as error:
        raise InputError(f"{where}: {_shortened(rule)} is no pattern that helm can read: {error}") from error
    if not is_readable(expression):
        raise InputError(f"{where}: {_shortened(rule)} is too long a pattern")
    by_name = "/" not in pattern

    def matches(path: str) -> bool:
        return is_whole(expression, posixpath.basename(path) if by_name else path)

    return IgnoreRule(matches, rule.startswith("!"), rule.removeprefix("!").endswith("/"))


def _shortened(rule: str) -> str:
    return repr(cut(rule, 100))


def _expression(pattern: str) -> str:
    """Write a pattern of Go's filepath.Match as a regular expression."""
    found, position = [], 0
    while position < len(pattern):
        character = pattern[position]
        if character == "[":
            expression, position = _class(pattern, position + 1)
            found.append(expression)
            continue
        if character == "\\":
            position += 1
            if position == len(pattern):
                raise ValueError("it ends with a backslash")
            found.append(re.escape(pattern[position]))
        else:
            found.append({"*": "[^/]*", "?": "[^/]"}.get(character) or re.escape(character))
        position += 1
    return "".join(found)


def _class(pattern: str, position: int) -> tuple[str, int]:
    """Give a class of characters (`[a-f]`, `[^x]`) as a regular expression, and the position behind it."""
    is_negative = pattern[position : position + 1] == "^"
    position += is_negative
    ranges: list[str] = []
    while pattern[position : position + 1] != "]" or not ranges:
        first, position = _of_class(pattern, position)
        last = first
        if pattern[position : position + 1] == "-":
            last, position = _of_class(pattern, position + 1)
        if first <= last:
            ranges.append(f"\\x{{{ord(first):x}}}-\\x{{{ord(last):x}}}")
        else:
            ranges.append("")
    inside = "".join(ranges)
    if not inside:  # `[z-a]` holds nothing
        return (r"(?s:.)" if is_negative else r"[^\x{0}-\x{10FFFF}]"), position + 1
    return f"[{'^' * is_negative}{inside}]", position + 1


def _of_class(pattern: str, position: int) -> tuple[str, int]:
    """Give one character of a class, and the position behind it."""
    character = pattern[position : position + 1]
    if character == "\\":
        position += 1
        character = pattern[position : position + 1]
    elif character in ("-", "]"):
        character = ""
    if not character or position + 1 == len(pattern):
        raise ValueError("a `[` in it has no end, or nothing in it")
    return character, position + 1
