"""Fixtures of the review's tests: the tools, and a folder in which each rendering is made once for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.system import toolchain
from chartgate.system.toolchain import Tools


@pytest.fixture(scope="session")
def tools() -> Tools:
    """Give the provisioned helm and kubectl."""
    return toolchain.find()


@pytest.fixture(scope="session")
def renderings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that keeps what helm made; workers of xdist share it."""
    base = tmp_path_factory.getbasetemp()
    is_worker = base.name.startswith("popen-")
    return (base.parent if is_worker else base) / "review-renderings"
