"""The chart itself: its templates, its subcharts, and what helm says of it."""
