"""By which names templates look for the Secrets that they keep, and by which they write them.

Source: https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from typing import NamedTuple

from chartgate.charts.template_texts.expressions import without_brackets, words_in
from chartgate.charts.template_texts.template_actions import actions, without_comments
from chartgate.documents.misspellings import nearly
from chartgate.model import Chart, folder_of

LOOKS = re.compile(r'\blookup\s++"v1"\s++"Secret"\s++')
_LOOKS_FOR = re.compile(r'\blookup\s++"v1"\s++"(\w++)"\s++')
ASSIGNED = re.compile(r"\s*+\$(\w++)\s*+(?::?=)\s*+(.*)", re.DOTALL)
WRITTEN = re.compile(r"^kind:[ \t]*+Secret[ \t]*+$(?:\n(?!---|kind:).*+)*?\n[ \t]++name:[ \t]++(.*+)$", re.MULTILINE)
_OBJECT = re.compile(r"^kind:[ \t]*+(\w++)[ \t]*+$(?:\n(?!---|kind:).*+)*?\n[ \t]++name:[ \t]++(.*+)$", re.MULTILINE)
RANDOM = re.compile(r"\b(?:rand\w++|genCA\w*+|genSelfSigned\w++|genSigned\w++|genPrivateKey|uuidv4)\b")
_LONGEST = 1000
"""Characters of an expression, and of a name: what has more is not taken apart."""
_ACTION = re.compile(r"\{\{-?([^{}]*+)\}\}")
_INCLUDE = re.compile(r'(?:include|template)\s++"([^"]++)"\s++[.$]')
_DEFINED = re.compile(
    r'\{\{-?\s*+define\s++"([^"]++)"\s*+-?\}\}\s*+((?:[^\n{}]++|\{\{(?!-?\s*+(?:end|define)\b)[^{}\n]*+\}\})++)\s*+\{\{-?\s*+end\b'
)
_FIELD = re.compile(r"\$?(\.[A-Z]\w*+(?:\.\w++)*+)")
_TEXT = re.compile(r'"([^"\\]*+)"')
_BUILT_IN = dict.fromkeys(("<.Release.Name>", "<.Release.Namespace>", "<.Chart.Name>"), "<>")

_RELEASE, _NAMESPACE = "<.Release.Name>", "<.Release.Namespace>"
_Name = tuple[str, ...]
"""A name in parts: texts as they are, and in angle brackets what a template puts in."""
_Names = Mapping[str, _Name | None]
"""The names that variables hold; None for what is not known."""


class MissedSecret(NamedTuple):
    """A Secret that is looked for by another name than it is written by."""

    template: str
    line: int
    sought: str
    written: str


class OtherSecret(NamedTuple):
    """A Secret that is looked for by the name of another object."""

    template: str
    line: int
    sought: str
    place: tuple[str, str]
    """The template and the kind of an object, the only one of its kind there, that has the name."""


def of_release(name: str, release: str) -> tuple[str, ...]:
    """Give the name of a rendered object in parts, as a template writes it by that of the release."""
    before, found, after = name.partition(release)
    return tuple(filter(None, (before, _RELEASE if found else "", after)))


def missed_secrets(chart: Chart, there: Set[_Name]) -> Iterator[MissedSecret]:
    """Give the Secrets with random content that a template looks for by a name that it does not give them.

    Only names whose parts are all known, and of which nothing but the text between them differs; a template that finds
    its own Secret may look for others, and what another template writes is another one. By the name of the release with
    something more, a template that writes one Secret looks for that, unless there is one of this name.
    """
    for names, one in chart.with_subcharts():
        texts = _written_out({name: without_comments(text) for name, text in sorted(one.templates.items())})
        everywhere = {name for text in texts.values() for name in _written(text, _variables(text)) if name}
        for name, text in texts.items():
            if RANDOM.search(text) and "lookup" in text:
                yield from _missed(f"{folder_of(names)}{name}", text, everywhere, there)


def _written_out(texts: Mapping[str, str]) -> dict[str, str]:
    """Put what a named template of one line says in the place of each include of it."""
    known = {found[1]: _expression(found[2]) for text in texts.values() for found in _DEFINED.finditer(text)}

    def said(found: re.Match[str]) -> str:
        return known.get(found[1], "") or found[0]

    return {name: _INCLUDE.sub(said, _INCLUDE.sub(said, text)) for name, text in texts.items()}


def _expression(line: str) -> str:
    """Give what the text and the actions of a line say together as one expression; empty for what is not known here."""
    found = [f"({action[1].strip()})" for action in _ACTION.finditer(line)]
    text = _ACTION.sub("%s", line.replace("%", "%%")).strip()
    said = found[0] if text == "%s" else f'(printf "{text}" {" ".join(found)})'
    return said if found and _expanded(said, {}) else ""


def other_secrets(chart: Chart) -> Iterator[OtherSecret]:
    """Give the Secrets with random content that a template looks for by the name of something else in the chart.

    That the two names are of different parts is in the text; whether they are different names, a rendering knows.
    """
    for names, one in chart.with_subcharts():
        texts = {name: without_comments(text) for name, text in sorted(one.templates.items())}
        known = {name: _objects(text) for name, text in texts.items()}
        for template, text in texts.items():
            written, sought = _apart(text) if RANDOM.search(text) and "lookup" in text else ([], [])
            for line, name in sought if len(written) == 1 else ():
                places = [
                    (f"{folder_of(names)}{file}", kind)
                    for file, objects in known.items()
                    for kind, other in objects.items()
                    if other == name and not any(part.startswith("<.Values") for part in name)
                ]
                if places:
                    yield OtherSecret(f"{folder_of(names)}{template}", line, "".join(name), places[0])


def looks_for_its_own(text: str) -> bool:
    """Tell whether a template looks for Secrets by the very names that it writes, as far as these are known."""
    variables = _variables(text)
    written, sought = {*_written(text, variables)}, {name for _, name in _sought(text, variables)}
    return None not in sought and sought <= written


def _objects(text: str) -> dict[str, _Name]:
    """Give the names of the objects in a template's text, by kind, of which it has one."""
    variables, found = _variables(text), _OBJECT.findall(text)
    times = Counter(kind for kind, _ in found)
    return {kind: name for kind, line in found if times[kind] == 1 and (name := _name_of(line, variables))}


