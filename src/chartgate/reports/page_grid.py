"""The grid of the page for a browser: what is there for each case of each policy, as one letter in a row of the policy.

Equal neighbours are counted: of 60 policies in 2,048 scenarios that is a few kilobytes.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, TypeVar

from chartgate.gate.results.outcome import Outcome
from chartgate.gate.results.record import Record, RecordedCase, State

Value = TypeVar("Value", bound=Hashable)

LETTERS: dict[State, str] = {
    "failed": "F",
    "error": "E",
    "warning": "W",
    "unjudged": "U",
    "accepted": "B",
    "waived": "V",
    "green": "G",
    "idle": "N",
}
"""From bad to good, as the states are; `.` is where a policy does not judge."""
_NONE = "."
_WORST_FIRST = "".join(LETTERS.values()) + _NONE
_ALL = "all scenarios"
"""The column of policies that judge all scenarios together."""


class PageGrid:
    """Where in rows and columns a case is: a row for each policy, a column for each scenario that renders."""

    def __init__(self, record: Record | None, outcome: Outcome) -> None:
        policies = record.policies if record else ()
        names = [policy.name for policy in policies]
        for finding in (*outcome.findings, *outcome.waived):
            if finding.policy.name not in names:
                names.append(finding.policy.name)
        self.rows = {name: number for number, name in enumerate(names)}
        cases = record.cases if record else ()
        columns = [_ALL] * any(not case.scenario for case in cases)
        columns += [scenario.name for scenario in (record.scenarios if record else ()) if not scenario.is_refused]
        self.columns = {name: number for number, name in enumerate(columns)}
        self._places = {(case.policy, case.case): case.scenario or _ALL for case in cases}
        self.content = self._content(record, cases)

    def columns_of(self, policy: str, cases: Iterable[str]) -> list[int]:
        """Give the columns of cases as pairs: the first of some neighbours, and how many these are."""
        names = (self._places.get((policy, case), case) for case in cases)
        numbers = sorted({self.columns[name] for name in names if name in self.columns})
        found: list[int] = []
        for number in numbers:
            if found and found[-2] + found[-1] == number:
                found[-1] += 1
            else:
                found += [number, 1]
        return found

    def _content(self, record: Record | None, cases: Sequence[RecordedCase]) -> dict[str, Any]:
        cells: dict[str, dict[int, list[RecordedCase]]] = defaultdict(lambda: defaultdict(list))
        for case in cases:
            if (column := self.columns.get(case.scenario or _ALL)) is not None:
                cells[case.policy][column].append(case)
        rows = [[cells[name].get(column, []) for column in self.columns.values()] for name in self.rows]
        known = {policy.name: policy for policy in record.policies} if record else {}
        scenarios = {scenario.name: scenario for scenario in record.scenarios} if record else {}
        traits = sorted({trait for scenario in scenarios.values() for trait in scenario.traits})
        numbers = {trait: number for number, trait in enumerate(traits)}
        return {
            "traits": traits,
            "columns": [
                {"name": name}
                | (
                    {
                        "reason": scenarios[name].reason,
                        "given": list(scenarios[name].given),
                        "traits": [numbers[trait] for trait in scenarios[name].traits],
                        "state": scenarios[name].state,
                    }
                    if name in scenarios
                    else {"all": True}
                )
                for name in self.columns
            ],
            "refused": [[s.name, s.reason, s.state] for s in scenarios.values() if s.is_refused],
            "policies": [
                {"name": name}
                | (
                    {
                        "title": known[name].title,
                        "why": _paragraphs(known[name].rationale),
                        "fix": known[name].remediation,
                        "spec": known[name].spec,
                        "severity": known[name].severity,
                        "family": known[name].family,
                        "own": not known[name].is_of_a_pack,
                    }
                    if name in known
                    else {}
                )
                for name in self.rows
            ],
            "cells": ["".join(f"{n}{letter}" for letter, n in _runs(map(_worst, row))) for row in rows],
            "checks": [
                [x for run in _runs(sum(case.checks for case in cell) for cell in row) for x in run] for row in rows
            ],
            "cases": [[x for run in _runs(len(cell) for cell in row) for x in run] for row in rows],
        }


def _paragraphs(text: str) -> str:
    """Give a text whose lines are as long as who reads it has room for."""
    return "\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _worst(cell: Sequence[RecordedCase]) -> str:
    return min((LETTERS[case.state] for case in cell), key=_WORST_FIRST.index, default=_NONE)


def _runs(values: Iterable[Value]) -> list[tuple[Value, int]]:
    return [(value, len(list(same))) for value, same in itertools.groupby(values)]
