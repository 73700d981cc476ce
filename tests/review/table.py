"""The table of changes: each row edits a copy of the toy chart, and says all that a review must say about it."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartgate.documents.addresses import ABSENT
from chartgate.documents.yaml_texts import go_yaml
from chartgate.matrix.choice import Choice
from chartgate.review.comparison import compare
from chartgate.review.means import Means
from chartgate.review.plan import plan_review
from chartgate.review.review import Entry, Review
from chartgate.review.sides import open_side
from chartgate.system.toolchain import Tools

HERE = Path(__file__).parent
TOY, MATRIX = HERE / "toy", HERE / "matrix.yaml"
TODAY = datetime.date(2026, 1, 1)


@dataclass(frozen=True)
class Row:
    """One change of the toy chart."""

    name: str
    edit: Mapping[str, Any]
    """By file: the texts to replace, each by its new one; a whole new file; or nothing for one that goes."""
    entries: tuple[Mapping[str, Any], ...]
    """All that the review says."""
    level: str
    bump: str
    near: tuple[str, ...]
    """Classes that the change comes close to, and must not show."""

    @property
    def classes(self) -> set[str]:
        """The classes that it shows."""
        return {name for entry in self.entries for name in _names(entry["is"])} - {"changed"}


def rows() -> list[Row]:
    """Read the table."""
    content = go_yaml.load((HERE / "changes.yaml").read_text("utf-8"), "changes.yaml")
    return [
        Row(
            row["name"],
            row["edit"],
            tuple(row.get("entries", ())),
            row.get("level", "none"),
            row.get("bump", "patch"),
            tuple(_names(row.get("near", []))),
        )
        for row in content
    ]


def _names(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def edited(folder: Path, edit: Mapping[str, Any], chart: Path = TOY) -> Path:
    """Copy a chart and change the copy; each text that is replaced is in its file exactly once."""
    shutil.copytree(chart, folder)
    for name, change in edit.items():
        file = folder / name
        if change is None:
            file.unlink()
        elif isinstance(change, str):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(change, "utf-8")
        else:
            text = file.read_text("utf-8")
            for old, new in change.items():
                if text.count(old) != 1:
                    raise AssertionError(f"{name} has {old!r} {text.count(old)} times")
                text = text.replace(old, new)
            file.write_text(text, "utf-8")
    return folder


def reviewed(head: Path, scratch: Path, renderings: Path, tools: Tools, matrix: Path = MATRIX) -> Review:
    """Review the toy chart against a changed copy of it.

    Args:
        head: the copy.
        scratch: an empty folder.
        renderings: where what helm made is kept, for every row of the table: BASE is the same in all of them.
        tools: helm and kubectl.
        matrix: what to compare over.
    """
    base = open_side(str(TOY), Choice(chart=str(TOY), matrix=str(matrix)), scratch / "base")
    side = open_side(str(head), Choice(chart=str(head), matrix=str(matrix)), scratch / "head")
    return compare(base, side, plan_review(base, side, (), TODAY), Means(tools, renderings))


def as_row(entry: Entry) -> dict[str, Any]:
    """Write an entry in the form of the table, with all that it has."""
    names = [risk.name for risk in entry.risks] or ["changed"]
    written: dict[str, Any] = {
        "is": names[0] if len(names) == 1 else names,
        "of": entry.subjects[0] if len(entry.subjects) == 1 else list(entry.subjects),
    }
    if entry.addresses:
        written["at"] = entry.address if len(entry.addresses) == 1 else list(entry.addresses)
    written |= {key: side for key, side in (("was", entry.before), ("now", entry.after)) if side is not ABSENT}
    written |= {"where": entry.condition} if entry.condition not in ("", "all") else {}
    written |= {"from": entry.subchart} if entry.subchart else {}
    return written
