"""Which level of the Pod Security Standards is demanded of a pod, and which one it violates.

Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/
"""

from __future__ import annotations

from typing import get_args

from chartgate.kubernetes.pods.pod_security import BASELINE
from chartgate.kubernetes.pods.restricted_fields import Examined
from chartgate.model import PodSecurityLevel, Rendering

_LEVELS: tuple[PodSecurityLevel, ...] = get_args(PodSecurityLevel)
_ENFORCED = "metadata.labels[pod-security.kubernetes.io/enforce]"


def demanded_level(rendering: Rendering, namespace: str) -> PodSecurityLevel:
    """Give what a pod in a namespace must keep to.

    That is the stricter of what the settings demand and of what the namespace, if it is rendered, enforces; `baseline`
    where neither says anything.
    """
    labels = [found.at(_ENFORCED) for found in rendering.resources.named("Namespace", namespace)]
    said = [level for level in _LEVELS if level in (*labels, rendering.scenario.declared.pod_security)]
    return said[-1] if said else "baseline"


def next_level(level: PodSecurityLevel) -> PodSecurityLevel | None:
    """Give the next stricter level, None where there is none."""
    stricter = _LEVELS[_LEVELS.index(level) + 1 :]
    return stricter[0] if stricter else None


def violates(control: str, found: Examined, level: PodSecurityLevel) -> bool:
    """Tell whether a level does not allow what was found wrong under a control."""
    lax = found.field.baseline_allows
    is_bad = control in BASELINE or (lax is not None and bool(found.field.misses(found.wrong, lax)))
    return bool(found.wrong) and (level == "restricted" or (level == "baseline" and is_bad))
