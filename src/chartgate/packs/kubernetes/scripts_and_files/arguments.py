"""Arguments: each word that a program is started with is one item of the list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.kubernetes.pods.workloads import containers_if_any, workloads
from chartgate.kubernetes.programs.starts import SHELLS, Start, starts
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

from ..healthy.pod import HEALTHY, WEB

_FLAG_AND_VALUE = re.compile(r"(--[A-Za-z][\w.-]*+) ++([^\s-]\S*+)")


@policy(
    severity="warning",
    remediation="Write `--flag=value`, or two items, `--flag` and `value`: no shell takes the text apart.",
)
def flags_and_values_are_words(rendering: Rendering) -> Iterator[Check]:
    """No argument is a flag and its value with a blank between them.

    Kubernetes hands each item on as it is: the program gets one word, `--level debug`, and knows no such flag. Not of a
    shell, which takes its text apart. Source:
    https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
    """
    found = (workload for resources in rendering.stages for workload in workloads(resources))
    containers = (container for workload in found for container in containers_if_any(workload))
    for start in (start for container in containers for start in starts(container)):
        for word in () if _is_of_a_shell(start) else start.words:
            both = _FLAG_AND_VALUE.fullmatch(word.text)
            expected = f"{both[1]}={both[2]}, or two items" if both else "one word"
            yield states(word.place, both is None, expected=expected)


def _is_of_a_shell(start: Start) -> bool:
    """Tell whether a shell is started, perhaps that of the image, by its `-c` alone."""
    return any(word.text.rpartition("/")[2] in SHELLS or word.text.startswith("-c") for word in start.words)


flags_and_values_are_words.breaks(
    manifests=HEALTHY,
    an_argument_has_a_blank=put("Deployment web", f"{WEB}.args", ["serve", "--level debug"]),
    a_word_of_the_command_has_a_blank=put("Deployment web", f"{WEB}.command", ["/bin/web", "--port  80"]),
    a_command_of_a_probe_has_a_blank=put(
        "Deployment web", f"{WEB}.livenessProbe", {"exec": {"command": ["ask", "--at web:80"]}}
    ),
)
