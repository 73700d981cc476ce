"""What a snapshot that differs says."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from syrupy.data import Snapshot, SnapshotCollection

from chartgate.catalogs.snapshot_text import YamlSnapshot
from chartgate.errors import InputError
from chartgate.pytest_plugin import snapshot_items
from chartgate.pytest_plugin.snapshot_items import difference_text

MANY = "".join(f"- {number}\n" for number in range(60))


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        (None, "a\n", ["there is no snapshot s.yaml: `pytest x` writes it"]),
        (
            "a\nb\nc\nd\ne\nf\ng\n",
            "a\nb\nc\nd\ne\nF\ng\n",
            [
                "the snapshot s.yaml differs, 1 line gone (-), 1 line new (+):",
                "@@ -4,5 +4,5 @@",
                " d",
                " e",
                "-f",
                "+F",
                " g",
                " ",
                "where you can explain it, write it and read the diff: pytest x",
            ],
        ),
        ("a" * 300, "", ["the snapshot s.yaml differs, 1 line gone (-), 1 line new (+):", "@@ -1 +1 @@",
                         f"-{'a' * 199}...", "+", "where you can explain it, write it and read the diff: pytest x"]),
    ],
    ids=["none", "a line", "a long line"],
)  # fmt: skip
def test_what_differs(before: str | None, now: str, told: list[str]) -> None:
    assert difference_text("s.yaml", before, now, "pytest x").split("\n") == told


def test_of_many_lines_the_first_are_shown() -> None:
    lines = difference_text("s.yaml", MANY, "", "pytest x").split("\n")
    assert (lines[0], lines[-2]) == (
        "the snapshot s.yaml differs, 60 lines gone (-), 0 lines new (+):",
        "... and 22 more lines of the difference",
    )
    assert len(lines) == 43


def test_a_snapshot_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    collection = SnapshotCollection(location=str(tmp_path / "gone/a.yaml"))
    collection.add(Snapshot(name="a", data="a: b"))
    with pytest.raises(InputError, match=r"a\.yaml cannot be written: there is no folder") as refused:
        YamlSnapshot.write_snapshot_collection(snapshot_collection=collection)
    kept = SimpleNamespace(executions=[SimpleNamespace(exception=refused.value)], num_executions=1)
    snapshot: Any = SimpleNamespace(use_extension=lambda _: kept)
    with pytest.raises(pytest.fail.Exception, match=r"a\.yaml cannot be written: there is no folder"):
        snapshot_items._compare("a: b", snapshot, snapshot)
