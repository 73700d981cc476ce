"""What is too long under the longest release name: one finding a chart."""

from __future__ import annotations

import pytest

from chartgate.packs.kubernetes.api_server.names import long_release_names_fit
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of

NAME, OTHER = "a" * 64, "b" * 64
SERVICE = "{apiVersion: v1, kind: Service, metadata: {name: NAME, labels: {app: LABEL}}, spec: {}}"
STATEFUL = "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: NAME, labels: {app: LABEL}}, spec: {}}"


@pytest.mark.parametrize(
    ("manifests", "told"),
    [
        # A name that is a label as well.
        ([(SERVICE, NAME, NAME)], [("Service", "metadata.name", 63, NAME)]),
        # One rule, several names.
        (
            [(SERVICE, NAME, "x"), (SERVICE, OTHER, "x")],
            [("Service", "metadata.name", 63, NAME), ("Service", "metadata.name", 63, OTHER)],
        ),
        # The stricter rule of the two, whichever comes first.
        ([(STATEFUL, NAME, NAME)], [("StatefulSet", "metadata.name", 52, NAME)]),
        ([(SERVICE, "x", NAME), (STATEFUL, NAME, "x")], [("StatefulSet", "metadata.name", 52, NAME)]),
        # Other names break another rule.
        (
            [(SERVICE, NAME, OTHER)],
            [("Service", "metadata.name", 63, NAME), ("Service", "metadata.labels.app", 63, OTHER)],
        ),
        ([(SERVICE, "x", "x")], []),
    ],
)
def test_what_is_too_long_has_one_cause_a_chart(
    manifests: list[tuple[str, str, str]], told: list[tuple[str, str, int, str]]
) -> None:
    texts = [text.replace("NAME", name).replace("LABEL", label) for text, name, label in manifests]
    rendering = literal_rendering("\n---\n".join(texts))
    findings = [check for check in checks_of(long_release_names_fit, (rendering, rendering)) if not check.passed]
    assert [(c.subject.split()[0], c.path, int(str(c.expected).split()[-2]), c.actual) for c in findings] == told
    assert len({c.cause for c in findings}) == bool(told)