def _missed(template: str, text: str, everywhere: Set[_Name], there: Set[_Name]) -> Iterator[MissedSecret]:
    written, sought = _apart(text)
    yield from _missed_by_kind(template, text)
    for line, name in sought:
        others = [other for other in written if name not in everywhere and _is_like(name, other)]
        if others:
            yield MissedSecret(template, line, "".join(name), "".join(others[0]))
        elif len(written) == len(sought) == 1 and _parts(name) == [_RELEASE] and name not in everywhere | there:
            yield MissedSecret(template, line, "".join(name), "".join(written[0]))
        elif name[0] == _NAMESPACE and (meant := (_RELEASE, *name[1:])) in there and name not in everywhere:
            yield MissedSecret(template, line, "".join(name), "".join(meant))


def _missed_by_kind(template: str, text: str) -> Iterator[MissedSecret]:
    """Give what has the name of the Secret, and is looked for as something else; nothing where a Secret is as well."""
    variables, made = _variables(text), {kind for kind, _ in _OBJECT.findall(text)}
    written = {*_written(text, variables)} - {None}
    for line, kind, name in _sought_kinds(text, variables) if not LOOKS.search(text) else ():
        if name in written and kind not in made:
            yield MissedSecret(template, line, f"the {kind} {''.join(name or ())}", "".join(name or ()))


def _apart(text: str) -> tuple[list[_Name], list[tuple[int, _Name]]]:
    """Give by which names a template writes Secrets and by which it looks for them; none where one may be both."""
    variables = _variables(text)
    written = [*_written(text, variables)]
    sought = [*_sought(text, variables)]
    if None in written or any(name is None or name in written for _, name in sought):
        return [], []
    return [name for name in written if name], [(line, name) for line, name in sought if name]


