"""Who reads a key of values.yaml, as far as the text of the templates tells, in a chart and its subcharts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from chartgate.charts.metadata.dependencies import condition_paths
from chartgate.charts.template_texts.template_actions import actions
from chartgate.charts.template_texts.template_calls import calls_of
from chartgate.charts.template_texts.template_pieces import indent_of
from chartgate.charts.template_texts.template_reads import Path, Use, at_the_top, paths_in, uses
from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.documents.shapes import is_number, maps_in
from chartgate.documents.very_objects import once_for
from chartgate.model import Chart

_EQUAL = re.compile(r'\beq\s++([$.][\w.]*+)\s++"([^"]*+)"|\beq\s++"([^"]*+)"\s++([$.][\w.]*+)')
_TEXT = re.compile(r'"([^"\\\n]*+)"')
_ASSIGNED = re.compile(r"-?\s*+\$\w++\s*+:?=([^|]*+)\Z")
_FUNCTION = re.compile(r"(?<![\w.$\"-])[A-Za-z]\w*+(?![\w\"-])")
_WORD = re.compile(r"[A-Za-z_][\w-]*+")
_DOT = re.compile(r"\s*+\.(?:\s*+\|\s*+\w++)*+\s*+")
_MOST = 4
"""Places that are looked at for what a key depends on."""


@once_for(16)
def all_uses(chart: Chart) -> tuple[Use, ...]:
    """Give the uses of a chart's values by its own templates and its subcharts', by their addresses at the top.

    A chart's notes count for nothing here, since nothing is rendered of them.
    """
    return tuple(_uses(chart))


@once_for(16)
def uses_below(chart: Chart) -> dict[Path, list[Use]]:
    """Give the same uses by each section that they read something of."""
    found: dict[Path, list[Use]] = {}
    for use in all_uses(chart):
        for depth in range(1, len(use.path) + 1):
            found.setdefault(use.path[:depth], []).append(use)
    return found


def _uses(chart: Chart, *above: str) -> Iterator[Use]:
    for use in uses(chart):
        if not use.template.endswith("NOTES.txt"):
            yield use._replace(
                path=at_the_top(above, use.path),
                template="/".join([*(f"charts/{name}" for name in above), use.template]),
            )
    for subchart in chart.subcharts:
        yield from _uses(subchart, *above, subchart.name)


class Printed(NamedTuple):
    """A line of a template that prints a value, itself or as the dot of a `with`."""

    path: Path
    template: str
    line: str
    above: str
    """The line of YAML that it is below."""


@once_for(4)
def printed_lines(chart: Chart) -> list[Printed]:
    """Give the lines in which the templates of one chart print its values."""
    found: list[Printed] = []
    for name, text in chart.templates.items():
        lines = text.splitlines()
        for action in actions(text):
            [*_, inner] = ("", *action.conditions)
            printed = inner if _DOT.fullmatch(action.text) and inner.startswith("with ") else action.text
            for path in () if action.word else paths_in(printed):
                line = lines[action.line - 1]
                before = (
                    one for one in reversed(lines[: action.line - 1]) if one and not one.lstrip().startswith("{{")
                )
                above = next((one for one in before if indent_of(one) < indent_of(line)), "")
                found.append(Printed(path, name, line.strip(), above.strip()))
    return found


def readers(key: Path, found: Collection[Use]) -> list[Use]:
    """Give the uses that read a key, with what is above it (`toYaml .Values.a` for a.b), or something below it."""
    return [
        use
        for use in found
        if use.path[: len(key)] == key
        or (key[: len(use.path)] == use.path and use.action.word != "if" and not _only_names(use))
    ]


def _only_names(use: Use) -> bool:
    """Tell whether an action only gives a section of the values a name: what is read of it is read by that name."""
    assigned = _ASSIGNED.match(use.action.text)
    return assigned is not None and set(_FUNCTION.findall(assigned[1])) <= {"index", "get"}


def files_reading(key: Path, found: Collection[Use], chart: Chart, *, by_name: bool = False) -> frozenset[str]:
    """Give the templates, by the names that helm gives them, that a key may change something in.

    Those that read it, or include what reads it, and all of a subchart that it switches on. Only those that name the
    key itself, or what is nearest above it, where that is asked for: what takes a whole section may not look at it.
    """
    reading = readers(key, found)
    if by_name:
        nearest = max((min(len(use.path), len(key)) for use in reading), default=0)
        reading = [use for use in reading if len(use.path) >= nearest]
    texts = {use.action.text for use in reading}
    files = {file for file, behind in _texts_behind(chart).items() if not texts.isdisjoint(behind)}
    parts = tuple(part for switch, part in _switched_parts(chart, chart.name) if key[: len(switch)] == switch)
    return frozenset(files | {file for file in calls_of(chart).files if file.startswith(parts)})


def paths_behind(files: Collection[str], found: Collection[Use], chart: Chart) -> set[Path]:
    """Give everything that templates, by the names that helm gives them, read of the values, or what they include."""
    behind = _texts_behind(chart)
    texts = frozenset().union(*(behind.get(file, ()) for file in files))
    return {use.path for use in found if use.action.text in texts}


@once_for(8)
def _texts_behind(chart: Chart) -> dict[str, frozenset[str]]:
    calls = calls_of(chart)
    return {file: frozenset(calls.behind(file)) for file in calls.files if not file.endswith("NOTES.txt")}


def _switched_parts(chart: Chart, above: str, *keys: str) -> Iterator[tuple[Path, str]]:
    """Give the keys that switch a subchart, and where its templates are."""
    for entry in maps_in(chart.metadata.get("dependencies")):
        name = str(entry.get("alias") or entry.get("name"))
        part = f"{above}/charts/{name}/"
        for path in condition_paths(entry):
            yield (*keys, *path.split(".")), part
        if entry.get("tags"):
            yield ("tags",), part
    for subchart in chart.subcharts:
        yield from _switched_parts(subchart, f"{above}/charts/{subchart.name}", *keys, subchart.name)


def conditions(key: Path, found: Collection[Use], values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the values that other keys must have so that a template gets to read this one, as far as can be told.

    Of `if`, `with`, `not` and `eq`; and of the action itself, where it asks for other values, all of them set or none.
    """
    first: list[dict[str, Any]] = []
    guesses: list[dict[str, Any]] = []
    for use in sorted(readers(key, found), key=lambda use: use.action.word == "if")[:_MOST]:
        above = use.path[: len(use.path) - len(_own(use))] if _own(use) else ()
        needed: dict[str, Any] = {}
        for condition in use.action.conditions:
            needed |= _needed(condition, above, values)
        first.append(needed)
        if use.asks:
            first.append(needed | _needed(use.action.text, above, values))
            guesses += (needed | _of_action(use, key, above, values, is_set=is_set) for is_set in (True, False))
    seen: list[dict[str, Any]] = [{}]
    for each in (*first, *guesses):
        changes = {address: value for address, value in each.items() if address != join(*key)}
        if changes not in seen:
            seen.append(changes)
            yield changes


