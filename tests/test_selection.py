"""`pytest -k POLICY` selects the policy's cases, its guard and its counterexamples, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from chartgate.gate.gate import Gate
from conftest import ALL_ITEMS

ROOT = Path(__file__).parents[1]
_ITEM = re.compile(r"^tests/\S+\.py::.+$", re.MULTILINE)


def _all_items(config: pytest.Config) -> list[str]:
    """Give every item of the tests: those that this run has collected, if they are of all files."""
    here = config.stash[ALL_ITEMS]
    files = {file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").rglob("test_*.py")}
    if files <= {item.partition("::")[0] for item in here}:
        return here
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist"]
    collected = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return _ITEM.findall(collected.stdout)


def test_no_other_name_contains_the_name_of_a_policy(gate: Gate, request: pytest.FixtureRequest) -> None:
    items = [(item.lower(), item.partition("::")[2]) for item in _all_items(request.config)]
    markers = {marker for policy in gate.policies for marker in (*policy.packages, policy.family, policy.severity)}
    matrix = gate.matrix
    for policy in gate.policies:
        expected = {f"test_policy[{policy.name}-{case.name}]" for case in policy.cases(matrix.rendering)}
        expected |= {f"test_examines_something[{policy.name}]"}
        expected |= {f"test_counterexample[{example}]" for example in policy.counterexamples}
        expected |= {
            f"test_waiver_is_used[{name}]" for name, w in gate.named_waivers().items() if w.policy == policy.name
        }
        # pytest compares without case, with every part of an item's path and with its markers.
        selected = {name for lower, name in items if policy.name in lower}
        assert selected == expected
        assert not [marker for marker in markers if policy.name in marker]
