"""What the tests of commands share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _helm(helm_asked_once: None) -> None:
    """Ask helm once for what tests render again and again."""
