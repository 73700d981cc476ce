"""How much a risk matters, and which part of the version it demands."""

from __future__ import annotations

from typing import Literal

Level = Literal["note", "caution", "danger"]


Bump = Literal["none", "patch", "minor", "major"]


LEVELS: tuple[Level, ...] = ("note", "caution", "danger")
"""From what is good to know to what breaks a release or loses data."""


BUMPS: tuple[Bump, ...] = ("none", "patch", "minor", "major")
