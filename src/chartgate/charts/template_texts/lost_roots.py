"""Where a template reads `.Values` and the like of something that has none: found in its text, not by running it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple

from chartgate.charts.template_texts.template_actions import TEXT, Action, actions
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.model import Chart

_ROOT = r"(?:Values|Release|Chart|Capabilities|Template|Files)"
_OF_THE_DOT = re.compile(rf"(?<![\w.$)\]])\.{_ROOT}\b")
_OF_A_KEY = re.compile(rf"(?<![\w.$)\]])\.(\w++)\.{_ROOT}\b")
_REBOUND = re.compile(
    r"^-?\s*+(?:range|with|else\s++with)\s++(?:\$\w++(?:\s*+,\s*+\$\w++)?\s*+:=\s*+)?+(.*+)", re.DOTALL
)
_A_VALUE = re.compile(rf"^\$?(?:\.{_ROOT})?(?:\.\w++)+\s*+-?$|^\$\w++(?:\.\w++)+\s*+-?$")
"""A path into the values, or into what is one already: what it gives has no `.Values` of its own."""
_INCLUDE = re.compile(
    r'\b(?:include|template)\s++"([^"]++)"\s++(?:(\.)(?![\w.])|\(\s*+dict\s++([^()]*+(?:\([^()]*+\)[^()]*+)*+)\))'
)
_RENDERED = re.compile(r"\btpl\s++(?:[.$\w]++|\([^()]*+(?:\([^()]*+\)[^()]*+)*+\))\s++\.(?![\w.])")
_GIVEN_ROOT = re.compile(r'"(\w++)"\s++[.$](?=[\s)])')
"""What the root is called in a `dict` that a named template is given: `dict "root" .`."""
_KEY = re.compile(r'(?:^|\s)"(\w++)"\s++(?:\([^()]*+\)|\S++)')


class LostRoot(NamedTuple):
    """One place at which helm stops as soon as it gets there."""

    template: str
    line: int
    what: str
    """What cannot be read there, in the template's words."""
    why: str


def lost_roots(chart: Chart) -> Iterator[LostRoot]:
    """Give where the templates of one chart, not its subcharts', read what the dot does not have.

    Inside `range .Values.hosts` the dot is a host: `.Values` there is nothing, and helm stops with a nil pointer at
    the first host that somebody adds. So it does where a named template gets that host for a dot, or a `dict` without
    the key by which it reads the values.
    """
    needs = _needs(chart)
    roots = {name for text in chart.templates.values() for name in _GIVEN_ROOT.findall(text)}
    for template, text in sorted(chart.templates.items()):
        for action in actions(text):
            block = _block_of_a_value(action, roots)
            if block and (found := _OF_THE_DOT.search(TEXT.sub('""', action.text))):
                yield LostRoot(
                    template, action.line, found[0], f"inside `{block}` the dot is another one: `${found[0]}`"
                )
            if block and (found := _RENDERED.search(TEXT.sub('""', action.text))):
                why = f"inside `{block}` the dot has no `.Values`, which a template in a value may read: give it `$`"
                yield LostRoot(template, action.line, found[0], why)
            for called in _INCLUDE.finditer(action.text):
                name, dot, given = called.groups()
                wanted = needs.get(name, frozenset())
                if dot and block and "" in wanted:
                    why = f"inside `{block}` the dot has no values, which {name} reads: give it `$`"
                    yield LostRoot(template, action.line, f'include "{name}" .', why)
                elif given is not None and (missing := _missing(wanted, given)):
                    why = f"{name} reads `.{missing}.Values` and the like, and its `dict` has no {missing}"
                    yield LostRoot(template, action.line, f'include "{name}"', why)


def _needs(chart: Chart) -> Mapping[str, frozenset[str]]:
    """Give, of each named template, the keys of its dot that must be the root; empty text for the dot itself."""
    found: dict[str, frozenset[str]] = {}
    for name, texts in calls_of(chart).named.items():
        plain = [TEXT.sub('""', text) for text in texts]
        if any(_asks(text) for text in plain):
            continue  # it looks what it has got
        keys = {key for text in plain for key in _OF_A_KEY.findall(text)}
        found[name] = frozenset({*keys, *([""] if any(map(_OF_THE_DOT.search, plain)) else [])})
    return found


def _asks(text: str) -> bool:
    return any(word in text for word in ("hasKey", "kindIs", "typeIs", "dig ")) or text.lstrip("- ").startswith(
        ("with", "range")
    )


def _missing(wanted: frozenset[str], given: str) -> str:
    """Give a key that must be the root and is none of a `dict`; empty where all are, or they cannot be told."""
    plain = given.strip()
    keys = _KEY.findall(plain)
    is_plain = len(keys) * 2 == len(re.findall(r'"[^"]*+"|\([^()]*+\)|[^\s()"]++', plain))
    return next((key for key in sorted(wanted - {""}) if key not in keys), "") if is_plain and keys else ""


def _block_of_a_value(action: Action, roots: Set[str]) -> str:
    """Give the innermost `range` or `with` around an action, where it makes the dot a value; else nothing."""
    for condition in reversed(action.conditions):
        if rebound := _REBOUND.match(condition):
            value = rebound[1].strip("- ")
            is_root = action.definition and value.removeprefix(".") in roots
            return condition.strip("- ") if _A_VALUE.match(value) and not is_root else ""
    return ""
