"""All that pytest collects of a configured matrix: what a run judges, and the snapshots."""

from chartgate.pytest_plugin.items import *  # noqa: F403
from chartgate.pytest_plugin.snapshot_items import *  # noqa: F403
