"""Policies of packs judge charts that helm's own library renders, where it is installed."""

from __future__ import annotations

import dataclasses

import pytest

from chartgate.rendering.in_process import installed_version
from chartgate.system import toolchain
from chartgate.system.toolchain import Tools


@pytest.fixture(scope="session")
def tools() -> Tools:
    """Give the provisioned tools, but for a faster helm where there is one: it renders the same."""
    return dataclasses.replace(toolchain.find(), is_in_process=installed_version() is not None)


@pytest.fixture(autouse=True)
def _library(library_alone: None) -> None:
    """Ask helm for nothing that its library gives."""
