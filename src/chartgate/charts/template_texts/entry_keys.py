"""Which keys templates read of the entries of a section that they go through: `range $part, $it := .Values.parts`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.charts.template_texts.template_actions import Action, actions
from chartgate.documents.addresses import lookup
from chartgate.documents.misspellings import nearly
from chartgate.model import Chart

_LOOP = re.compile(r"-?\s*+range\s++(?:\$\w++\s*+,\s*+)?+\$(\w++)\s*+:=\s*+\$?\.Values((?:\.\w++)++)\s*+-?")
_READ = re.compile(r"\$(\w++)\.(\w++)")


class EntryKey(NamedTuple):
    """A key that a template reads of each entry of a section, and that none of them has."""

    template: str
    line: int
    section: str
    key: str
    meant: str
    """What entries have by a name nearly the same, and no template reads of them."""


def misspelt_entry_keys(chart: Chart) -> Iterator[EntryKey]:
    """Give the keys of entries that are nearly those that values.yaml has, which nothing reads."""
    found = [(name, read) for name, text in sorted(chart.templates.items()) for read in _reads(actions(text))]
    read: dict[str, set[str]] = {}
    for _, (_, section, key) in found:
        read.setdefault(section, set()).add(key)
    for name, (action, section, key) in found:
        entries = lookup(chart.own_values, section)
        if isinstance(entries, dict) and entries and all(isinstance(entry, dict) for entry in entries.values()):
            there = {str(each) for entry in entries.values() for each in entry}
            meant = [other for other in nearly(key, sorted(there)) if other not in read[section]]
            if key not in there and meant:
                yield EntryKey(name, action.line, section, key, meant[0])


def _reads(found: tuple[Action, ...]) -> Iterator[tuple[Action, str, str]]:
    """Give each action that reads a key of an entry, with the address of the section."""
    for action in found:
        loops = {it[1]: it[2].strip(".") for text in action.conditions if (it := _LOOP.fullmatch(text))}
        for variable, key in _READ.findall(action.text) if loops else ():
            if variable in loops:
                yield action, loops[variable], key
