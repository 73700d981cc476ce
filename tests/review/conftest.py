"""Fixtures of the review's tests: the tools, and a folder in which each rendering is made once for all of them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from chartgate.rendering.in_process import installed_version
from chartgate.system import toolchain
from chartgate.system.toolchain import Tools


@pytest.fixture(scope="session")
def tools() -> Tools:
    """Give the provisioned helm and kubectl, and helm's own library where there is one: it renders the same, faster."""
    return dataclasses.replace(toolchain.find(), is_in_process=installed_version() is not None)


@pytest.fixture(scope="session")
def renderings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that keeps what helm made; workers of xdist share it."""
    base = tmp_path_factory.getbasetemp()
    is_worker = base.name.startswith("popen-")
    return (base.parent if is_worker else base) / "review-renderings"


@pytest.fixture(autouse=True)
def _helm(helm_asked_once: None) -> None:
    """Ask helm once for what tests render again and again."""
