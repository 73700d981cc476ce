"""The fixture that asks helm once: for the very same input, of which nothing comes by chance."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chartgate.rendering import helm_template
from chartgate.system.processes import Output
from tests.engine.toys import TOY, write

Asking = Callable[..., Output]


@pytest.fixture
def asked() -> list[bytes]:
    """Give what helm was asked, in place of which nothing is started here."""
    return []


@pytest.fixture
def ask(asked: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: Any) -> Asking:
    write(tmp_path / "toy", TOY)
    (tmp_path / "helm").write_bytes(os.urandom(8))

    def start_tool(helm: Path, arguments: list[str], *, stdin: bytes = b"", **_: Any) -> Output:
        asked.append(stdin)
        code = 1 if b"refused" in stdin else 0
        return Output((str(helm), *arguments), code, b"%d" % len(asked), b"")

    monkeypatch.setattr(helm_template, "start_tool", start_tool)
    request.getfixturevalue("helm_asked_once")
    again: Asking = vars(helm_template)["start_tool"]

    def ask(stdin: bytes = b"mode: a", release: str = "demo") -> Output:
        return again(tmp_path / "helm", ["template", release, str(tmp_path / "toy")], stdin=stdin)

    return ask


def test_the_same_is_asked_once(ask: Asking, asked: list[bytes]) -> None:
    assert ask() == ask()
    assert len(asked) == 1


def test_anything_else_is_asked(ask: Asking, asked: list[bytes], tmp_path: Path, monkeypatch: Any) -> None:
    ask()
    ask(b"mode: b")
    ask(release="other")
    write(tmp_path / "toy", {"templates/config.yaml": "a: b"})
    ask()
    (tmp_path / "toy/templates/config.yaml").rename(tmp_path / "toy/templates/other.yaml")
    ask()
    (tmp_path / "helm").write_bytes(os.urandom(8))
    ask()
    monkeypatch.setenv("HELM_NAMESPACE", "elsewhere")
    ask()
    assert len(asked) == 7


@pytest.mark.parametrize(
    "template", ["{{ randAlphaNum 5 }}", "{{ now }}", "{{ lookup }}", "{{ genCA }}", "{{ uuidv4 }}"]
)
def test_what_comes_by_chance_is_asked_each_time(
    ask: Asking, asked: list[bytes], tmp_path: Path, template: str
) -> None:
    write(tmp_path / "toy", {"templates/chance.yaml": template})
    ask(), ask()
    assert len(asked) == 2


def test_what_is_refused_is_asked_each_time(ask: Asking, asked: list[bytes]) -> None:
    ask(b"refused"), ask(b"refused")
    assert len(asked) == 2


def test_what_is_no_folder_of_files_is_asked_each_time(ask: Asking, asked: list[bytes], tmp_path: Path) -> None:
    (tmp_path / "toy/templates/link.yaml").symlink_to("config.yaml")
    ask(), ask()
    assert len(asked) == 2
