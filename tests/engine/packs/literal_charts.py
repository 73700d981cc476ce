"""Renderings of charts that a test writes down: manifests, a template, values."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from chartgate.model import Check, Rendering
from chartgate.policy.edits import Edit
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of


def chart_with(manifests: str, *edits: Edit, text: str = "", values: dict[str, Any] | None = None) -> Rendering:
    """Give a rendering of a chart with this template and these values."""
    rendering = edited(manifests, *edits)
    template = next(iter(rendering.resources)).template.partition("/")[2]
    own = values or {}
    chart = dataclasses.replace(rendering.chart, templates={template: text}, own_values=own, defaults=own)
    return dataclasses.replace(rendering, chart=chart)


def edited(manifests: str, *edits: Edit) -> Rendering:
    """Give the rendering of manifests with these edits."""
    rendering = literal_rendering(manifests)
    for edit in edits:
        rendering = edit.apply(rendering)
    return rendering


def findings_of(policy: Policy, manifests: str, *edits: Edit) -> list[Check]:
    """Give what a policy finds in manifests with these edits."""
    return failed(checks_of(policy, [edited(manifests, *edits)]))


def failed(checks: Iterable[Check]) -> list[Check]:
    """Give the checks that did not pass."""
    return [check for check in checks if not check.passed]
