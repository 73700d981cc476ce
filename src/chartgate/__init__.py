"""A policy-as-code gate for Helm charts."""

__version__ = "0.1.0"
