"""Tests of `chartgate.matrix`."""
