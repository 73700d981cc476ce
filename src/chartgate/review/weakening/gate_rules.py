"""What a side of a review is judged by: settings, matrix, policies and baseline, read from its files and never run."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chartgate.errors import InputError
from chartgate.gate.results.outcome import AcceptedFinding
from chartgate.gate.rules.baseline_file import read_baseline
from chartgate.gate.rules.committed_rules import CommittedRules, committed_rules, is_pack
from chartgate.gate.rules.settings import Settings, baseline_file, policy_sources
from chartgate.gate.rules.settings_file import read_settings
from chartgate.matrix.choice import Choice, matrix_path
from chartgate.matrix.content import MatrixContent
from chartgate.matrix.file import read_matrix_file
from chartgate.model import Chart
from chartgate.policy.outlines import PolicyFolder, read_outlines
from chartgate.review.sides import Side
from chartgate.system.files import read_bytes
from chartgate.system.git import Repository

BY_PYTEST = "conftest.py"
_STARTS = """
    .github/workflows/*.yml .github/workflows/*.yaml .gitlab-ci.yml .circleci/config.yml azure-pipelines.yml Jenkinsfile
    .pre-commit-config.yaml Makefile
"""
"""What starts a gate, as far as it names this one."""
_ITEMS = re.compile(rb"^from (chartgate\.pytest_plugin\.\w++) import \*", re.MULTILINE)
"""What a test file takes its tests from."""


@dataclass(frozen=True)
class GateRules:
    """What one side is judged by."""

    chart: Chart
    is_project: bool
    """Whether it is more than the folder of a chart, which does not say what it is judged by elsewhere."""
    settings: Settings
    matrix: MatrixContent | None
    """None where the side has none."""
    packs: frozenset[str]
    own: Mapping[str, PolicyFolder]
    """The project's own policies, by folder."""
    accepted: tuple[AcceptedFinding, ...]
    """The baseline."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The files of `settings`, `matrix` and `baseline`, relative to where runs are made; empty where there is none."""
    code: Mapping[str, str] = field(default_factory=dict)
    """What starts runs, and the code that pytest runs besides, by its file, as a hash."""
    items: Mapping[str, str] = field(default_factory=dict)
    """The modules of the engine whose tests pytest collects, each with the file that imports them."""

    @property
    def is_there(self) -> bool:
        """Whether anybody has set up a gate: without one, nothing can be weakened."""
        return bool(self.settings.source or self.matrix or self.own or self.accepted)


def rules_of(side: Side, choice: Choice) -> GateRules | None:
    """Read what a side is judged by; None for a packaged chart, which says nothing of it.

    Args:
        side: the side.
        choice: what the options of the run, and the settings here, choose.

    Raises:
        InputError: the settings, the matrix or the baseline cannot be used.
    """
    if side.is_archive:
        return None
    root = _root(side)
    if side.commit is not None:
        rules = committed_rules(side.commit, root or side.source, dataclasses.replace(choice, chart=str(side.source)))
        place = side.commit.at(root or side.source)
        return _read(side.chart, rules, place, is_project=True)
    place = (root or side.source).absolute()
    settings = read_settings(place)
    rules = CommittedRules(
        settings, side.choice, tuple(policy_sources((), settings, place)), baseline_file("", settings, place)
    )
    return _read(side.chart, rules, place, is_project=root is not None)


def _root(side: Side) -> Path | None:
    """Give the folder whose gate it is: this one, if the chart is of the same repository, else the top of its own."""
    try:
        repository = Repository.around(side.source, side.label)
    except InputError:
        return None
    return Path.cwd() if repository.holds(Path.cwd()) else repository.top


def _read(chart: Chart, rules: CommittedRules, root: Path, *, is_project: bool) -> GateRules:
    def name(file: str | Path) -> str:
        return os.path.relpath(file, root)

    matrix = matrix_path(rules.choice, chart)
    settings = rules.settings
    folders = [Path(source) for source in rules.policies if not is_pack(source)]
    files = {"settings": settings.source and name(settings.source), "matrix": matrix and name(matrix)}
    code = [root / BY_PYTEST, *((root / matrix).parent / BY_PYTEST for _ in filter(None, [matrix]))]
    starts = [file for pattern in _STARTS.split() for file in root.glob(pattern) if file.is_file()]
    code += [file for file in starts if b"chartgate" in read_bytes(file)]
    tests = ((root / matrix).parent if matrix else root / "tests").glob("test_*.py")
    items = {item.decode(): file for file in tests if file.is_file() for item in _ITEMS.findall(read_bytes(file))}
    return GateRules(
        chart=chart,
        is_project=is_project,
        settings=settings,
        matrix=read_matrix_file(Path(matrix)).content if matrix else None,
        packs=frozenset(source.removeprefix("pack:") for source in rules.policies if is_pack(source)),
        own={name(folder): read_outlines(folder) for folder in folders if folder.is_dir()},
        accepted=read_baseline(rules.baseline, chart.name).entries,
        files=files | {"baseline": name(rules.baseline)},
        code={name(file): hashlib.sha256(read_bytes(file)).hexdigest() for file in code if file.is_file()},
        items={item: name(file) for item, file in items.items()},
    )
