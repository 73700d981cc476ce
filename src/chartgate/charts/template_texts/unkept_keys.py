"""Keys that a template gives a Secret only where it does not find it: one that is there is kept without them."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from chartgate.charts.template_texts.kept_names import ASSIGNED, LOOKS
from chartgate.charts.template_texts.template_actions import Action, actions, without_comments

_LINE = re.compile(r"^[ \t]*+[\"']?+(?P<key>[A-Za-z_][\w.-]*+)[\"']?+:[ \t]++[\"']?+\{\{", re.MULTILINE)
_FOUND = r"(?:\$\w++(?:\.data)?+|\(?lookup\b[^|]*+)"
_NOT_FOUND = re.compile(rf"(?:not\s++(?:if|with)\s++(?:and\s++)?+|if\s++(?:not|empty)\s++)\(?(?:{_FOUND}[\s)]*+)++-?+")
_READ = re.compile(r"""\b(?:index|get)\s++(\$\w++)(?:\.data)?+\s++"([\w.-]++)"|(\$\w++)\.data\.(\w++)""")
_ASKING = re.compile(r"\b(?:default|coalesce|or|ternary|hasKey|dig|empty)\b")
_VARIABLE = re.compile(r"\$\w++")


def unkept_keys(text: str) -> frozenset[str]:
    """Give the keys that a template has for a new Secret only, or reads of the one that is there and lacks them."""
    if not LOOKS.search(text):
        return frozenset()
    plain, lines = without_comments(text), dict[int, list[Action]]()
    for action in actions(text):
        lines.setdefault(action.line, []).append(action)
    assigned = [found for first, *_ in lines.values() if (found := ASSIGNED.match(first.text))]
    secrets = {f"${found[1]}" for found in assigned if LOOKS.search(found[2])}
    secrets |= {f"${found[1]}" for found in assigned if secrets & {*_VARIABLE.findall(found[2])}}
    sorts: dict[bool, set[str]] = {True: set(), False: set()}
    for line in _LINE.finditer(plain):
        written = lines.get(plain.count("\n", 0, line.end()) + 1)
        if written:
            sorts[_is_of_new_ones(written, line["key"], secrets)].add(line["key"])
    return frozenset(sorts[True] - sorts[False])


def _is_of_new_ones(line: Sequence[Action], key: str, secrets: Set[str]) -> bool:
    written = line[0]
    for condition in written.conditions:
        named = {*_VARIABLE.findall(condition)}
        is_about = named <= secrets if named else "lookup" in condition
        if is_about and _NOT_FOUND.fullmatch(condition.strip()):
            return True
        if f'"{key}"' in condition:
            return False
    read, asked = (
        {(one[0] or one[2], one[1] or one[3]) for each in found for one in _READ.findall(each.text)}
        for found in (line, [each for each in line if each.word in ("if", "with", "else")])
    )
    is_read = any((secret, key) in read - asked for secret in secrets)
    return is_read and not any(_ASKING.search(each.text) for each in line)
