"""Variables of scripts: what a script reads is what its container is given."""

from __future__ import annotations

from collections.abc import Iterator

from chartgate.kubernetes.pods.workloads import Container, containers_if_any, workloads
from chartgate.kubernetes.programs.carried_scripts import runs_in
from chartgate.kubernetes.programs.variable_needs import VariableNeed, variable_needs
from chartgate.model import Check, Rendering, Resources
from chartgate.policy.checks import states
from chartgate.policy.edits import gone, put, reworded
from chartgate.policy.policy import policy

from ..healthy.scripted import HEALTHY, MIGRATE, POD, SCRIPTS

_JOB = "Job migrate"
_ENV = f"{POD}.containers[migrate].env"


@policy(severity="error", remediation="Write the name alike in the script and in `env`.")
def scripts_read_variables_by_their_names(rendering: Rendering) -> Iterator[Check]:
    """A script asks for no variable that its container, or the script itself, has under a name almost like it.

    Told where no script reads the one that is given, and nothing sets the other: one letter or the underscores are
    wrong. A shell takes what is not set for nothing, without a word.
    https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
    """
    for resources in rendering.stages:
        for container, runs in resources.indexed(runs_in):
            needs = list(variable_needs(container, runs, resources))
            for need in needs:
                if need.near:
                    expected = f"${need.name} is a variable of {container.name}; near: {', '.join(need.near)}"
                    yield states(need.script.place, False, expected=expected, actual=f"line {need.line}: it is not set")
            if runs.scripts and not any(need.near for need in needs):
                yield states(container / "env", True, expected="the names that the scripts ask for")


scripts_read_variables_by_their_names.breaks(
    manifests=HEALTHY,
    an_underscore_is_missing=reworded(SCRIPTS, MIGRATE, "$DB_NAME", "$DBNAME"),
    two_letters_changed_places=reworded(SCRIPTS, MIGRATE, "$DB_NAME", "$DB_NMAE"),
    one_that_it_sets_itself=reworded(SCRIPTS, MIGRATE, "echo done", "target=1; echo $targets"),
    a_letter_is_missing=put(_JOB, f"{POD}.initContainers[wait].env[DB_HOST].name", "DB_HOS"),
)


@policy(
    severity="warning",
    remediation="Give the container the variable, or write `${NAME:-}` for one that may be missing.",
)
def scripts_get_the_variables_they_need(rendering: Rendering) -> Iterator[Check]:
    """A variable that a script reads, and neither sets nor asks about, is set in the container that runs it.

    A shell takes one that is not set for nothing, or ends there by `set -u` and `${NAME:?}`. Images set some
    themselves; what sounds like one of these (`JAVA_HOME`) is told only where another container of the release is given
    it.
    https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/
    """
    for resources in rendering.stages:
        elsewhere = resources.indexed(_given_somewhere)
        for container, runs in resources.indexed(runs_in):
            needs = [need for need in variable_needs(container, runs, resources) if not need.near]
            missing = [need for need in needs if need.name in elsewhere or not need.is_of_another]
            for need in missing:
                others = elsewhere.get(need.name)
                known = f"; {others} has it" if others else ", or of its image"
                expected = f"${need.name}, a variable of {container.name}{known}"
                yield states(container / "env", False, expected=expected, actual=f"not set; {_place(need)}")
            if runs.scripts and not missing:
                yield states(container / "env", True, expected="the variables that the scripts need")


scripts_get_the_variables_they_need.breaks(
    manifests=HEALTHY,
    it_is_left_out=gone(_JOB, f"{_ENV}[DB_NAME]"),
    it_demands_one_more=put(_JOB, f"{POD}.initContainers[wait].command", ["sh", "-c", 'echo "${TARGET:?}"']),
    it_ends_at_what_is_not_set=put(_JOB, f"{POD}.initContainers[wait].command", ["sh", "-euc", 'echo "$TARGET"']),
    another_container_has_it=gone(_JOB, f"{POD}.initContainers[wait].env"),
)


def _place(need: VariableNeed) -> str:
    script = need.script
    where = "its script" if script.is_inline else f"{script.place.address} of {script.place.owner.identity.label}"
    return f"line {need.line} of {where} reads it{', and ends there' if need.is_fatal else ''}"


def _given_somewhere(resources: Resources) -> dict[str, str]:
    """Give the variables that containers of a release are given one by one, each with one of those."""
    found: dict[str, str] = {}
    for workload in workloads(resources):
        for container in containers_if_any(workload):
            for entry in (container / "env").maps():
                found.setdefault(str(entry.at("name")), _words(container))
    return found


def _words(container: Container) -> str:
    return f"{container.name} of {container.resource.identity.label}"
