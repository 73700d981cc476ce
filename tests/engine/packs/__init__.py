"""Tests of `chartgate.packs`."""
