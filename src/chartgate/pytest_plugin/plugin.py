"""The pytest plugin's entrance: its options, and which part of it a run needs.

A suite that judges no chart, beside which chartgate is only installed, loads nothing of what judges one.
"""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest

from chartgate.documents.escaping import message_text
from chartgate.errors import InputError
from chartgate.pytest_plugin.pytest_options import add_options, may_judge, refuse_what_cannot_be_meant


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    add_options(parser)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Add the markers, and load what judges a chart, or tells those who ask for one that there is none."""
    for name, meaning in (
        ("scenarios(*names)", "render only these scenarios for a test that asks for `rendering`"),
        ("error", "policies whose findings break the release"),
        ("warning", "policies whose findings break a convention"),
    ):
        config.addinivalue_line("markers", f"{name}: {meaning}")
    if config.option.help:
        return
    refuse_what_cannot_be_meant(config)
    try:
        part = _part("judging" if _judges(config) else "without_a_chart")
    except InputError as error:
        raise pytest.UsageError(message_text(str(error))) from error
    config.pluginmanager.register(part, part.__name__)


def _judges(config: pytest.Config) -> bool:
    return may_judge(config) and bool(_part("chosen_gate").choice_of(config))


def _part(name: str) -> ModuleType:
    """Load a part of the plugin, when it is known that it is needed."""
    return importlib.import_module(f"chartgate.pytest_plugin.{name}")
