"""The hooks of a run that judges no chart: who asks for one of our tests or fixtures is told why there is none."""

from __future__ import annotations

import importlib
from collections.abc import Generator

import pytest

NO_CHART = (
    "no chart to judge: give --chart=PATH or --matrix=FILE, or set `chart` or `matrix` below [tool.chartgate] in"
    " pyproject.toml"
)
_ITEMS = ("chartgate.pytest_plugin.items", "chartgate.pytest_plugin.snapshot_items")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse our own tests, in a file that takes them in.

    Raises:
        CollectError: always, for them.
    """
    if metafunc.function.__module__ in _ITEMS:
        raise pytest.Collector.CollectError(NO_CHART)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say why there is no fixture of ours, where a test asks for one."""
    report = yield
    missing = call.excinfo.value if call.excinfo else None
    if isinstance(missing, pytest.FixtureLookupError) and _is_ours(str(missing.argname)):
        report.longrepr = f"no fixture {missing.argname!r}: {NO_CHART}"
    return report


def _is_ours(name: str) -> bool:
    return hasattr(importlib.import_module("chartgate.pytest_plugin.fixtures"), name)
