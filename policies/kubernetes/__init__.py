"""Invariants of any chart: nothing in here knows Lightspeed."""
