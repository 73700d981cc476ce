"""This repository's own fixtures; everything that judges a chart comes from the plugin."""

import pytest
from syrupy.assertion import SnapshotAssertion

from chartgate.catalogs.snapshot_text import YamlSnapshot

# For tests/engine, which runs whole pytest runs; only this file may name plugins.
pytest_plugins = ["pytester"]
# Its tests have the names of tests/test_policies.py and tests/test_snapshots.py here, beside their snapshots.
collect_ignore = ["tests/matrix.yaml"]


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Keep each snapshot in a YAML file of its own, below tests/snapshots/."""
    return snapshot.use_extension(YamlSnapshot)
