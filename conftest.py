"""This repository's own fixtures; everything that judges a chart comes from the plugin."""

import pytest
from syrupy.assertion import SnapshotAssertion

from chartgate.catalogs.snapshot_text import YamlSnapshot

# For tests/engine, which runs whole pytest runs; only this file may name plugins.
pytest_plugins = ["pytester"]


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Keep each snapshot in a YAML file of its own, below tests/snapshots/."""
    return snapshot.use_extension(YamlSnapshot)
