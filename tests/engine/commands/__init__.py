"""Tests of `chartgate.commands`."""
