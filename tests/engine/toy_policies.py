"""Policies of a few lines, for the tests of the engine that judges by them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from chartgate.model import Check, Rendering
from chartgate.policy.checks import equals
from chartgate.policy.policy import Policy, policy

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data: {key: good}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: b}
data: {key: good}
"""

Checks = Callable[..., Iterator[Check]]


def made_of(function: Checks, over: Any = None) -> Policy:
    return policy(severity="error", remediation="Mend it.", over=over)(function)


def key_is_good(rendering: Rendering) -> Iterator[Check]:
    """The key of `a` is good."""
    yield equals(rendering.resources.one("ConfigMap", "a").place("data.key"), "good")


def keys_agree(before: Rendering, after: Rendering) -> Iterator[Check]:
    """Both sides have the same key."""
    other = before.resources.one("ConfigMap", "a").at("data.key")
    yield equals(after.resources.one("ConfigMap", "a").place("data.key"), other)


def everyone_agrees(renderings: list[Rendering]) -> Iterator[Check]:
    """All have the same key."""
    for rendering in renderings:
        yield equals(rendering.resources.one("ConfigMap", "a").place("data.key"), "good")


def neighbours(scenarios: Any) -> Any:
    return itertools.pairwise(scenarios)
