"""Pods that a controller makes of an object of its own: what a change of them shows, and what is near."""

from __future__ import annotations

import pytest

from tests.review.object_pairs import paired, risks_of


def _knative(container: str = "", pod: str = "", notes: str = "") -> str:
    spec = f"{{containers: [{{name: fn, image: 'a/fn:1.0.0'{container}}}]{pod}}}"
    template = f"{{metadata: {{annotations: {{{notes}}}}}, spec: {spec}}}"
    return (
        f"{{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {{name: fn}}, spec: {{template: {template}}}}}"
    )


def _of(spec: str, kind: str = "Store", version: str = "example.com/v1") -> str:
    return f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: web}}, spec: {{{spec}}}}}"


def _sets(pod: str) -> str:
    return _of(f"nodeSets: [{{name: a, podTemplate: {{spec: {{{pod}}}}}}}]")


FN = "spec.template.spec.containers[fn]"
SCALE = "spec.template.metadata.annotations[autoscaling.knative.dev/min-scale]"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            _knative(", env: [{name: MODE, value: full}]"),
            _knative(),
            [f"start_changed caution {FN}.env it no longer has the variable MODE"],
        ),
        (
            _knative(", securityContext: {runAsNonRoot: true}"),
            _knative(", securityContext: {runAsNonRoot: false}"),
            [f"security_loosened danger {FN}.securityContext.runAsNonRoot it may run as root"],
        ),
        (
            _knative(", readinessProbe: {httpGet: {path: /a}}"),
            _knative(),
            [f"probe_removed caution {FN}.readinessProbe fn no longer has a readinessProbe"],
        ),
        (
            _knative(notes="autoscaling.knative.dev/min-scale: '2'"),
            _knative(notes="autoscaling.knative.dev/min-scale: '0'"),
            [f"downtime caution {SCALE} at least 0 instead of 2 pods"],
        ),
        (
            _sets("containers: [{name: a, env: [{name: A, value: b}]}]"),
            _sets("containers: [{name: a}]"),
            [
                "start_changed caution spec.nodeSets[a].podTemplate.spec.containers[a].env"
                " it no longer has the variable A"
            ],
        ),
        (
            _of("tolerations: [{operator: Exists}]"),
            _of("tolerations: [{key: a, operator: Exists}]"),
            ["scheduling_narrowed caution spec.tolerations[0].key it no longer tolerates any taint"],
        ),
        (
            _of("readOnlyRootFilesystem: false"),
            _of("readOnlyRootFilesystem: true"),
            [
                "security_tightened caution spec.readOnlyRootFilesystem"
                " readOnlyRootFilesystem is true: its pods may do less"
            ],
        ),
        (
            _of("server: {securityContext: {runAsNonRoot: true}}"),
            _of("server: {securityContext: {}}"),
            [
                "security_loosened danger spec.server.securityContext.runAsNonRoot"
                " runAsNonRoot is no longer set: its pods may do more"
            ],
        ),
    ],
)
def test_what_changes_of_them_is_told(before: str, after: str, told: list[str]) -> None:
    assert _told(before, after) == told


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_knative(), _knative(pod=", timeoutSeconds: 300, containerConcurrency: 20")),
        (_knative(), _knative(", securityContext: {privileged: false}")),
        (
            _knative(notes="autoscaling.knative.dev/max-scale: '2'"),
            _knative(notes="autoscaling.knative.dev/max-scale: '0'"),
        ),
        (_of("hostNetwork: false"), _of("a: b")),
        (_of("a: {privileged: false}"), _of("a: {}")),
        (
            _of("rules: {match: {hostNetwork: false}}", "ClusterPolicy", "kyverno.io/v1"),
            _of("rules: {match: {hostNetwork: false}, a: b}", "ClusterPolicy", "kyverno.io/v1"),
        ),
    ],
)
def test_what_is_near_is_not(before: str, after: str) -> None:
    assert _told(before, after) == []


def _told(before: str, after: str) -> list[str]:
    found = risks_of(paired(before, after))
    return [f"{risk.name} {risk.level} {address} {risk.reason}" for risk, address in found]
