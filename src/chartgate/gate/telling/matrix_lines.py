"""The lines of the matrix that something red is about: an entry that is wrong, or that the chart no longer fits."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from chartgate.documents.yaml_texts.yaml_lines import line_at
from chartgate.errors import InputError
from chartgate.gate.gate import Gate
from chartgate.gate.results.outcome import Finding, Problem
from chartgate.gate.results.written import SourceLine, Written
from chartgate.matrix.file import MatrixFile, read_matrix_file


class MatrixLines:
    """Finds them; where there is no matrix, or it can no longer be read, it knows none."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        try:
            self._file: MatrixFile | None = (
                None if gate.matrix.is_conventional else read_matrix_file(Path(gate.matrix.source))
            )
        except InputError:
            self._file = None

    def of_finding(self, finding: Finding) -> Finding:
        """Give a finding; one about an entry of the matrix with the line of that entry."""
        if self._file is None or finding.written or finding.template != "matrix":
            return finding
        things = ((one.kind, one.namespace, one.name) for one in self._file.content.external)
        names = [f"external[{' '.join(filter(None, thing))}]" for thing in things]
        written = self._line("external", names.index(finding.path)) if names.count(finding.path) == 1 else None
        return dataclasses.replace(finding, written=written)

    def of_problem(self, problem: Problem) -> Problem:
        """Give a problem; one of what the matrix says with the line that says it, at least as one to look at."""
        find = {"waiver": self._waiver, "refused": self._refusal, "examines": self._idle}.get(problem.kind)
        line = find(problem) if find and self._file else None
        if line is None:
            return problem
        written = problem.written and dataclasses.replace(problem.written, also=(*problem.written.also, line.by))
        return dataclasses.replace(problem, written=written or line)

    def _waiver(self, problem: Problem) -> Written | None:
        waiver = self._gate.named_waivers().get(problem.subject)
        written = [each.waiver for each in self._file.content.waivers] if self._file else []
        if waiver is None or written.count(waiver) != 1:
            return None
        key = ["expires"] if waiver.is_expired(self._gate.today) else []
        return self._line("waivers", written.index(waiver), *key)

    def _refusal(self, problem: Problem) -> Written | None:
        names = [name for name in problem.cases if self._file and name in self._file.content.refusals]
        return self._line("refusals", names[0]) if len(names) == 1 else None

    def _idle(self, problem: Problem) -> Written | None:
        is_said = self._file and problem.subject in self._file.content.nothing_to_examine
        return self._line("nothing_to_examine", problem.subject) if is_said else None

    def _line(self, *steps: str | int) -> Written | None:
        if self._file is None:
            return None
        line = line_at(self._file.tree, steps)
        return Written(SourceLine(str(self._file.path), line, line))
