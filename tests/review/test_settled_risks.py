"""What a version settles: breaks of compatibility, once it is raised by as much as they demand."""

from __future__ import annotations

import pytest

from chartgate.review.review import Entry, Risk
from chartgate.review.risks.risk_classes import CLASSES
from chartgate.review.versions import compare_versions
from chartgate.review.waived_risks import NEVER_SETTLED, settled


@pytest.mark.parametrize(
    ("name", "before", "after", "level"),
    [
        ("values_key_removed", "1.4.2", "2.0.0", None),
        ("values_key_removed", "1.4.2", "1.5.0", "danger"),
        ("values_key_removed", "1.4.2", "1.4.2", "danger"),
        ("values_key_removed", "0.4.2", "0.5.0", None),
        ("immutable", "1.4.2", "2.0.0", None),
        ("kube_version_raised", "1.4.2", "2.0.0", None),
        ("data_loss", "1.4.2", "2.0.0", "danger"),
        ("rbac_widened", "1.4.2", "2.0.0", "danger"),
        ("security_loosened", "1.4.2", "2.0.0", "danger"),
        ("exposed", "1.4.2", "2.0.0", "danger"),
        ("new_finding", "1.4.2", "2.0.0", "danger"),
    ],
)
def test_a_bump_settles_what_breaks_compatibility_only(name: str, before: str, after: str, level: str | None) -> None:
    found = CLASSES[name]
    entry = Entry("resources", "changed", ("ConfigMap a",), risks=(Risk(name, found.level, found.bump, "why"),))
    versions = compare_versions(before, after, required="major", is_changed=True, is_released=False)
    assert settled(entry, versions).open_level == level
    assert settled(entry, versions).level == found.level


def test_what_is_never_settled_are_classes() -> None:
    assert sorted(NEVER_SETTLED - set(CLASSES) - {"gate_weakened"}) == []
