"""Lets Python look less often for what nobody needs while pytest makes thousands of items, which stay until the end."""

from __future__ import annotations

import gc
from collections.abc import Generator

import pytest

_RARELY = (100_000, 50, 100)
"""As `chartgate check` does: by Python's own numbers that was a quarter of what collecting 28,000 items takes."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect, and leave alone from then on what there is by then; a run inside of another one keeps out of that."""
    before = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        return (yield)
    finally:
        gc.set_threshold(*before)
        if not gc.get_freeze_count():
            gc.freeze()
