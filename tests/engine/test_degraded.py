"""One object that is not sound, or is odd, is a finding on that object; `check` judges all others as always."""

from __future__ import annotations
