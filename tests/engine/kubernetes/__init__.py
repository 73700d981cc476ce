"""Tests of `chartgate.kubernetes`."""
