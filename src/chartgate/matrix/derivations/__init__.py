"""Scenarios that policies derive from those of a matrix: other values, ports, names, switches."""
