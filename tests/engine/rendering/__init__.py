"""Tests of `chartgate.rendering`."""
