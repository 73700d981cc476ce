"""Tests of `chartgate.charts`."""
