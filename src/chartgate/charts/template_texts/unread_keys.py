"""Which keys of values.yaml no template can reach, as far as the text of the templates tells soundly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chartgate.charts.chart_values.filled_values import FILLINGS
from chartgate.charts.metadata.dependencies import condition_paths, lacks_dependencies
from chartgate.charts.template_texts.key_readers import all_uses
from chartgate.charts.template_texts.template_actions import TEXT, Action, actions, texts_of_actions
from chartgate.charts.template_texts.template_calls import actions_by_definition, calls_of
from chartgate.charts.template_texts.template_reads import Path, Use, paths
from chartgate.documents.addresses import join, steps
from chartgate.documents.shapes import maps_in
from chartgate.documents.walking import leaves, strings
from chartgate.model import Chart

_WHOLE = re.compile(r"\.Values\b(?!\.?\w)")
"""All of the values at once: `toYaml .Values`, `dict "values" .Values`, `index .Values $name`."""
_INDEXED = re.compile(r'\b(?:index|get|hasKey|pick)\s++\(?[$\w.]*\.Values\)?\s++"')
_ANCHORS = re.compile(r"^[ \t]*+['\"]?([\w.-]++)['\"]?[ \t]*+:[ \t]*+&", re.MULTILINE)
_DECLARED_UNREAD = re.compile(
    r"^[ \t]*+#[^\n]*?(?:not used|unused|no effect|reserved|deprecated|removed|ignored)[^\n]*+\n"
    r"(?:[ \t]*+#[^\n]*+\n){0,9}+[ \t]*+([\w.-]++)[ \t]*+:",
    re.MULTILINE | re.IGNORECASE,
)
"""A key whose comment says that nothing reads it, or that it is no longer there to be used."""
OF_UMBRELLAS = ("enabled",)
"""What a chart above may name in the `condition` of its dependency."""
_WORD = re.compile(r"[A-Za-z_][\w-]*+")
_GLOBAL = re.compile(r"\bglobal\b\)?+((?:\.\w++\)?+)*+)")
"""What is read of the values of all charts: the path behind the word; empty where something takes them whole."""
_ONLY_ASKS = re.compile(r"-?\s*+(?:else\s++)?+if\b")
_NAMES_OF_MORE = {name for filling in FILLINGS for name in filling.names}
_DOT = re.compile(r"(?<![\w.$)])\.(?![\w.])")
"""The dot as it is: printed, handed on, gone over."""
_INCLUDED = re.compile(r'\binclude\s++"([^"]++)"')
_PRINTS = re.compile(r"\b(?:toYaml|toJson|merge\w*|tpl|range)\b")
_HANDS_ON = re.compile(r"\b(?:range|toYaml|toJson|merge\w*|tpl|deepCopy|include|with)\b|^-?\s*+\$\w++\s*+:?+=")
"""What may take a section whole: to print it, to go over it, to give it to another template or to a variable."""
_OF_AN_OBJECT = re.compile(r"(?<!existing)(?:secret|configmap|claim)name\Z", re.IGNORECASE)
"""The name of an object that users have; one that is said to exist is tried, not read."""
_LAST = re.compile(r"\.(\w++)(?![\w.])")
_IF_SET = re.compile(r"if\s++\$?\.Values[.\w]++\Z")
_OF_VALUES = re.compile(r"\$?\.Values(?:\.\w++)++")
_GIVEN = re.compile(r'"(\w++)"\s++(?:\(omit\s++)?+\$?\.Values\.([\w.]++)')
"""What a section is called in the map that a named template gets: `dict "value" (omit .Values.config "enabled")`."""
_MERGES = re.compile(r"\bmerge(?:Overwrite)?+\s++(?=\(dict\b)")
_OF_A_TYPE = re.compile(r'\b(?:type|kind)Is\s++"\w++"\s++\(?\$?\.Values(?:\.\w++)++')
_RENDERED = re.compile(r"""\btpl\s++["`]([^\n"`]++)""")
"""A text of a template that it renders itself: `tpl "{{ .Values.port }}" .`, with single quotes inside."""
_READABLE = ("values.yaml", "values.yml", "README", "Chart.", "ci/", "templates/", "crds/", "values.schema.json")


def unread_keys(chart: Chart, libraries: Sequence[Chart] = ()) -> Iterator[str]:
    """Give the keys of a chart's own values.yaml, by address, that nothing reads: a section that is unread as a whole.

    Read is what a template names, in whatever condition, in NOTES.txt, in a subchart or a library chart, what is below
    a section that a template takes whole, what a text of the values or another file reads through `tpl`, what switches
    a subchart, and what an anchor of YAML makes another key of. Where a template takes all of the values at once, only
    those keys count whose name is no word of any template. A named template that nothing includes reads nothing, and
    where a section is handed to another one, or is the dot of a block, its keys are read by their names. `libraries`
    are those that the charts above it bring: their named templates are there for it as well.
    """
    if chart.metadata.get("type") == "library":
        return
    dormant = _dormant(chart)
    found = [use for use in all_uses(chart) if (use.template, use.action) not in dormant]
    others, handed_on = set(_other_reads(chart)), _handed_on(chart)
    others.update(path for library in libraries for path in _of_library(library))
    # Who only asks whether there is a section does not look at what is in it.
    taken = {use.path for use in found if use.action.word != "if"}
    whole = others | {
        use.path for use in found if use.action.word != "if" and not _is_taken_by_names(use, chart, handed_on)
    }
    by_names = taken - whole
    read = others | {use.path for use in found}
    words = frozenset(word for text in _texts(chart) for word in _WORD.findall(text))
    takes_all = any(_takes_all(text) for text in _texts(chart))
    of_global = words if takes_all else _words_of_global(chart, words)
    written = chart.files.get("values.yaml", b"").decode("utf-8", "replace")
    left_out = frozenset((*_ANCHORS.findall(written), *_DECLARED_UNREAD.findall(written)))
    told: set[Path] = set()
    subcharts = {subchart.name for subchart in chart.subcharts}
    for address, _ in leaves(chart.own_values):
        key = tuple(steps(address))
        is_handed_on = key[0] in subcharts and key[1:2] == ("global",)
        is_named = key[-1] in (of_global if key[0] == "global" or is_handed_on else words if takes_all else ())
        is_named |= takes_all and not handed_on.isdisjoint(key[:-1])
        is_named |= not words.isdisjoint(key[1:]) and any(key[: len(path)] == path for path in by_names)
        if (
            is_named
            or key == OF_UMBRELLAS
            or key[0].startswith("$")
            or not left_out.isdisjoint(key)
            or _is_read(key, read, whole)
        ):
            continue
        depths = range(len(key) if is_handed_on else 1, len(key))
        part = next((key[:depth] for depth in depths if not _is_read(key[:depth], read, whole)), key)
        if part not in told:
            told.add(part)
            yield join(*part)


def asked_keys(chart: Chart) -> Iterator[str]:
    """Give the empty lists and maps for more of something that templates only ask about, by address; switches as well.

    Whether they are set decides what is rendered, and what is in them reaches nothing: another key is printed there. So
    it is with a text where that is the key of this name in another section, and with the name of a Secret, a ConfigMap
    or a claim. Of a switch, templates only ask whether it
    is one, `typeIs "bool"`, and `false` does what `true` does.
    """
    found = all_uses(chart)
    prints = [use for use in found if not _ONLY_ASKS.match(use.action.text)]
    printed = set(_other_reads(chart)) | {use.path for use in prints}
    asked = {use.path for use in found} - printed
    for address, value in leaves(chart.own_values):
        key = tuple(steps(address))
        if key not in asked or _is_read(key, printed, printed):
            continue
        is_more = value in ([], {}) and key[-1].lower() in _NAMES_OF_MORE
        is_typed = isinstance(value, bool) and all(_asks_for_the_type(use) for use in found if use.path == key)
        is_text = value in ("", None)
        is_other = is_text and any(_is_printed_below(use, key) for use in prints)
        if is_more or is_typed or is_other or (is_text and _OF_AN_OBJECT.search(key[-1])):
            yield address


def _is_printed_below(use: Use, key: Path) -> bool:
    """Tell whether a value is printed where a key of the same name in another section is set."""
    condition = use.action.conditions[-1] if use.action.conditions else ""
    is_namesake = use.path[-1] == key[-1] and use.path != key
    return is_namesake and bool(_IF_SET.match(condition)) and condition.endswith(f".Values.{join(*key)}")


def _asks_for_the_type(use: Use) -> bool:
    rest, asked = _OF_A_TYPE.subn("", use.action.text)
    return asked > 0 and f".Values.{join(*use.path)}" not in rest


def _words_of_global(chart: Chart, words: frozenset[str]) -> frozenset[str]:
    """Give the words that templates name behind `global`; all of them where one takes it whole, or a subchart lacks."""
    if lacks_dependencies(chart):
        return words
    named: set[str] = set()
    for text in _texts(chart):
        for path in _GLOBAL.findall(text):
            if not path:
                return words
            named.update(path.replace(")", "").strip(".").split("."), _WORD.findall(" ".join(TEXT.findall(text))))
    return frozenset(named)


def _dormant(chart: Chart) -> set[tuple[str, Action]]:
    """Give the actions of the definitions that nothing includes, each with its template; a subchart's may be included.

    A chart above may include what a subchart names.
    """
    roots = (action for text in _texts_with_actions(chart) for action in texts_of_actions(text))
    asleep = calls_of(chart).unreached(roots)
    return {
        (file, action)
        for file, text in chart.templates.items()
        for name, action in actions_by_definition(text)
        if name in asleep
    }


def _is_taken_by_names(use: Use, chart: Chart, handed_on: frozenset[str]) -> bool:
    """Tell whether what an action does with a section is to hand it on, so that others read its keys by their names."""
    text = use.action.text
    if use.action.word == "with":
        inside = [
            action.text
            for action in actions(chart.templates.get(use.template, ""))
            if text.strip() in action.conditions and action.definition == use.action.definition
        ]
        return bool(inside) and not any(_DOT.search(TEXT.sub('""', each)) for each in inside)
    called, names = _INCLUDED.search(text), {name for name, path in _GIVEN.findall(text) if path == join(*use.path)}
    # What has a name in one of the maps that are merged is not taken apart by that.
    prints = _PRINTS.search(_MERGES.sub("", text) if names else text)
    if called is None or "dict" not in text or prints or called[1] not in calls_of(chart).named:
        return False
    return handed_on.isdisjoint({use.path[-1], *names})


def _handed_on(chart: Chart) -> frozenset[str]:
    """Give the names of what templates take whole out of another map than that of the values: `toYaml .resources`."""
    others = (_OF_VALUES.sub("", TEXT.sub('""', text)) for text in _texts(chart) if _HANDS_ON.search(text))
    return frozenset(name for text in others for name in _LAST.findall(text))


def _is_read(key: Path, read: set[Path], whole: set[Path]) -> bool:
    """Tell whether something reads a key, what is below it, or as a whole what is above it."""
    return any(path[: len(key)] == key for path in read) or any(key[: len(path)] == path for path in whole)


def _other_reads(chart: Chart) -> Iterator[Path]:
    """Give what is read otherwise than by the templates of charts with values of their own."""
    yield from _switches(chart)
    if any(".Subcharts." in text for text in _texts(chart)):
        yield from ((subchart.name,) for subchart in chart.subcharts)
    for text in _texts_with_actions(chart):
        yield from paths(text)
    for subchart in chart.subcharts:
        if subchart.metadata.get("type") == "library":
            yield from _of_library(subchart)


def _switches(chart: Chart, *above: str) -> Iterator[Path]:
    for entry in maps_in(chart.metadata.get("dependencies")):
        for path in condition_paths(entry):
            yield (*above, *path.split("."))
        for tag in entry.get("tags") or ():
            yield ("tags", str(tag))
    for subchart in chart.subcharts:
        yield from _switches(subchart, *above, subchart.name)


def _of_library(chart: Chart) -> Iterator[Path]:
    for text in chart.templates.values():
        yield from paths(text)
    for subchart in chart.subcharts:
        yield from _of_library(subchart)


def _texts_with_actions(chart: Chart) -> Iterator[str]:
    yield from (text for name, text in chart.templates.items() if name.endswith("NOTES.txt"))
    yield from (text for each in chart.templates.values() for text in _RENDERED.findall(each))
    yield from (text for _, text in strings(chart.own_values) if "{{" in text)
    written = chart.files.get("values.yaml", b"").decode("utf-8", "replace")
    yield from (line for line in written.splitlines() if "#" in line and "{{" in line)  # which show what `tpl` reads
    for name, content in chart.files.items():
        if not name.startswith(_READABLE) and b"{{" in content:
            yield content.decode("utf-8", "replace")


def _texts(chart: Chart) -> Iterator[str]:
    """Give the actions of all templates, the subcharts' too, and whatever else may be one."""
    for text in (*chart.templates.values(), *_texts_with_actions(chart)):
        yield from texts_of_actions(text)
    for subchart in chart.subcharts:
        yield from _texts(subchart)


def _takes_all(action: str) -> bool:
    return _WHOLE.search(_INDEXED.sub("", TEXT.sub('"', action))) is not None
