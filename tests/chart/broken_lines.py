"""How the lines that a finding names have to do with the one line of the chart's source that is broken.

`exact` is the line that wrote the field, `call` one of those that called it, `block` the lines of a map, a list or a
whole object, `around` those around something missing. `end` is the other one of two places that do not fit together, of
which nobody can know which is wrong; of a key of the values, one of the first two lines that read it. `part` is one of
those that are told with the line that wrote it: what sets its variables, the conditions that it is under. `also` is one
of the others to look at, of which `first` comes first where nothing is there that was written; `changed` is the line
that differs from the commit, which comes first as well; `another` is none of them: then the finding is about another
field, whose own line it names.
"""

from __future__ import annotations

import difflib
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from chartgate.gate.gate import Gate, open_gate
from chartgate.gate.items import PolicyHolds, items_of
from chartgate.gate.judgement import Judgement
from chartgate.gate.results.outcome import Finding
from chartgate.gate.results.written import SourceLine
from chartgate.gate.rules.settings_file import read_settings
from chartgate.gate.telling.causes import marking
from chartgate.gate.telling.source_lines import located
from chartgate.matrix.choice import Choice, copy_for_run
from tests.chart.test_source_breaks import Break

ROOT = Path(__file__).parents[2]


class BrokenLine(NamedTuple):
    """A line that a patch changes, adds or takes away; of the last, the one before it."""

    file: str
    lines: frozenset[int]


def broken_copy(broken: Break, folder: Path) -> Path:
    """Copy the chart into a repository, and break what is committed there."""
    chart = Path(shutil.copytree(ROOT / "chart", folder / "chart"))
    who = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    commit = (*who, "commit", "--quiet", "--message=one")
    for command in (("init", "--quiet"), ("add", "."), commit, ("apply", "--whitespace=nowarn", str(broken.patch))):
        subprocess.run([shutil.which("git") or "git", *command], cwd=chart, check=True)
    return chart


def broken_line(before: Path, after: Path) -> BrokenLine | None:
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


def first_finding(broken: Break, chart: Path, folder: Path) -> Finding:
    """Judge a broken chart by the policy of the break, in its case; give what a report tells first, with its lines.

    What differs from the commit is marked.
    """
    choice = Choice(chart=str(chart), matrix=str(ROOT / "tests/matrix.yaml"))
    scratch = folder / "scratch"
    scratch.mkdir()
    gate: Gate = open_gate(
        choice,
        ["kubernetes", str(ROOT / "policies")],
        scratch,
        copied_chart=copy_for_run(choice, scratch),
        options=(),
        is_selection=False,
        settings=read_settings(ROOT),
    )
    judgement = Judgement(gate)
    [policy] = [policy for policy in gate.policies if policy.name == broken.policy]
    items = (item for item in items_of(gate, judgement, [policy]) if isinstance(item, PolicyHolds))
    item = next(item for item in items if item.case.name == broken.case)
    return marking(judgement)(located(item.judge(judgement).open, judgement)[0])


def kind_of(finding: Finding, broken: BrokenLine, chart: Path, *, with_commit: bool = False) -> str:
    """Say how the lines of a finding have to do with the broken one, in the words above.

    Args:
        finding: the first one.
        broken: the line.
        chart: the copy.
        with_commit: whether there is a commit to compare with.
    """
    written = finding.written
    if written is None:
        return "another"

    def has(place: SourceLine) -> bool:
        lines = range(place.line, max(place.line, place.last) + 1)
        return place.file == (chart / broken.file).as_posix() and not broken.lines.isdisjoint(lines)

    if has(written.by) and not written.is_around:
        return "block" if written.by.last > written.by.line else "exact"
    if any(map(has, written.calls)):
        return "call"
    readers = written.parts[:2] if "templates/" not in written.by.file else ()
    if any(map(has, (*written.compared, *readers))):
        return "end"
    if has(written.by):
        return "around"
    if any(map(has, written.parts)):
        return "part"
    if with_commit and written.changed_at and has(written.changed_at):
        return "changed"
    if not written.by.line and any(map(has, written.also[:1])):
        return "first"
    return "also" if any(map(has, written.also)) else "another"
