"""Under which keys templates look for what they keep of a Secret, and under which they write it.

Source: https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import NamedTuple

from chartgate.charts.template_texts.kept_names import ASSIGNED, LOOKS, RANDOM, WRITTEN, looks_for_its_own
from chartgate.charts.template_texts.template_actions import actions, without_comments
from chartgate.documents.addresses import lookup
from chartgate.documents.misspellings import nearly
from chartgate.model import Chart, Values, folder_of

_KEY_LINE = re.compile(r"^[ \t]*+[\"']?+([A-Za-z_][\w.-]*+)[\"']?+:(?=[ \t]|$)", re.MULTILINE)
_MADE_KEY = re.compile(r'\b(?:dict|set\s++\$\w++)\s++"([\w.-]++)"|(?<=\s)(?<!"data"\s)"([\w.-]++)"\s++\(')
_READ_KEY = re.compile(r'(?:\.data|"data")\s++"([\w.-]++)"|\$\w++\.data\.(\w++)')
_READ_OF = re.compile(r'\b(?:index|get)\s++\$(\w++)\s++"([\w.-]++)"|\$(\w++)\.(\w++)')
_DATA = re.compile(r'(?:\.data|"data")(?![\w.-])')
_LINE_OF_A_KEY = re.compile(
    r"""^[ \t]*+["']?+([A-Za-z_][\w.-]*+)["']?+:[ \t]++["']?+\{\{-?([^{}\n]*+)\}\}""", re.MULTILINE
)
"""A key that the template names, and what is printed for it."""
_LINE_OF_A_VALUE = re.compile(
    r"""^[ \t]*+["']?+\{\{-?[ \t]*+\$?\.Values\.([\w.]++)[ \t]*+-?\}\}["']?+:[ \t]++["']?+\{\{([^{}\n]*+)\}\}""",
    re.MULTILINE,
)
"""A key that the values name, and what is printed for it."""


_PRINTED_VARIABLE = re.compile(r"\s*+\$(\w++)(?:\s*+\|\s*+(?:quote|b64enc))*+\s*+-?\Z")


class MissedKey(NamedTuple):
    """A key of a Secret that is looked for under another name than it is written under."""

    template: str
    line: int
    sought: str
    written: str


def missed_keys(chart: Chart) -> Iterator[MissedKey]:
    """Give the keys that a template looks for in a Secret, and writes nearly so, but nowhere just so.

    Any other key, too, where the line keeps it under a key of the values that is another one by default, or under a key
    of its own, in a document that writes one Secret, of a template that looks for one.
    """
    for names, one in chart.with_subcharts():
        secrets = [text for text in one.templates.values() if "kind: Secret\n" in text]
        elsewhere = {key for text in secrets for key in _KEY_LINE.findall(without_comments(text))}
        for name, text in sorted(one.templates.items()):
            if RANDOM.search(text) and LOOKS.search(text):
                plain = without_comments(text)
                written = {*_KEY_LINE.findall(plain)} | {
                    key for found in _MADE_KEY.findall(plain) for key in found if key
                }
                told, data = set(), _variables_with_data(plain)
                for action in actions(text):
                    for key in [*_keys_read(action.text), *_keys_of(action.text, data)]:
                        if key not in written | elsewhere and (meant := nearly(key, sorted(written))):
                            told.add(action.line)
                            yield MissedKey(f"{folder_of(names)}{name}", action.line, key, meant[0])
                for missed in [*_under_other_keys(plain, one.own_values, written), *_kept(plain, data, written)]:
                    if missed.line not in told and missed.sought not in elsewhere:
                        yield missed._replace(template=f"{folder_of(names)}{name}")


def keys_looked_up(text: str) -> frozenset[str]:
    """Give the keys that a template reads of Secrets that it looks for."""
    data = _variables_with_data(without_comments(text))
    return frozenset(key for a in actions(text) for key in [*_keys_read(a.text), *_keys_of(a.text, data)])


def _under_other_keys(plain: str, values: Values, written: Set[str]) -> Iterator[MissedKey]:
    """Give the keys that are kept under one of the values, and read by a text that is not its default."""
    for line in _LINE_OF_A_VALUE.finditer(plain):
        of_any = [found[1] for found in _READ_OF.findall(line[2]) if found[1]]
        read = [*_keys_read(line[2]), *of_any] if RANDOM.search(line[2]) else []
        default = lookup(values, line[1])
        if read and default and isinstance(default, str) and not {default, *written} & {*read}:
            at = plain.count("\n", 0, line.start(2)) + 1
            yield MissedKey("", at, read[0], f"{default}, as .Values.{line[1]} says")


def _kept(plain: str, data: Set[str], written: Set[str]) -> Iterator[MissedKey]:
    """Give the keys that a line, or the variable it prints, reads for another one, and that nothing there writes."""
    position, made = 0, _made_or_read(plain, data)
    for document in plain.split("\n---") if len(LOOKS.findall(plain)) == 1 else ():
        for line in _LINE_OF_A_KEY.finditer(document) if len(WRITTEN.findall(document)) == 1 else ():
            read = [*_keys_read(line[2]), *_keys_of(line[2], data)] if RANDOM.search(line[2]) else []
            printed = _PRINTED_VARIABLE.match(line[2])
            read = read or (made.get(printed[1], []) if printed else [])
            if read and not written & {*read}:
                yield MissedKey("", plain.count("\n", 0, position + line.start(2)) + 1, read[0], line[1])
        position += len(document) + len("\n---")


def _made_or_read(plain: str, data: Set[str]) -> dict[str, list[str]]:
    """Give the keys that are read into variables which are made up else, of a Secret of the template's own."""
    assigned = [found for action in actions(plain) if (found := ASSIGNED.match(action.text))]
    made = {found[1] for found in assigned if RANDOM.search(found[2])} if looks_for_its_own(plain) else set()
    read = ((found[1], [*_keys_read(found[2]), *_keys_of(found[2], data)]) for found in assigned)
    return {name: keys for name, keys in read if keys and name in made}


def _variables_with_data(text: str) -> set[str]:
    """Give the variables that hold the data of a Secret that is looked for, and not the Secret or one of its keys."""
    assigned = [found for action in actions(text) if (found := ASSIGNED.match(action.text))]
    secrets = {found[1] for found in assigned if LOOKS.search(found[2])}
    of_secrets = [
        found for found in assigned if LOOKS.search(found[2]) or any(f"${name}" in found[2] for name in secrets)
    ]
    return {found[1] for found in of_secrets if _DATA.search(found[2]) and not _keys_read(found[2])}


def _keys_of(action: str, data: Set[str]) -> list[str]:
    """Give the keys that are read of variables with data."""
    found = [(one[0] or one[2], one[1] or one[3]) for one in _READ_OF.findall(action)]
    return list(dict.fromkeys(key for variable, key in found if variable in data))


def _keys_read(action: str) -> list[str]:
    return list(dict.fromkeys(key for found in _READ_KEY.findall(action) for key in found if key))
