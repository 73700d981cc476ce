"""The chart as it is now, judged by what a commit demanded: its settings, matrix, ci/ files, policies and baseline."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chartgate.charts.reading.read import read_chart
from chartgate.errors import InputError
from chartgate.gate.gate import Gate
from chartgate.gate.rules.committed_rules import committed_rules
from chartgate.gate.rules.settings import Settings
from chartgate.gate.rules.settings_places import from_here
from chartgate.matrix.choice import Choice, copy_for_run, matrix_path
from chartgate.system.git import Repository, WrittenCommit


@dataclass(frozen=True)
class RulesFrom:
    """What a run takes from a commit, written out, and the copy of the chart that it judges."""

    reference: str
    folder: Path
    """Where the files of the commit are written."""
    settings: Settings
    choice: Choice
    policies: tuple[str, ...]
    baseline: str
    copied_chart: Path

    def named(self, text: str) -> str:
        """Call the files of the commit as git does: `main:tests/matrix.yaml`."""
        return text.replace(f"{self.folder}/", f"{self.reference}:")

    def told_by(self, gate: Gate) -> Gate:
        """Give a gate whose messages name the commit."""
        return dataclasses.replace(
            gate,
            rules_from=self.reference,
            matrix=dataclasses.replace(gate.matrix, source=self.named(gate.matrix.source)),
            settings=dataclasses.replace(gate.settings, source=self.named(gate.settings.source)),
            left_out={name: self.named(reason) for name, reason in gate.left_out.items()},
            baseline=gate.baseline and dataclasses.replace(gate.baseline, file=self.named(gate.baseline.file)),
        )


def rules_from(
    reference: str, choice: Choice, scratch: Path, *, policies: Sequence[str] = (), baseline: str = ""
) -> RulesFrom:
    """Take the rules of a run here from a commit; nothing of what the work tree says of the gate is read.

    Args:
        reference: a name that git knows.
        choice: what the options of the run say; its files are taken from the commit too, the chart is that of the
            work tree.
        scratch: where files are written.
        policies: the folders and packs that the run names.
        baseline: the file of the baseline that it names.

    Raises:
        InputError: there is no such commit, its rules cannot be used, or there is no chart.
    """
    repository = Repository.around(Path.cwd(), reference, "--gate-from")
    commit = WrittenCommit(repository, repository.commit(reference), scratch / "rules")
    try:
        rules = committed_rules(commit, Path.cwd(), choice, policies=policies, baseline=baseline)
    except InputError as error:
        raise InputError(str(error).replace(f"{commit.folder}/", f"{reference}:")) from error
    chart = Path(rules.choice.chart)
    if not rules.choice.chart:
        raise InputError(f"{reference} names no chart: name one with --chart=PATH")
    now = chart
    if chart.is_relative_to(commit.folder):
        now = Path(from_here(str(chart.relative_to(commit.folder)), repository.top))
    copy = copy_for_run(dataclasses.replace(rules.choice, chart=str(now)), scratch)
    if chart.is_dir():
        _replace_ci_files(copy, chart)
    matrix = matrix_path(rules.choice, read_chart(copy, str(now)))
    return RulesFrom(
        reference=reference,
        folder=commit.folder,
        settings=rules.settings,
        choice=dataclasses.replace(
            rules.choice, chart=str(now), matrix=matrix, default_matrix="", is_without_matrix=not matrix
        ),
        policies=rules.policies,
        baseline=rules.baseline,
        copied_chart=copy,
    )


def _replace_ci_files(copy: Path, chart: Path) -> None:
    """Give the copy of a chart the values files of another version: they are what it is judged on."""
    for file in (copy / "ci").glob("*-values.yaml"):
        file.unlink()
    for file in sorted((chart / "ci").glob("*-values.yaml")):
        (copy / "ci").mkdir(exist_ok=True)
        shutil.copyfile(file, copy / "ci" / file.name)
