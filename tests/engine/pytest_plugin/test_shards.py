"""A run that is parted over several jobs judges each item once, under the same name, with the same verdict."""

from __future__ import annotations

import re

from tests.engine.conftest import Project
from tests.engine.pytest_plugin.test_plugin_failures import BROKEN


def _told(project: Project, *options: str) -> dict[str, str]:
    """Give the items of a run, with what became of each."""
    text = project.run_plainly("tests/matrix.yaml", "-v", *options).stdout.str()
    return dict(re.findall(r"^(tests/matrix\.yaml::\S+) ([A-Z]+)", text, re.MULTILINE))


def test_groups_are_the_whole(project: Project) -> None:
    project.write(BROKEN)
    whole = _told(project)
    parts = [_told(project, "--splits=3", f"--group={group}") for group in (1, 2, 3)]
    assert "FAILED" in whole.values()
    assert all(parts)
    assert sum(map(len, parts)) == len(whole)
    assert parts[0] | parts[1] | parts[2] == whole
