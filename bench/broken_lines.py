"""How often a finding names the line that is broken: each one-line break of tests/chart/breaks, in the case it names.

    PYTHONPATH=. .venv/bin/python bench/broken_lines.py [POLICY]...

A break counts by the first finding of its policy, as a report tells it: `exact` where the line that wrote the field is
the broken one, `call` where that is among the lines that called it, `block` where it is in the lines of a map, a list
or a whole object, `around` where it is in what is around something missing, `also` where it is among the other lines
to look at. `another` is the rest: the finding is about another field, whose own line it names. What was measured last:

    RESULT
"""

from __future__ import annotations

import difflib
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from chartgate.gate.gate import Gate, open_gate
from chartgate.gate.items import PolicyHolds, items_of
from chartgate.gate.judgement import Judgement
from chartgate.gate.outcome import Finding, SourceLine
from chartgate.gate.settings_file import read_settings
from chartgate.gate.source_lines import located
from chartgate.matrix.choice import Choice, copy_for_run
from tests.chart.test_source_breaks import BREAKS, Break


class BrokenLine(NamedTuple):
    """A line that a patch changes, adds or takes away; of the last, the one before it."""

    file: str
    lines: frozenset[int]


def main() -> int:
    """Measure, and tell what is named of each that counts as another."""
    counts: Counter[str] = Counter()
    for broken in BREAKS:
        if sys.argv[1:] and broken.policy not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            chart = Path(shutil.copytree("chart", Path(folder) / "chart"))
            subprocess.run([shutil.which("git") or "git", "apply", broken.patch], cwd=chart, check=True)
            line = _broken_line(Path("chart"), chart)
            if line is None:
                continue
            finding = _first_finding(broken, chart, Path(folder))
            kind = _kind(finding, line, chart)
            counts[kind] += 1
            if kind == "another":
                place = f"{line.file}:{sorted(line.lines)}: {finding.subject} {finding.path}"
                sys.stdout.write(f"{broken.patch}: {place}: {finding.written}\n")
    told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    sys.stdout.write(f"{counts.total()} breaks: {told}\n")
    return 0


def _broken_line(before: Path, after: Path) -> BrokenLine | None:
    """Give the one line of a template that differs; None for more than one, and for other files."""
    files = [path.relative_to(before) for path in before.rglob("*") if path.is_file()]
    changed = [path for path in files if (before / path).read_text() != (after / path).read_text()]
    if len(changed) != 1 or "templates" not in changed[0].parts:
        return None
    old, new = ((side / changed[0]).read_text().split("\n") for side in (before, after))
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    edits = [code for code in codes if code[0] != "equal"]
    if len(edits) != 1 or max(edits[0][2] - edits[0][1], edits[0][4] - edits[0][3]) > 1:
        return None
    [(kind, _, _, first, _)] = edits
    return BrokenLine(changed[0].as_posix(), frozenset({first, first + 1} if kind == "delete" else {first + 1}))


def _first_finding(broken: Break, chart: Path, folder: Path) -> Finding:
    choice = Choice(chart=str(chart), matrix="tests/matrix.yaml")
    scratch = folder / "scratch"
    scratch.mkdir()
    gate: Gate = open_gate(
        choice,
        ["kubernetes", "policies"],
        scratch,
        copied_chart=copy_for_run(choice, scratch),
        options=(),
        is_selection=False,
        settings=read_settings(Path.cwd()),
    )
    judgement = Judgement(gate)
    [policy] = [policy for policy in gate.policies if policy.name == broken.policy]
    items = (item for item in items_of(gate, judgement, [policy]) if isinstance(item, PolicyHolds))
    item = next(item for item in items if item.case.name == broken.case)
    return located(item.judge(judgement).open, judgement)[0]


def _kind(finding: Finding, broken: BrokenLine, chart: Path) -> str:
    written = finding.written
    if written is None:
        return "another"

    def has(place: SourceLine) -> bool:
        lines = range(place.line, max(place.line, place.last) + 1)
        return place.file == (chart / broken.file).as_posix() and not broken.lines.isdisjoint(lines)

    if has(written.by):
        return "around" if written.is_around else "block" if written.by.last > written.by.line else "exact"
    return "call" if any(map(has, written.calls)) else "also" if any(map(has, written.also)) else "another"


if __name__ == "__main__":
    sys.exit(main())
