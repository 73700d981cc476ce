"""Tests of `chartgate.documents`."""
