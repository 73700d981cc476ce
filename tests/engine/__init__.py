"""Tests of the engine: tiny literal charts, real helm and kubectl."""
