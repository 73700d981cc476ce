"""Fields of Kubernetes that are true by themselves, and that a template leaves out where a value is false."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from chartgate.charts.template_texts.template_actions import actions, without_comments

_FIELD = re.compile(
    r"(?<![\w.])(automountServiceAccountToken|enableServiceLinks|allocateLoadBalancerNodePorts|allowPrivilegeEscalation)"
    r":\s*+\{\{-?([^{}]*+)\}\}"
)
"""Source: the defaults in https://kubernetes.io/docs/reference/kubernetes-api/"""


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
    every = list(actions(text)) if fields else []
    elsewhere = {action.conditions[-1:] for action in every if action.word == "else"}
    for action in every:
        found = fields.get(action.line) if action.conditions and not action.word else None
        if found is None or found[2].removesuffix("-") != action.text:
            continue
        word, _, condition = action.conditions[-1].partition(" ")
        value = condition.strip().removeprefix("(").removesuffix(")").strip()
        printed = action.text.partition("|")[0].strip()
        if (f"not {action.conditions[-1]}",) in elsewhere:
            continue
        if " " not in value and printed == {"if": value, "with": "."}.get(word):
            yield LeftOutField(found[1], value, action.line)
