"""A policy-as-code gate for Helm charts."""

import time

__version__ = "0.1.0"

STARTED = time.time()
"""When this process began to import the engine: code that has changed since then may be another than what it runs."""
