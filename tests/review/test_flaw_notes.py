"""A side that renders what is no sound object is compared, and a note says what that is and on which side."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.commands.main import main
from tests.engine.toys import write

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
TWICE = f"{CONFIG}data:\n  colour: red\n  colour: %s\n"
NAMELESS = f"{CONFIG}---\napiVersion: v1\nkind: Secret\nstringData: {{password: t0p-s3cret}}\n"
KEY = "ConfigMap default/settings (v1) has data.colour twice, in lines 5 and 6 of the rendered document"
OBJECT = "Secret (v1) from toy/templates/all.yaml is no sound object: expected a text, found (absent) at metadata.name"


@pytest.mark.parametrize(
    ("before", "after", "note", "changes"),
    [
        (TWICE % "blue", TWICE % "blue", f"On both sides: {KEY}: the last one counts. Helm accepts it.", ""),
        (TWICE % "blue", TWICE % "green", f"On both sides: {KEY}", "data.colour: blue -> green"),
        (CONFIG, TWICE % "blue", f"New in after: {KEY}", 'data: nothing -> {"colour": "blue"}'),
        (TWICE % "blue", CONFIG, f"In before only: {KEY}", 'data: {"colour": "blue"} -> nothing'),
        (CONFIG, NAMELESS, f"New in after: {OBJECT}. Helm prints it all the same.", ""),
        (NAMELESS, NAMELESS, f"On both sides: {OBJECT}", ""),
        (CONFIG, f"{CONFIG}---\napiVersion: v1\nkind: List\nitems:\n", "", ""),
    ],
)
def test_a_flaw_is_a_note(
    before: str,
    after: str,
    note: str,
    changes: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for side, manifests in (("before", before), ("after", after)):
        chart = {"Chart.yaml": "apiVersion: v2\nname: toy\nversion: 1.0.0\n", "values.yaml": "{}"}
        write(tmp_path / side, chart | {"templates/all.yaml": manifests})
    assert main(["review", "before", "after", "--fail-on=never", "--no-policies"]) == 0
    said = capsys.readouterr().out
    assert [line for line in said.splitlines() if "no sound object" in line or "twice" in line] == (
        [line for line in said.splitlines() if note in line] if note else []
    )
    assert note in said
    assert changes in said
    assert "t0p-s3cret" not in said
