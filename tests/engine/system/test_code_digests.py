"""Which code a run has in hand: what comes in the place of Python's own modules, or of installed ones, is noticed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chartgate.system.code_digests import engine_digest
from tests.engine.toys import write


@pytest.mark.parametrize(
    ("file", "is_known"),
    [
        ("helpers.py", True),
        ("tests/__init__.py", True),
        ("jsonschema/notes.txt", True),
        ("jsonschema.txt", True),
        ("jsonschema.py", False),
        ("jsonschema/__init__.py", False),
        ("difflib.py", False),
        ("sitecustomize.py", False),
    ],
)
def test_a_module_in_the_place_of_another_is_not_known(
    file: str, is_known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = engine_digest()
    assert before
    write(tmp_path, {file: ""})
    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", [str(tmp_path), *sys.path])
        assert engine_digest() == (before if is_known else "")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", [*sys.path, str(tmp_path)])
        assert engine_digest() == before, "it is found behind those that it is called like"


@pytest.mark.parametrize("file", ["more.pth", "sitecustomize.py", "plugin.py", "plugin-1.0.dist-info/RECORD"])
def test_what_is_installed_counts(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = write(tmp_path / "more-packages", {"a.py": ""})
    monkeypatch.setattr(sys, "path", [*sys.path, str(installed)])
    before = engine_digest()
    write(installed, {file: "import a\n"})
    after = engine_digest()
    assert before != after
    write(installed, {"__pycache__/a.pyc": ""})
    assert engine_digest() == after
