"""Tests of `chartgate.reports`."""
