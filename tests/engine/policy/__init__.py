"""Tests of `chartgate.policy`."""
