"""Tests of `chartgate.gate`."""
