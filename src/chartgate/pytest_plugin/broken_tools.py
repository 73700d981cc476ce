"""A tool that fails in the middle of a run: one message, and the end of the run, on however many workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from chartgate.pytest_plugin.chosen_gate import run_folder

_WORDS = "chartgate: helm or kubectl cannot be used, so nothing more is judged"


def end_run(item: pytest.Item, report: pytest.TestReport) -> None:
    """End the session of this process after this item; the first process to do so tells why, and the others are still.

    `pytest.exit` is no way to do it: it crashes the workers of xdist.
    """
    item.session.shouldfail = _WORDS
    try:
        _mark(item.config).touch(exist_ok=False)
    except FileExistsError:
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, f"Skipped: {_WORDS}")


def has_ended(config: pytest.Config) -> bool:
    """Tell whether a tool has ended the run."""
    return _mark(config).exists()


def _mark(config: pytest.Config) -> Path:
    return run_folder(config) / "ended-by-a-tool"
