"""What a chart renders, to read in a diff: `from chartgate.pytest_plugin.snapshot_items import *`.

The whole matrix as an inventory, and in full the scenarios that the matrix names under `snapshots`.
"""

from __future__ import annotations

import difflib
import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from chartgate.catalogs.snapshot_chance import without_chance
from chartgate.catalogs.snapshot_text import YamlSnapshot, inventory, manifests
from chartgate.documents.escaping import message_text, one_line
from chartgate.documents.words import counted, cut
from chartgate.errors import InputError
from chartgate.matrix.matrix import Matrix, Snapshots
from chartgate.model import Rendering, Scenario
from chartgate.pytest_plugin.grouped_output import again
from chartgate.pytest_plugin.judging_items import leave_unjudged
from chartgate.pytest_plugin.stash import JUDGEMENT
from chartgate.rendering.renderings import Renderings
from chartgate.reports.finding_words import source_words

__all__ = [  # noqa: RUF022 - in the order of a run
    "test_inventory",
    "test_manifests",
    "test_after_hooks",
    "test_no_stray_snapshot",
]
_CONTEXT = 2
_MOST = 40
"""Lines: what one takes in at a glance; the file itself shows the rest once it is written."""
_MOST_PLACES = 3
_WIDEST = 200
"""Characters of a line."""


def wanted(matrix: Matrix) -> Snapshots:
    """Give what a matrix wants of snapshots, none in full where it says nothing of them."""
    return matrix.snapshots or Snapshots()


Request = pytest.FixtureRequest


def _rendered(scenarios: Sequence[Scenario], renderings: Renderings, request: Request) -> list[Rendering]:
    """Give what is compared; what does not render differs in nothing."""
    made = without_chance(renderings, scenarios)
    leave_unjudged(request.node, made)
    return made


def _compare(text: str, snapshot: SnapshotAssertion, request: Request, rendering: Rendering | None = None) -> None:
    """Fail where a text differs from the snapshot of a test, and say in which lines.

    Of one that shows the objects of a rendering, say as well which lines of the chart wrote that.
    """
    kept = snapshot.use_extension(YamlSnapshot)
    if kept != text:
        result = kept.executions[kept.num_executions - 1]
        if isinstance(result.exception, InputError):  # it cannot be written
            pytest.fail(message_text(str(result.exception)), pytrace=False)
        file = os.path.relpath(result.snapshot_location, request.config.invocation_params.dir)
        before = None if result.recalled_data is None else str(result.recalled_data)
        command = f"pytest {again(request.node)} --snapshot-update"
        places: list[str] = []
        if rendering and before:
            from chartgate.gate.telling.snapshot_lines import who_wrote_it

            wrote = who_wrote_it(before, text, rendering, request.config.stash[JUDGEMENT])[:_MOST_PLACES]
            places = [f"{one.subject} {one.path}: {source_words(one.written)}" for one in wrote]
        pytest.fail(message_text(difference_text(file, before, text, command, places)), pytrace=False)


def test_inventory(matrix: Matrix, renderings: Renderings, snapshot: SnapshotAssertion, request: Request) -> None:
    """Which resource exists where."""
    every = _rendered(matrix.rendering, renderings, request)
    _compare(inventory(every, matrix.toggles), snapshot, request)


def test_manifests(
    name: str, matrix: Matrix, renderings: Renderings, snapshot: SnapshotAssertion, request: Request
) -> None:
    """A scenario in full, but for what is as in another one."""
    other = wanted(matrix).in_full[name]
    rendering, *others = _rendered([matrix.scenarios[each] for each in (name, other) if each], renderings, request)
    known = [resource for each in others for resource in each.resources]
    _compare(manifests(rendering.resources, rendering, apart_from=known), snapshot, request, rendering)


def test_after_hooks(
    name: str, matrix: Matrix, renderings: Renderings, snapshot: SnapshotAssertion, request: Request
) -> None:
    """What the hooks of a scenario change."""
    [rendering] = _rendered([matrix.scenarios[name]], renderings, request)
    text = manifests(rendering.after_hooks, rendering, apart_from=rendering.resources)
    _compare(text, snapshot, request, rendering)


def test_no_stray_snapshot(request: pytest.FixtureRequest, matrix: Matrix) -> None:
    """No snapshot is left over of what is no longer compared: nobody would see it grow old."""
    expected = {
        "test_inventory.yaml",
        *(f"test_manifests[{name}].yaml" for name in wanted(matrix).in_full),
        *(f"test_after_hooks[{name}].yaml" for name in wanted(matrix).after_hooks),
    }
    folder = Path(request.path.parent, request.config.getoption("snapshot_dirname"), request.path.stem)
    if stray := sorted(file.name for file in folder.glob("*") if file.name not in expected):
        shown = os.path.relpath(folder, request.config.invocation_params.dir)
        pytest.fail(one_line(f"nothing compares these of {shown} any more: delete {', '.join(stray)}"), pytrace=False)


def difference_text(file: str, before: str | None, now: str, command: str, places: Sequence[str] = ()) -> str:
    """Say what differs.

    Args:
        file: of the snapshot.
        before: what is in it; None where it is not there.
        now: what there would be.
        command: that writes it.
        places: what wrote the first of it.
    """
    if before is None:
        return f"there is no snapshot {file}: `{command}` writes it"
    lines = list(_differing(before, now))
    gone, new = (sum(line[0] == sign for line in lines) for sign in "-+")
    more = [f"... and {counted(len(lines) - _MOST, 'more line')} of the difference"] * (len(lines) > _MOST)
    head = f"the snapshot {file} differs, {counted(gone, 'line')} gone (-), {counted(new, 'line')} new (+):"
    take = f"where you can explain it, write it and read the diff: {command}"
    return "\n".join([head, *places, *lines[:_MOST], *more, take])


def _differing(before: str, now: str) -> Iterator[str]:
    """Give the lines that differ, with those around them."""
    lines = difflib.unified_diff(before.split("\n"), now.split("\n"), n=_CONTEXT, lineterm="")
    for line in itertools.islice(lines, 2, None):  # behind the names of both
        yield cut(line, _WIDEST)
