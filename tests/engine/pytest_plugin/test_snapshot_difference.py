"""What a snapshot that differs says."""

from __future__ import annotations

import pytest

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
