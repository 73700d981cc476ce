"""Texts on which a regular expression that is not linear takes long, made from the pattern itself.

A backtracking engine takes quadratic time or worse where a part that repeats can be left at many places before the
match fails. So: whatever may stand in front of a repetition, then what it repeats, many times, then what fits nothing.
"""

from __future__ import annotations

import importlib
import itertools
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any

_parser: Any = importlib.import_module("re._parser")
_ENDS = ("\x00", "")
_PALETTE = "aZ0_ -./:=#'\"\\{}()[]<>,;&|!\n\té"
LENGTHS = (8, 12, 16, 20, 24, 32, 40, 50, 60, 75, 100, 130, 180, 250, 400, 800, 2000, 12_000)
"""Close together where an exponential pattern would never come back from the next."""
FEW_LENGTHS = (130, 800, 2000, 12_000)
"""For what takes a power of the length at most: nothing that repeats can be read in several ways by itself."""
LIMIT = 0.03
"""Seconds: a linear pattern takes a few milliseconds for the longest text, a quadratic one a quarter of a second."""
HARMLESS = 0.0001
"""Seconds for the text before the longest, which is a sixth of it: what takes less stays below the limit there, even
where time grows by the cube."""
DOUBTLESS = 3 * LIMIT
"""Seconds that no linear pattern takes, however busy the machine is: it need not be tried again."""
TRIES = 5


def slow_text(pattern: re.Pattern[Any], method: str) -> str:
    """Give the beginning of a text, and its length, that takes a pattern too long; empty where there is none."""
    tree = _tree(pattern)
    lengths = LENGTHS if _may_explode(tree) else FEW_LENGTHS
    for text_of in _attacks(tree):
        taken = LIMIT
        for length in lengths:
            if length == LENGTHS[-1] and taken < HARMLESS:
                break
            text = text_of(length) if isinstance(pattern.pattern, str) else text_of(length).encode()
            taken = _seconds(pattern, method, text)
            if taken > LIMIT:
                return f"{text[:60]!r}... of {len(text)} characters"
    return ""


def _seconds(pattern: re.Pattern[Any], method: str, text: str | bytes) -> float:
    """Give the least processor time of a few tries, or of one that leaves no doubt."""
    found = []
    for _ in range(TRIES):
        start = time.thread_time()
        if method == "sub":
            pattern.sub(text[:0], text)
        elif method == "finditer":
            all(pattern.finditer(text))
        else:
            getattr(pattern, method)(text)
        found.append(time.thread_time() - start)
        if found[-1] < LIMIT or found[-1] > DOUBTLESS:
            break
    return min(found)


def _tree(pattern: re.Pattern[Any]) -> Any:
    written = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    return _parser.parse(written, pattern.flags & ~re.UNICODE | re.UNICODE)


def _may_explode(tree: Any) -> bool:
    """Tell whether a repetition holds another one, what may be left out, or a choice."""
    return any(
        "REPEAT" in op and given[1] > 1 and any("REPEAT" in below or below == "BRANCH" for below, _ in _nodes(given[2]))
        for op, given in _nodes(tree)
    )


def _attacks(tree: Any) -> Iterator[Any]:
    alphabet = _alphabet(tree)
    units = dict.fromkeys(("", body) for body in alphabet[:12])
    for before, bodies in _repetitions(tree, [""]):
        for body in bodies:
            units |= dict.fromkeys(
                [("", body), *((one, body) for one in before), *(("", one + body) for one in before)]
            )
    units |= dict.fromkeys(("", whole) for whole in _samples(tree))
    for (before, unit), end in itertools.product(units, _ENDS):
        if unit:
            yield lambda n, before=before, unit=unit, end=end: before + unit * (n // len(unit)) + end


def _alphabet(tree: Any) -> list[str]:
    found = itertools.chain(*(_characters(op, given) for op, given in _nodes(tree)))
    return list(dict.fromkeys(found))


def _nodes(tree: Any) -> Iterator[tuple[str, Any]]:
    for op, given in tree:
        yield str(op), given
        for below in _below(str(op), given):
            yield from _nodes(below)


def _below(op: str, given: Any) -> list[Any]:
    if op == "BRANCH":
        return list(given[1])
    if "REPEAT" in op:
        return [given[2]]
    if op == "SUBPATTERN":
        return [given[3]]
    if op == "ATOMIC_GROUP":
        return [given]
    if op in ("ASSERT", "ASSERT_NOT"):
        return [given[1]]
    return []


def _characters(op: str, given: Any) -> list[str]:
    """Give characters that one node stands for: two of each range, and what is left of the palette."""
    if op == "LITERAL":
        return [chr(given)]
    if op == "NOT_LITERAL":
        return [character for character in _PALETTE if character != chr(given)][:2]
    if op == "ANY":
        return ["a"]
    if op != "IN":
        return []
    named = [character for item in given for character in _in_class(*item)]
    if str(given[0][0]) == "NEGATE":
        return [character for character in _PALETTE if character not in named][:3]
    return named


def _in_class(op: Any, given: Any) -> list[str]:
    if str(op) == "LITERAL":
        return [chr(given)]
    if str(op) == "RANGE":
        return [chr(given[0]), chr(given[1])]
    if str(op) == "CATEGORY":
        return {"DIGIT": ["0"], "SPACE": [" ", "\n"], "WORD": ["a", "_"]}.get(str(given).rpartition("_")[2], [])
    return []


def _samples(tree: Any) -> list[str]:
    """Give a few texts that a part of a pattern matches."""
    made = [""]
    for op, given in tree:
        made = list(dict.fromkeys(one + two for one in made for two in _texts(str(op), given)))[:6]
    return made


def _texts(op: str, given: Any) -> list[str]:
    if "REPEAT" in op:
        least = given[0]
        return [text * max(least, 1) for text in _samples(given[2])][:3] + [""] * (least == 0)
    if op == "BRANCH":
        return [text for branch in given[1] for text in _samples(branch)[:2]]
    if op == "SUBPATTERN":
        return _samples(given[3])
    if op == "ATOMIC_GROUP":
        return _samples(given)
    return _characters(op, given)[:3] or [""]


def _repetitions(tree: Any, before: Iterable[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Give what may stand in front of each repetition of a pattern, and what it repeats."""
    ahead = list(before)
    for op, given in tree:
        name = str(op)
        if "REPEAT" in name and given[1] > 8:
            yield ahead, [text for text in _samples(given[2]) if text]
        for below in _below(name, given):
            yield from _repetitions(below, ahead)
        ahead = list(dict.fromkeys(one + two for one in ahead for two in _texts(name, given)[:2]))[:4]
