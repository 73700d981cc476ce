"""Tests of `chartgate.pytest_plugin`."""
