"""Which values the templates of a chart read, found in their text, not by running them."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from chartgate.charts.chart_values.coalescing import overlay
from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.documents.addresses import join
from chartgate.documents.very_objects import once_for
from chartgate.model import Chart

Path = tuple[str, ...]

# Nothing here goes back into what it has read (`++`).
_TEXT = re.compile(r""" "(?:\\.|[^"\\\n])*+"?+ | `[^`]*+`?+ | '(?:\\.|[^'\\\n])*+'?+ """, re.VERBOSE)
_STEPS = r"(?:\.[A-Za-z_]\w*+)"
_NAME = rf"(?P<variable>\$\w*+)?+(?P<steps>{_STEPS}*+)"
# `index .Values "a" "b"`, `get .Values "a"`, `hasKey .Values "a"`, and what follows: `(index .Values "a").b`.
_INDEX = re.compile(rf'\b(?:index|get|hasKey)\s++{_NAME}(?P<keys>(?:\s++"[^"]*+")++)(?:\s*+\)(?P<rest>{_STEPS}++))?+')
_PICK = re.compile(rf'\bpick\s++{_NAME}(?P<keys>(?:\s++"[^"]*+")++)')
# `.Values.a | dig "b" "c" ""`: keys, and behind them what it gives without.
_DIG = re.compile(rf'(?<![\w.)])(?=[.$]){_NAME}\s*+\|\s*+dig(?P<keys>(?:\s++"[^"]*+")++)(?P<default>\s++[^\s|)}}]++)?+')
_PATH = re.compile(rf"(?<![\w.)]){_NAME}")
# `((.Values.a).b).c` reads a.b.c, and goes on where a or b is not there.
_SAFE = re.compile(r"\(\s*+([$.][\w.]*+)\s*+\)(?=\.\w)")
_GLUED = re.compile(r"^(-?\s*+(?:if|with|range|else if|else with))(?=\.)")
"""`with.Values.a`, as Go reads it too."""
_DEEPEST = 9
_SET = re.compile(r"^\s*+(\$\w++)\s*+:?=\s*+(?:deepCopy\s++)?+(.*+)", re.DOTALL)
_OMITTED = re.compile(r'^omit\s++(\S++)(?:\s++"[^"]*+")++$')
"""A section without some of its keys is still that section for whoever reads others."""
_LOOP = re.compile(r"^\s*+(?:range|with|if|else if|else with)\s++((?:\$\w++\s*+,\s*+)?\$\w++)\s*+:=")
_ASKING = re.compile(
    r"\b(?:default|coalesce|required|hasKey|dig|get|pluck|pick|omit|empty|ternary|and|or|not|any|all|kindIs|kindOf"
    r"|typeIs|typeOf|compact|merge|mergeOverwrite|mustMerge|mustMergeOverwrite|dict)\b"
)
_WRITTEN = re.compile(r"\b(?:toYaml|toYamlPretty|toJson|toPrettyJson|toRawJson|toToml|tpl)\b")
_WRITTEN_DOT = re.compile(rf"{_WRITTEN.pattern}\s++\(?\.(?![\w.])|(?<![\w.$)])\.\s*+\|\s*+{_WRITTEN.pattern}")
_SECTION = re.compile(r"with\s++\$?\.Values\.([\w.]++)")
_OF_THE_DOT = re.compile(r"(?<![\w.$)\]])\.([a-z]\w*+(?:\.\w++)*+)")
_WORD = re.compile(r"[A-Za-z_][\w-]*+")
_REPLACES = re.compile(r'\bset\s++[.$]\s++"Values"')
_SETS = re.compile(r'\bset\s++\$?\.Values\s++"([^"]++)"')
_KEY = re.compile(r'"([^"]*+)"')


class Read(NamedTuple):
    """A value that a template reads, by its keys below `.Values`."""

    template: str
    path: Path

    def __str__(self) -> str:
        return f"{self.template} reads {join(*self.path)}"


