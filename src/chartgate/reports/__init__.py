"""Formatting only: text out of plain data."""
