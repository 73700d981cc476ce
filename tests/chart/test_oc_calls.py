"""The calls of `oc` in a script: what they say, and what their account needs."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.permissions import on
from policies.lightspeed.scripts.oc_calls import NeedsUnknown, oc_calls, permissions_for, statements

SCRIPT = """#!/bin/bash
# oc delete everything
set -e
found="$(oc get deployments -n "$NAMESPACE" -l "$SELECTOR" -o name)"
oc patch "$target" -n "$NAMESPACE" --type=strategic \\
   --patch-file="$PATCH"
oc rollout status deployment/web --timeout=5m || true
echo "oc get pods"; docker oc get
"""


def test_calls_of_a_script() -> None:
    calls = oc_calls(SCRIPT)
    assert [(str(call), call.command, call.operands, call.failure_counts) for call in calls[:3]] == [
        ("oc get deployments", "get", ("deployments",), True),
        ("oc patch $target", "patch", ("$target",), True),
        ("oc rollout status deployment/web", "rollout status", ("deployment/web",), False),
    ]
    assert calls[0].options == {"--namespace": "$NAMESPACE", "--selector": "$SELECTOR", "--output": "name"}
    assert calls[1].options["--patch-file"] == "$PATCH"
    assert statements("a \\\n  b\n\n# c\n  # d\ne") == ["a  b", "e"]


@pytest.mark.parametrize(
    ("script", "needed"),
    [
        ("oc get deployments -n x", on("apps", "deployments", "list")),
        ("oc get deploy web", on("apps", "deployments", "get", "web")),
        ("oc get deployment/web -w", on("apps", "deployments", "get watch", "web")),
        ("oc get deployments.apps --watch", on("apps", "deployments", "list watch")),
        ('oc patch "$d" -p x', on("apps", "deployments", "get patch", "target")),
        ("oc rollout status deployment/web", on("apps", "deployments", "get list watch", "web")),
        ("oc rollout restart deployment web", on("apps", "deployments", "get patch", "web")),
        ("oc wait deployment/web --for=condition=Available", on("apps", "deployments", "get list watch", "web")),
    ],
)
def test_what_a_call_needs(script: str, needed: object) -> None:
    [call] = oc_calls(script)
    assert permissions_for(call, "target") == needed


@pytest.mark.parametrize(
    "script", ["oc get pods", "oc delete deployment web", "oc patch deployment", "oc whoami", "oc rollout"]
)
def test_a_call_whose_needs_are_unknown(script: str) -> None:
    [call] = oc_calls(script)
    with pytest.raises(NeedsUnknown):
        permissions_for(call, "target")
