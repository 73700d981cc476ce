"""What scenarios that do not render for one reason have in common: mostly a toggle without what it needs."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chartgate.documents.words import near
from chartgate.gate.results.outcome import HOOK_FAILS, Problem
from chartgate.matrix.conditions import Conditions
from chartgate.matrix.matrix import Matrix
from chartgate.model import Scenario, Values
from chartgate.rendering.helm_template import UNPARSABLE

_STOPPED = re.compile(r"\bat <([^<>]{1,200}+)>:\s++(?:nil pointer evaluating|can't evaluate field)")
"""https://github.com/golang/go/blob/go1.26.0/src/text/template/exec.go"""
_KEY = re.compile(r"(?:\w++\.)*+\w++")
_ALIKE = 0.85
_MOST_LETTERS = 2
"""By which the length of a key that is meant differs."""
_BROKEN = re.compile(
    r'^Error: YAML parse error on |\btemplate: no template "[^"\n]{1,200}+" associated with', re.MULTILINE
)


def summed_up(problems: Iterable[Problem], judged: Sequence[Scenario], matrix: Matrix) -> Iterator[Problem]:
    """Give the problems; one that several scenarios have says in which of those judged, and what to do about it."""
    conditions = Conditions({scenario.name: scenario.traits for scenario in judged})
    names = {scenario.name for scenario in judged}
    for problem in problems:
        is_shared = problem.kind == "renders" and len(problem.cases) > 1 and names.issuperset(problem.cases)
        where = conditions.describe(problem.cases) if is_shared and not matrix.is_conventional else ""
        if not where.startswith("all"):
            yield problem
            continue
        yield dataclasses.replace(problem, summary=_summary(problem, len(judged), where, matrix))


def _summary(problem: Problem, judged: int, where: str, matrix: Matrix) -> str:
    if problem.message.startswith(HOOK_FAILS):
        which = "" if where == "all" else f", {where}"
        return f"the hooks fail in {len(problem.cases)} of {judged} scenarios{which}"
    share = f"{len(problem.cases)} of {judged} scenarios do not render"
    values = [scenario.values for scenario in matrix.scenarios.values()]
    if problem.message.startswith(UNPARSABLE) or _is_of_templates(problem.message, values):
        return f"{share}, {_whatever(where)}: mend the template at the place that helm names"
    if where == "all":
        return f"{share}: set what the chart always needs under `values` in {matrix.source}"
    name = where.removeprefix("all with ")
    if name not in matrix.toggles:
        return f"{share}, {where}"
    switches = ", ".join(f"{address}: true" for address in matrix.toggles[name].switches)
    needs = f"`{name}: {{{switches}, KEY: VALUE}}`"
    return f"{share}, {where}: give it what it needs under `toggles` in {matrix.source}, {needs}"


def _whatever(where: str) -> str:
    return "whatever the values are" if where == "all" else where


def _is_of_templates(message: str, values: Sequence[Values]) -> bool:
    """Tell whether helm stops at an expression that reads no value, or at what is no YAML: then none would help.

    Nor would one where a template misspells a key that the values have.
    """
    stopped = _STOPPED.findall(message)
    reads = _KEY.fullmatch(stopped[-1].rpartition(".Values.")[2]) if stopped else None
    is_misspelt = reads is not None and any(_misspells(reads[0].split("."), each) for each in values[:1])
    return bool(_BROKEN.search(message) or is_misspelt or (stopped and ".Values" not in stopped[-1]))


def _misspells(key: Sequence[str], values: Values) -> bool:
    there: Any = values
    for step in key:
        names = there if isinstance(there, dict) else {}
        if step not in names:
            of_a_length = [name for name in names if abs(len(name) - len(step)) <= _MOST_LETTERS]
            return bool(near(step, of_a_length, most=1, alike=_ALIKE))
        there = names[step]
    return False
