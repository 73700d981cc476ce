"""Invariants of any chart."""
