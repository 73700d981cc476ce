"""What a run of pytest keeps on its config for the parts of this plugin."""

from __future__ import annotations

import pytest

from chartgate.gate.gate import Gate
from chartgate.gate.item import Item
from chartgate.gate.judgement import Judgement

GATE = pytest.StashKey[Gate]()
"""What the run judges."""
JUDGEMENT = pytest.StashKey[Judgement]()
PREPARED = pytest.StashKey[bool]()
"""That all is rendered which the selected tests need."""
ITEMS = pytest.StashKey[list[Item]]()
"""What it passes or fails, made when the first test asks for any."""