class Use(NamedTuple):
    """One place where a template reads a value."""

    template: str
    path: Path
    """The keys below `.Values`."""
    action: Action
    is_whole: bool = False
    """Whether all that is below it is written out: by `toYaml`, in its block if it is a `with`, or by a `range`."""

    @property
    def asks(self) -> bool:
        """Whether the template goes on without the value: a condition, a default, a look whether it is there."""
        text = _TEXT.sub('""', self.action.text)
        return self.action.word in ("if", "with", "else") or bool(_ASKING.search(text) or _SAFE.search(text))


def reads(chart: Chart) -> list[Read]:
    """Give what the templates of one chart read, each value once for each template; not its subcharts'.

    What a template reaches through `with`, `range` or an argument of a named template is not followed.
    """
    return list(dict.fromkeys(Read(use.template, use.path) for use in uses(chart)))


@once_for(16)
def uses(chart: Chart) -> tuple[Use, ...]:
    """Give every place where a template of one chart reads a value; not its subcharts' templates."""
    if chart.metadata.get("type") == "library":  # its templates run with the values of whoever includes them
        return ()
    return tuple(Use(name, *found) for name, text in sorted(chart.templates.items()) for found in _of_text(text))


@functools.lru_cache(maxsize=1024)
def _of_text(text: str) -> tuple[tuple[Path, Action, bool], ...]:
    """Give what a text reads; policies ask for the same templates again and again."""
    return tuple(_paths_and_actions(text))


def paths(text: str) -> Iterator[Path]:
    """Give the keys below `.Values` of everything that a template's text reads; comments do not count."""
    return (path for path, _, _ in _paths_and_actions(text))


def actions_and_variables(text: str) -> Iterator[tuple[list[Action], dict[str, Path]]]:
    """Give the actions of a template's text, those of a definition together, with what their variables stand for."""
    for _, part in itertools.groupby(actions(text), key=lambda action: action.definition):
        together = list(part)
        yield together, _variables([action.text for action in together])


def _paths_and_actions(text: str) -> Iterator[tuple[Path, Action, bool]]:
    for together, variables in actions_and_variables(text):
        written = {dot for action in together if _WRITTEN_DOT.search(action.text) for dot in _dots(action)}
        for action in together:
            is_whole = action.word == "range" or action.text.strip() in written or bool(_WRITTEN.search(action.text))
            yield from ((path, action, is_whole) for path in paths_in(action.text, variables))


def _dots(action: Action) -> list[str]:
    """Give the innermost of the blocks around an action that say what its dot is."""
    return [text for text in action.conditions if text.startswith(("with", "range"))][-1:]


def dot_meant(value: str, action: Action) -> str:
    """Give an expression, and of the dot that of the `with` around it; nothing of the dot for an item of a list."""
    return value if value != "." else "".join(text for text in _dots(action) if text.startswith("with"))


def keys_of_dots(chart: Chart) -> Iterator[tuple[Path, str]]:
    """Give the keys that templates read of a section by the dot of a `with`, each with the action that does.

    So `.user` below `with .Values.db`, as db.user.
    """
    for _, text in sorted(chart.templates.items()):
        for action in actions(text):
            if around := _SECTION.fullmatch(dot_meant(".", action)):
                section = around[1].split(".")
                for key in _OF_THE_DOT.findall(_TEXT.sub('""', action.text)):
                    yield (*section, *key.split(".")), action.text


def at_the_top(names: Sequence[str], path: Path) -> Path:
    """Give the address at the top of a chart for a key that a subchart reads, by the names that lead to it."""
    return path if path[0] == "global" else (*names, *path)


def paths_in(expression: str, variables: Mapping[str, Path] = MappingProxyType({})) -> Iterator[Path]:
    """Give the keys below `.Values` of everything that one expression reads."""
    for _ in range(_DEEPEST):
        if not _SAFE.search(expression):
            break
        expression = _SAFE.sub(r"\1", expression)
    expression = _GLUED.sub(r"\1 ", expression)
    for found in (*_INDEX.finditer(expression), *_PICK.finditer(expression)):
        yield from _indexed(found, variables)
    for found in _DIG.finditer(expression):
        base, keys = _resolved(found, variables, is_whole=True), _KEY.findall(found["keys"])
        if base is not None:
            yield (*base, *(keys if found["default"] else keys[:-1]))
    for found in _PATH.finditer(_TEXT.sub('""', expression)):
        if path := _resolved(found, variables):
            yield path


