"""What the chart renders, to read in a diff: an inventory of the matrix, and what tests/matrix.yaml names in full."""

from chartgate.pytest_plugin.snapshot_items import *  # noqa: F403
