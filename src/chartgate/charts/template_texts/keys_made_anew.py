"""Which keys of a Secret a template makes anew, though it looks up others, as its text says."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

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
