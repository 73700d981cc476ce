"""Which keys of a Secret a template makes anew, or for a new one only, though it looks it up, as its text says."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from chartgate.charts.template_texts.kept_names import ASSIGNED, LOOKS
from chartgate.charts.template_texts.template_actions import Action, actions, without_comments

_LINE = re.compile(
    r"""^[ \t]*+["']?+(?:\{\{-?[^{}\n]*+\}\}|([A-Za-z_][\w.-]*+))["']?+:[ \t]++["']?+\{\{""",
    re.MULTILINE,
)
"""A key, perhaps one that the template prints, before what it prints for it."""
_CHANCE = re.compile(r"(?<![\w.$])(?:rand\w++|uuidv4)\b")
_VARIABLE = re.compile(r"\$(\w++)")
_ASSIGNED = re.compile(r"-?\s*+\$(\w++)\s*+:?=")
_MAY_KEEP = re.compile(r"\$\w|\b(?:lookup|include|template)\b|\.Release\.Is")
"""What may stand for a Secret that was looked up, or for a release that is made."""
_Assigned = Mapping[str, Sequence[Action]]
_WRITTEN_LINE = re.compile(r"^[ \t]*+[\"']?+(?P<key>[A-Za-z_][\w.-]*+)[\"']?+:[ \t]++[\"']?+\{\{", re.MULTILINE)
_FOUND = r"(?:\$\w++(?:\.data)?+|\(?lookup\b[^|]*+)"
_NOT_FOUND = re.compile(rf"(?:not\s++(?:if|with)\s++(?:and\s++)?+|if\s++(?:not|empty)\s++)\(?(?:{_FOUND}[\s)]*+)++-?+")
_READ = re.compile(r"""\b(?:index|get)\s++(\$\w++)(?:\.data)?+\s++"([\w.-]++)"|(\$\w++)\.data\.(\w++)""")
_ASKING = re.compile(r"\b(?:default|coalesce|or|ternary|hasKey|dig|empty)\b")
_NAMES = re.compile(r"\$\w++")


def keys_made_anew(text: str) -> frozenset[str]:
    """Give the keys whose value is another one at each rendering, whatever was looked up; empty for a printed key.

    Those alone whose every line prints chance itself, or a variable that is chance and nothing else, under conditions
    about values alone; or a value of the user's.
    """
    found = actions(text)
    in_line: dict[int, list[Action]] = defaultdict(list)
    assigned: dict[str, list[Action]] = defaultdict(list)
    for action in found:
        in_line[action.line].append(action)
        if to := _ASSIGNED.match(action.text):
            assigned[to[1]].append(action)
    anew: set[str] = set()
    kept: set[str] = set()
    plain, line, counted = without_comments(text), 1, 0
    for match in _LINE.finditer(plain):
        line += plain.count("\n", counted, match.start())
        counted = match.start()
        for action in (a for a in in_line[line][0 if match[1] else 1 :] if not a.word):
            if _is_anew(action, assigned):
                anew.add(match[1] or "")
            elif _MAY_KEEP.search(action.text) or _CHANCE.search(action.text):
                kept.add(match[1] or "")
    return frozenset(anew - kept)


def _is_anew(action: Action, assigned: _Assigned) -> bool:
    if any(map(_MAY_KEEP.search, action.conditions)):
        return False
    expression = action.text[to.end() :] if (to := _ASSIGNED.match(action.text)) else action.text
    variables = _VARIABLE.findall(expression)
    if to is None and len(variables) == 1 and not _CHANCE.search(expression):
        made = assigned.get(variables[0], ())
        return len(made) == 1 and _is_anew(made[0], assigned)
    return _CHANCE.search(expression) is not None and not _MAY_KEEP.search(expression)


def unkept_keys(text: str) -> frozenset[str]:
    """Give the keys that a template has for a new Secret only, or reads of the one that is there and lacks them."""
    if not LOOKS.search(text):
        return frozenset()
    plain, lines = without_comments(text), dict[int, list[Action]]()
    for action in actions(text):
        lines.setdefault(action.line, []).append(action)
    assigned = [found for first, *_ in lines.values() if (found := ASSIGNED.match(first.text))]
    secrets = {f"${found[1]}" for found in assigned if LOOKS.search(found[2])}
    secrets |= {f"${found[1]}" for found in assigned if secrets & {*_NAMES.findall(found[2])}}
    sorts: dict[bool, set[str]] = {True: set(), False: set()}
    for line in _WRITTEN_LINE.finditer(plain):
        written = lines.get(plain.count("\n", 0, line.end()) + 1)
        if written:
            sorts[_is_of_new_ones(written, line["key"], secrets)].add(line["key"])
    return frozenset(sorts[True] - sorts[False])


def _is_of_new_ones(line: Sequence[Action], key: str, secrets: Set[str]) -> bool:
    written = line[0]
    for condition in written.conditions:
        named = {*_NAMES.findall(condition)}
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
