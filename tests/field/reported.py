"""Bugs of charts that people reported in public, rebuilt small: each file of `bugs`, over the chart in `chart`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chartgate.documents.yaml_texts import go_yaml

HERE = Path(__file__).parent
Changes = Mapping[str, Any]
"""Of each file the text, or the edits of what it is, or null where there is no such file.

An edit is `{after: TEXT, put: TEXT}`, `{replace: TEXT, by: TEXT}` or `{remove: TEXT}`; what it looks for is there once.
"""


@dataclass(frozen=True)
class Bug:
    """One bug: what was reported, and the chart that has it."""

    name: str
    reported: str
    """Where, as `owner/repository#number`."""
    fault: str
    policy: str
    """The policy that finds it."""
    says: tuple[str, ...]
    """Words that its finding has, so that it names the fault."""
    files: Changes
    """What makes a healthy chart a faulty one."""
    mended: Changes
    """What mends that chart."""
    matrix: str
    """A matrix beside the chart; without one, the chart is judged on its ci files only."""
    missing: str
    """What nobody judges yet; empty where the policy is there."""

    @property
    def address(self) -> str:
        """The page of the report."""
        repository, _, number = self.reported.partition("#")
        return f"https://github.com/{repository}/issues/{number}"

    def write(self, folder: Path, *, is_mended: bool, with_matrix: bool = False) -> Path:
        """Write the faulty chart, or the mended one, into a folder; give the folder."""
        files = {file.relative_to(HERE / "chart").as_posix(): file.read_text("utf-8") for file in _healthy()}
        for changes in (self.files, self.mended) if is_mended else (self.files,):
            files = _changed(files, changes)
        if with_matrix:
            files["matrix.yaml"] = self.matrix
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
        return folder


def reported_bugs() -> list[Bug]:
    """Read all of them, by name."""
    return [_read(file) for file in sorted((HERE / "bugs").glob("*.yaml"))]


def bug_table(bugs: list[Bug]) -> str:
    """Give the table of docs/field.md: what was reported where, and who finds it."""
    rows = [f"| {bug.name} | {bug.fault} | [{bug.reported}]({bug.address}) | {_judge(bug)} |\n" for bug in bugs]
    return "| | fault | reported | found by |\n|---|---|---|---|\n" + "".join(rows)


def _judge(bug: Bug) -> str:
    return f"nobody yet: {bug.missing}" if bug.missing else f"`{bug.policy}`"


def _healthy() -> list[Path]:
    return sorted(file for file in (HERE / "chart").rglob("*") if file.is_file())


def _read(file: Path) -> Bug:
    told = go_yaml.load(file.read_text("utf-8"), file.name)
    return Bug(
        file.stem,
        told["reported"],
        told["fault"],
        told["policy"],
        tuple(told["says"]),
        told["files"],
        told["mended"],
        told.get("matrix", ""),
        told.get("missing", ""),
    )


def _changed(files: Mapping[str, str], changes: Changes) -> dict[str, str]:
    found = dict(files)
    for path, change in changes.items():
        if change is None:
            del found[path]
        elif isinstance(change, str):
            found[path] = change
        else:
            for edit in change:
                found[path] = _edited(found[path], path, **edit)
    return found


def _edited(
    text: str, path: str, *, after: str = "", put: str = "", replace: str = "", by: str = "", remove: str = ""
) -> str:
    old = after or replace or remove
    assert text.count(old) == 1, f"{path} has {old!r} {text.count(old)} times"
    return text.replace(old, after + put + by)


if __name__ == "__main__":
    sys.stdout.write(bug_table(reported_bugs()))