@once_for(8)
def words_asked_beside(chart: Chart) -> dict[str, frozenset[str]]:
    """Give for each word in the templates of a chart and its subcharts what decides whether it is read.

    The other words in the conditions around it, and in an action that asks for it together with them (`default`).
    """
    found: dict[str, set[str]] = {}
    for use in _actions(chart):
        own = set(_WORD.findall(use.action.text))
        asked = {word for condition in use.action.conditions for word in _WORD.findall(condition)}
        asked |= own if use.asks else set()
        for word in own:
            found.setdefault(word, set()).update(asked - {word})
    return {word: frozenset(asked) for word, asked in found.items()}


def _actions(chart: Chart) -> Iterator[Use]:
    for name, text in chart.templates.items():
        yield from (Use(name, (), action) for action in actions(text))
    for subchart in chart.subcharts:
        yield from _actions(subchart)


def compared(key: Path, found: Collection[Use]) -> list[str]:
    """Give the texts in the conditions that are about a key: what it is probably compared with."""
    asking = (use.action.text for use in found if use.path == key and use.asks)
    return list(dict.fromkeys(text for action in asking for text in _TEXT.findall(action)))[: 2 * _MOST]


def _own(use: Use) -> Path:
    """Give the path of a use as its own template writes it, where that can be told."""
    return next((path for path in paths_in(use.action.text) if use.path[-len(path) :] == path), ())


def _of_action(use: Use, key: Path, above: Path, values: Mapping[str, Any], *, is_set: bool) -> dict[str, Any]:
    others = [(*above, *path) for path in paths_in(use.action.text)]
    return {join(*p): _other(lookup(values, join(*p)), is_set) for p in others if p != key[: len(p)]}


def _needed(condition: str, above: Path, values: Mapping[str, Any]) -> dict[str, Any]:
    is_met = not condition.startswith("not ")
    found: dict[str, Any] = {}
    equal = {_address(e[1] or e[4], above): e[2] if e[1] else e[3] for e in _EQUAL.finditer(condition)}
    for path in paths_in(condition):
        address = join(*above, *path)
        wanted = is_met != (
            f"not .Values.{'.'.join(path)}" in condition or f"not $.Values.{'.'.join(path)}" in condition
        )
        if address in equal:
            if wanted:
                found[address] = equal[address]
        elif bool(value := lookup(values, address)) != wanted or value is ABSENT:
            found[address] = _other(value, wanted)
    return found


def _address(text: str, above: Path) -> str:
    return next((join(*above, *path) for path in paths_in(text)), "")


def _other(value: Any, is_set: bool) -> Any:
    """Give a value that counts as set, or as empty, of the same type."""
    if isinstance(value, str):
        return "changed" if is_set else ""
    if isinstance(value, list):
        return ["changed"] if is_set else []
    if isinstance(value, dict):
        return {"changed": "changed"} if is_set else {}
    if is_number(value):
        return 1 if is_set else 0
    return is_set
