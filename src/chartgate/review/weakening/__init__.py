"""The gate itself as a change: what it demanded of the chart, and no longer does."""
