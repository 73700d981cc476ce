"""`pytest -k POLICY` selects the policy's cases, its guard and its counterexamples, and nothing else."""

from __future__ import annotations

import bisect
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
    items = _all_items(request.config)
    # pytest compares without case, with every part of an item's path and with its markers.
    text = "\n".join(item.lower() for item in items)
    ends = [end.start() for end in re.finditer("\n", text)]
    markers = {marker for policy in gate.policies for marker in (*policy.packages, policy.family, policy.severity)}
    matrix = gate.matrix
    for policy in gate.policies:
        expected = {f"test_policy[{policy.name}-{case.name}]" for case in policy.cases(matrix.rendering)}
        expected |= {f"test_examines_something[{policy.name}]"}
        expected |= {f"test_counterexample[{example}]" for example in policy.counterexamples}
        expected |= {
            f"test_waiver_is_used[{name}]" for name, w in gate.named_waivers().items() if w.policy == policy.name
        }
        places = {bisect.bisect_left(ends, found.start()) for found in re.finditer(policy.name, text)}
        assert {items[place].partition("::")[2] for place in places} == expected
        assert not [marker for marker in markers if policy.name in marker]
