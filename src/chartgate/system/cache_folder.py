"""Where the tools are, and what earlier runs made; it is read before all that takes time to import."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """Give the user's folder for what can be had again: CHARTGATE_CACHE, or what the system has for it."""
    if named := os.environ.get("CHARTGATE_CACHE"):
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_cache_path("chartgate"))