def _variables(text: str) -> _Names:
    """Give what is assigned to the variables of a template, each by those before it; None for several assignments."""
    assigned = [found for action in actions(text) if (found := ASSIGNED.match(action.text))]
    times = Counter(found[1] for found in assigned)
    known: dict[str, _Name | None] = {}
    for found in assigned:
        known[found[1]] = _expanded(found[2], known) if times[found[1]] == 1 else None
    return known


def _written(text: str, variables: _Names) -> Iterator[_Name | None]:
    yield from (_name_of(line, variables) for line in WRITTEN.findall(text))


def _sought(text: str, variables: _Names) -> Iterator[tuple[int, _Name | None]]:
    yield from ((line, name) for line, kind, name in _sought_kinds(text, variables) if kind == "Secret")


def _sought_kinds(text: str, variables: _Names) -> Iterator[tuple[int, str, _Name | None]]:
    for action in actions(text):
        for found in _LOOKS_FOR.finditer(action.text):
            _, *rest = words_in(action.text[found.end() :][:_LONGEST]) or [""]
            yield action.line, found[1], _expanded(rest[0], variables) if rest else None


def _is_like(name: _Name, other: _Name) -> bool:
    """Tell whether two names have the same parts, if they have any that a template puts in, or differ by a slip.

    So do `.Release.Namespace` and `.Release.Name`, or what a named template makes of it, in front of the same text.
    """
    if not _parts(name):
        return bool(nearly("".join(name), ["".join(other)]))
    is_slip = len(name) > 1 and [_BUILT_IN.get(p, p) for p in name] == [_BUILT_IN.get(p, p) for p in other]
    is_slip = is_slip or (len(name) > 1 and name[0] == _NAMESPACE and _named(other[0]) and name[1:] == other[1:])
    return is_slip or _parts(name) == _parts(other)


def _named(part: str) -> bool:
    """Tell whether a part of a name is what a named template makes, and no value."""
    return part.startswith("<") and not part.startswith("<.")


def _parts(name: _Name) -> list[str]:
    return [part for part in name if part.startswith("<")]


def _name_of(line: str, variables: _Names) -> _Name | None:
    """Read what is written behind `name:`; None where something in it is not known."""
    found: list[_Name | None] = []
    position = 0
    for action in _ACTION.finditer(line):
        found += [(line[position : action.start()].strip("\"' "),), _expanded(action[1].strip(" -"), variables)]
        position = action.end()
    return _joined([*found, (line[position:].strip("\"' "),)])


def _expanded(expression: str, variables: _Names) -> _Name | None:
    """Take an expression apart; None where it does what is not known here."""
    text = without_brackets(expression.strip().removesuffix("| quote").strip())
    if not text or len(text) > _LONGEST:
        return None
    if text.startswith("$") and text[1:].isidentifier():
        return variables.get(text[1:])
    for pattern in (_INCLUDE, _FIELD):
        if whole := pattern.fullmatch(text):
            return (f"<{whole[1]}>",)
    if plain := _TEXT.fullmatch(text):
        return (plain[1],)
    word, *rest = words_in(text)
    # Of a name that users may give instead, the chart's own counts.
    if rest[:2] == ["|", "default"] and len(rest) == 3 and ".Values." in word:
        return _expanded(rest[2], variables)
    if word == "default" and len(rest) == 2 and ".Values." in rest[1]:
        return _expanded(rest[0], variables)
    if word != "printf" or not rest or not (form := _TEXT.fullmatch(rest[0])):
        return None
    texts, arguments = form[1].split("%s"), rest[1:]
    if len(texts) != len(arguments) + 1 or any("%" in part for part in texts) or "|" in rest:
        return None
    values = [_expanded(argument, variables) for argument in arguments]
    first, *others = texts
    return _joined([(first,), *(part for pair in zip(values, others, strict=True) for part in (pair[0], (pair[1],)))])


def _joined(names: list[_Name | None]) -> _Name | None:
    """Write names one behind the other, texts beside each other as one; None for what is too long for a name."""
    parts: list[str] = []
    length = 0
    for name in names:
        length += sum(map(len, name or ()))
        if name is None or length > _LONGEST:
            return None
        for part in filter(None, name):
            if parts and not part.startswith("<") and not parts[-1].startswith("<"):
                parts[-1] += part
            else:
                parts.append(part)
    return tuple(parts)
