"""While items are made, Python looks rarely for what nobody needs; then as often as before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from chartgate.pytest_plugin import judging


@pytest.fixture
def before() -> Iterator[tuple[int, int, int]]:
    """Give Python's own numbers, whatever else ran in this process."""
    outside, own = gc.get_threshold(), (700, 10, 10)
    gc.set_threshold(*own)
    yield own
    gc.set_threshold(*outside)


@pytest.mark.parametrize("fails", [False, True], ids=["found", "failed"])
def test_it_is_as_before_once_all_is_collected(fails: bool, before: tuple[int, int, int]) -> None:
    collecting = judging.pytest_collection()
    next(collecting)
    assert gc.get_threshold() > before
    if fails:
        with pytest.raises(ZeroDivisionError):
            collecting.throw(ZeroDivisionError)
    else:
        with pytest.raises(StopIteration) as ended:
            collecting.send(True)
        assert ended.value.value is True
    assert (gc.get_threshold(), gc.get_freeze_count() > 0) == (before, True)
