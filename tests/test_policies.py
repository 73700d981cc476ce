"""The gate: every scenario renders or is refused, every policy holds, and every policy can fail."""

from chartgate.pytest_plugin.items import *  # noqa: F403
