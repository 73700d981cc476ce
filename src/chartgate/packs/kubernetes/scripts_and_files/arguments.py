"""Arguments: each word that a program is started with is one item of the list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.kubernetes.pods.workloads import containers_if_any, workloads
from chartgate.kubernetes.programs.starts import SHELLS, Start, StartWord, starts
from chartgate.model import Check, Rendering
from chartgate.policy.checks import states
from chartgate.policy.edits import put
from chartgate.policy.policy import policy

from ..healthy.pod import HEALTHY, WEB

_FLAG_AND_VALUE = re.compile(r"(--[A-Za-z][\w.-]*+) ++([^\s-]\S*+)")
_JOIN_THEIR_WORDS = re.compile(r"(?:redis|valkey|keydb)(?:-(?:server|stack|alpine))?+(?:[:@]|\Z)")
"""https://redis.io/docs/latest/operate/oss_and_stack/management/config/#passing-arguments-using-the-command-line"""
_IN_QUOTES = re.compile(r"(--?[A-Za-z][\w.-]*+=)(?:\"([\w./:,@-]++)\"|'([\w./:,@-]++)')")


@policy(
    severity="warning",
    remediation="Write `--flag=value`, or two items, `--flag` and `value`: no shell takes the text apart.",
)
def flags_and_values_are_words(rendering: Rendering) -> Iterator[Check]:
    """No argument is a flag and its value with a blank between them.

    Kubernetes hands each item on as it is: the program gets one word, `--level debug`, and knows no such flag. Not of a
    shell, which takes its text apart, nor of Redis, which makes lines of its configuration of all its words. Source:
    https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
    """
    for word in _words(rendering, _JOIN_THEIR_WORDS):
        both = _FLAG_AND_VALUE.fullmatch(word.text)
        expected = f"{both[1]}={both[2]}, or two items" if both else "one word"
        yield states(word.place, both is None, expected=expected)


@policy(
    severity="error",
    remediation='Quote the whole item for YAML, or nothing: `{{ printf "--path=%s" .Values.path | quote }}`.',
)
def flags_have_no_quotes_around_their_values(rendering: Rendering) -> Iterator[Check]:
    """No argument is a flag whose value has quotes around it, as `--path="/data"`.

    No shell takes them away: the program gets a path that begins with a quote. Judged are names, numbers and paths, and
    not what a shell is given. Source: https://github.com/helm/charts/pull/350
    """
    for word in _words(rendering):
        quoted = _IN_QUOTES.fullmatch(word.text)
        expected = f"{quoted[1]}{quoted[2] or quoted[3]}" if quoted else "no quotes around the value"
        yield states(word.place, quoted is None, expected=expected)


def _words(rendering: Rendering, but: re.Pattern[str] | None = None) -> Iterator[StartWord]:
    """Give the words that the containers of a rendering are started with, but for those of a shell, or of an image."""
    found = (workload for resources in rendering.stages for workload in workloads(resources))
    containers = (container for workload in found for container in containers_if_any(workload))
    judged = (c for c in containers if but is None or not but.search((c / "image").text))
    for start in (start for container in judged for start in starts(container)):
        yield from () if _is_of_a_shell(start) else start.words


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


flags_have_no_quotes_around_their_values.breaks(
    manifests=HEALTHY,
    a_path_in_quotes=put("Deployment web", f"{WEB}.args", ["serve", '--path="/data"']),
    a_number_in_single_quotes=put("Deployment web", f"{WEB}.args", ["serve", "--port='8080'"]),
)
