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
GATE = {"tests/test_policies.py", "tests/test_packs.py"}


def _files(items: list[str]) -> set[str]:
    return {item.partition("::")[0] for item in items}


def _items(config: pytest.Config) -> list[str]:
    """Give the items of this run, if they are with all of the gate or none of it; else every item there is.

    `make test` is two runs: of the gate, and of all other files.
    """
    here = config.stash[ALL_ITEMS]
    if len(files := _files(here)) > 1 and (files >= GATE or files.isdisjoint(GATE)):
        return here
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist"]
    collected = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return _ITEM.findall(collected.stdout)


def test_no_other_name_contains_the_name_of_a_policy(gate: Gate, request: pytest.FixtureRequest) -> None:
    items = _items(request.config)
    has_gate = not GATE.isdisjoint(_files(items))
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
        assert {items[place].partition("::")[2] for place in places} == (expected if has_gate else set())
        assert not [marker for marker in markers if policy.name in marker]
