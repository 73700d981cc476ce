"""Checksums: each one in a pod template is of a file of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from chartgate.charts.template_texts.template_actions import actions
from chartgate.documents.addresses import lookup
from chartgate.documents.words import listed
from chartgate.kubernetes.pods.workloads import template_if_any, workloads
from chartgate.model import Chart, Check, Rendering
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import in_template, put
from chartgate.policy.policy import THE_CHART, policy
from chartgate.policy.template_checks import WrongLine, template_checks

_NOTHING = ("", "\n", "\n\n", "{}", "null", "{}\n", "null\n", *(mark * n for mark in " :-/,|" for n in range(1, 8)))
"""Nothing, and what several empty values are with a mark between each two of them."""
_EMPTY = frozenset(hashlib.sha256(text.encode()).hexdigest() for text in _NOTHING)
_OF_A_PATH = re.compile(r"\.Template\.BasePath\b[^|]*+\|\s*+(?:sha256sum|sha1sum|adler32sum)\b")
_SUM = re.compile(r"\|\s*+(?:sha256sum|sha1sum|adler32sum)\b")
_OF_ANNOTATIONS = re.compile(r"(?:if|with)\s++\$?\.Values\.([\w.]*annotations)", re.IGNORECASE)
"""A condition that asks for the annotations of a user, and for nothing else."""
_SHORTEST = 16
"""Characters; what is shorter is alike by chance."""
_ONE, _TWO = (hashlib.sha256(text).hexdigest() for text in (b"one", b"two"))

HEALTHY = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  template:
    metadata: {{annotations: {{checksum/config: "{_ONE}", checksum/secret: "{_TWO}"}}}}
    spec: {{containers: [{{name: web}}]}}
"""


@policy(severity="error", remediation="Take the checksum of the file that the annotation is named after.")
def checksums_are_of_different_files(rendering: Rendering) -> Iterator[Check]:
    """No two checksums of a pod template, of different names, are the same.

    Both are of one file: when the other one changes, nothing restarts the pods, which is what its annotation is there
    for. The checksum of nothing is left out. Source:
    https://helm.sh/docs/howto/charts_tips_and_tricks/#automatically-roll-deployments
    """
    for resources in rendering.stages:
        for workload in workloads(resources):
            first: dict[str, str] = {}
            for key, place in (template_if_any(workload) / "metadata" / "annotations").entries():
                if "checksum" in key.lower() and len(place.text) >= _SHORTEST and place.text not in _EMPTY:
                    other = first.setdefault(place.text, key)
                    expected = (
                        "a checksum of another file" if other == key else f"another one than {listed([other], 1)}"
                    )
                    check = states(place, other == key, expected=expected, actual=f"the checksum of {other} as well")
                    yield with_cause(check, key)


checksums_are_of_different_files.breaks(
    manifests=HEALTHY,
    both_are_of_one_file=put("Deployment web", "spec.template.metadata.annotations[checksum/secret]", _ONE),
)


@policy(
    over=THE_CHART,
    severity="error",
    remediation='Take the checksum of what the file renders to: `include (print $.Template.BasePath "/file.yaml") .`.',
)
def checksums_are_of_contents(chart: Chart) -> Iterator[Check]:
    """No checksum in a template is that of a path, which is the same whatever is in the file.

    Nor is it there only once somebody adds annotations: without any, nothing restarts the pods. Source:
    https://helm.sh/docs/howto/charts_tips_and_tricks/#automatically-roll-deployments
    """
    yield from template_checks(chart, "a checksum of what the file renders to", _of_nothing)


def _of_nothing(chart: Chart) -> Iterator[WrongLine]:
    for name, text in sorted(chart.templates.items()):
        for action in actions(text):
            asked = (_OF_ANNOTATIONS.fullmatch(condition) for condition in action.conditions)
            of_users = next((found[1] for found in asked if found and not lookup(chart.own_values, found[1])), "")
            if _OF_A_PATH.search(action.text) and "include" not in action.text:
                yield WrongLine(f"{name} {action.text.strip()}", name, action.line, ": a checksum of the path itself")
            elif of_users and _SUM.search(action.text) and "nnotations" not in action.text:
                says = f": a checksum that is there with {of_users} only, which is empty by default"
                yield WrongLine(f"{name} {of_users}", name, action.line, says)


checksums_are_of_contents.breaks(
    manifests=HEALTHY,
    the_path_is_not_included=in_template('checksum/config: {{ print $.Template.BasePath "/config.yaml" | sha256sum }}'),
    only_beside_annotations_of_users=in_template(
        '{{ with .Values.podAnnotations }}checksum/config: {{ include "web.config" $ | sha256sum }}{{ end }}'
    ),
)