def words_of(chart: Chart) -> frozenset[str]:
    """Give every word in the actions of a chart's templates: a key that is none of them is read by no name."""
    texts = (action.text for text in chart.templates.values() for action in actions(text))
    return frozenset(word for text in texts for word in _WORD.findall(text))


def replaces_values(chart: Chart) -> bool:
    """Tell whether a template puts other values in the place of those given: `set $ "Values" (merge ...)`."""
    return any(_REPLACES.search(action.text) for text in chart.templates.values() for action in actions(text))


def keys_set(chart: Chart) -> frozenset[str]:
    """Give the keys that templates add to the values themselves: `set .Values "name" ...`."""
    texts = (action.text for text in chart.templates.values() for action in actions(text))
    return frozenset(key for text in texts for key in _SETS.findall(text))


def _variables(actions: list[str]) -> dict[str, Path]:
    """Give the variables that stand for a part of the values; not those that are set to more than one thing."""
    known: dict[str, Path] = {}
    is_set: set[str] = set()
    for action in actions:
        if loop := _LOOP.match(action):
            for name in map(str.strip, loop[1].split(",")):
                known.pop(name, None)
                is_set.add(name)
        elif assigned := _SET.match(action):
            name, value = assigned[1], _OMITTED.sub(r"\1", assigned[2].removesuffix("-").rstrip())
            whole = _INDEX.fullmatch(value.strip("()")) or _PATH.fullmatch(value)
            path = _whole(whole, known) if whole else None
            if name in is_set:
                known.pop(name, None)
            elif path is not None:
                known[name] = path
            is_set.add(name)
    return known


def _whole(found: re.Match[str], variables: Mapping[str, Path]) -> Path | None:
    if "keys" in found.re.groupindex:
        return next(_indexed(found, variables), None)
    return _resolved(found, variables, is_whole=True)


def _indexed(found: re.Match[str], variables: Mapping[str, Path]) -> Iterator[Path]:
    base = _resolved(found, variables, is_whole=True)
    if base is None:
        return
    keys = tuple(_KEY.findall(found["keys"]))
    if "rest" in found.re.groupindex:
        yield (*base, *keys, *(found["rest"] or "").split(".")[1:])
    else:
        yield from ((*base, key) for key in keys)


def _resolved(found: re.Match[str], variables: Mapping[str, Path], *, is_whole: bool = False) -> Path | None:
    """Give the keys below `.Values`; None for what is not a value, and for all of them unless that is asked for."""
    path = tuple(found["steps"].split(".")[1:])
    if "Values" in path:  # the last one: a whole root is given as the Values of another
        path = path[len(path) - path[::-1].index("Values") :]
        return path if path or is_whole else None
    if found["variable"] in variables:
        return (*variables[found["variable"]], *path)
    return None


def known_values(chart: Chart, above: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give values.yaml as it is written, nulls included, with that of each subchart below its name.

    Args:
        chart: whose values.yaml it is.
        above: what the chart above has for this one, `global` included.
    """
    defaults: dict[str, Any] = {subchart.name: known_values(subchart) for subchart in chart.subcharts}
    return overlay(defaults, chart.own_values, above or {})


def values_below(chart: Chart, known: Mapping[str, Any]) -> dict[str, Any]:
    """Give what the known values of a chart hold for one of its subcharts."""
    own, shared = known.get(chart.name), known.get("global")
    layers = (own if isinstance(own, dict) else {}, {"global": shared} if isinstance(shared, dict) else {})
    return overlay(*layers)


def has_key(values: Any, path: Path) -> bool:
    """Tell whether values have a key; below a null or an empty map, there may be anything."""
    for step in path:
        if values is None or values == {}:
            return True
        if not isinstance(values, Mapping) or step not in values:
            return False
        values = values[step]
    return True
