"""Variables of one name that do not follow a port, and are right not to."""

from __future__ import annotations

import pytest

from chartgate.packs.kubernetes.networking.changed_variables import HEALTHY, changed_ports_reach_variables_of_one_name
from chartgate.policy.edits import put
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of

_AT = "spec.template.spec.containers[{0}].env[{1}].value"


@pytest.mark.parametrize(
    ("name", "worker_host", "expected"),
    [
        ("DB_PORT", "data", ["spec.template.spec.containers[worker].env[DB_PORT].value"]),
        # Another host, and a port of the container's own.
        ("DB_PORT", "other", []),
        ("HTTP_PORT", "data", []),
    ],
)
def test_who_follows(name: str, worker_host: str, expected: list[str]) -> None:
    before, after = literal_rendering(HEALTHY), literal_rendering(HEALTHY)
    for rendering in (before, after):
        put("Deployment worker", _AT.format("worker", "DB_HOST"), worker_host).apply(rendering)
    put("Deployment web", _AT.format("web", name), "21001").apply(after)
    checks = checks_of(changed_ports_reach_variables_of_one_name, [before, after])
    assert [check.path for check in checks if not check.passed] == expected
