"""What a template leaves out where a value is false: fields of Kubernetes that are true then, what programs read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.charts.template_texts.template_actions import Action, actions, without_comments

_FIELD = re.compile(
    r"(?<![\w.])(automountServiceAccountToken|enableServiceLinks|allocateLoadBalancerNodePorts|allowPrivilegeEscalation)"
    r":\s*+\{\{-?([^{}]*+)\}\}"
)
"""Source: the defaults in https://kubernetes.io/docs/reference/kubernetes-api/"""


_OF_A_MAP = re.compile(r"range\s++(?P<key>\$\w++)\s*+,\s*+(?P<value>\$\w++)\s*+:=\s*+(?P<map>\$?\.Values(?:\.\w++)++)")


class LeftOutField(NamedTuple):
    """A field that is there only where its value counts as set."""

    field: str
    value: str
    """As the condition writes it."""
    line: int


def left_out_fields(text: str) -> Iterator[LeftOutField]:
    """Give the fields of a template that `if .Values.x` or `with .Values.x` keeps from ever being false."""
    lines = enumerate(without_comments(text).split("\n"), 1)
    fields = {number: found for number, line in lines if (found := _FIELD.search(line))}
    for value, action in printed_if_set(text) if fields else ():
        found = fields.get(action.line)
        if found is not None and found[2].removesuffix("-") == action.text:
            yield LeftOutField(found[1], value, action.line)


def printed_if_set(text: str) -> Iterator[tuple[str, Action]]:
    """Give the values that a template prints where they count as set, and has nothing else for where they do not."""
    every = list(actions(text))
    elsewhere = {action.conditions[-1:] for action in every if action.word == "else"}
    for action in every:
        if action.word or not action.conditions or (f"not {action.conditions[-1]}",) in elsewhere:
            continue
        word, _, condition = action.conditions[-1].partition(" ")
        value = condition.strip().removeprefix("(").removesuffix(")").strip()
        printed = action.text.partition("|")[0].strip()
        if " " not in value and printed == {"if": value, "with": "."}.get(word):
            yield value, action


def bare_flags(text: str) -> Iterator[tuple[str, int]]:
    """Give the maps whose items a template prints as flags, `--key` alone where one is false, each with the line."""
    lines = text.split("\n")
    for action in actions(text):
        [*_, around, asked] = ("", "", *action.conditions)
        ranged = _OF_A_MAP.fullmatch(around)
        is_field = lines[action.line - 1].rpartition("}}")[2].lstrip().startswith(":")  # `{{ $key }}: {}`
        if ranged and asked == f"not if {ranged['value']}" and action.text.strip() == ranged["key"] and not is_field:
            yield ranged["map"], action.line
