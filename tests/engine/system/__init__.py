"""Tests of `chartgate.system`."""
