"""Scripts: the shell that runs them understands them, and a Job whose script fails has failed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Literal

from chartgate.documents.shell.lost_failures import lost_failure
from chartgate.kubernetes.changes.lifecycle import is_test
from chartgate.kubernetes.pods.workloads import containers_if_any, workloads
from chartgate.kubernetes.programs.carried_scripts import Script, runs_in, scripts_in
from chartgate.kubernetes.programs.starts import shell_call, starts, without_wrappers
from chartgate.model import Check, Rendering, ScriptFault
from chartgate.policy.checks import states, with_cause
from chartgate.policy.edits import Edit, put, remade, reworded
from chartgate.policy.policy import policy

from ..filled import text_of
from ..healthy.scripted import HEALTHY, MIGRATE, POD, REPORT, SCRIPTS

# What is a matter of habit, or what shellcheck cannot know: quotes around what holds no blank, variables that the
# container gives, files that are somewhere else, HOSTNAME, which Kubernetes sets. And SC2327, which says of the command
# what SC2328 says of its redirection. `echo done` ends no loop (SC1010); one that nothing ends is an error anyway.
_NOT_TOLD = frozenset(
    """
    SC1008 SC1010 SC1090 SC1091 SC2034 SC2046 SC2064 SC2068 SC2140 SC2145 SC2148 SC2153 SC2154 SC2155 SC2164 SC2173
    SC2174 SC2206 SC2207 SC2327 SC3028
    """.split()  # noqa: SIM905 - a list to read
)
# shellcheck does not read all that a shell does between these brackets (a redirection, say).
_NOT_READ = "test expression"
_NO_BLANK = "SC1020"
"""`[ -f a]`: no shell knows where that ends."""
_SYNTAX = "SC1"
_VAGUE = ("SC1072", "SC1073")
_FAILING = ("Job", "CronJob", "Pod")
_OF_SHEBANGS, _OF_TWO, _OF_CONSTANTS = "SC2096", "SC1102", ("SC2050", "SC2043")
"""What is a comment in the text of `sh -c`; `$((a | b) | c)`, of which Bash makes what is meant; and a comparison with,
or a loop over, what a template filled in, which is none of constants where the template has another line."""
_OF_OUTPUT, _KEPT_OUTPUT = "SC2328", re.compile(r"\b([A-Za-z_]\w*+)=\"?+\$\(")
"""`is_there=$(fetch > /dev/null)`: of no matter where nothing reads the variable, and what follows asks `$?`."""
_READ = re.compile(r"\$\{?+([A-Za-z_]\w*+)")
_OF_BRACES = "SC3009"
_BRACES = re.compile(r"\{[^{}\s,.]*+(?:\.[^{}\s,.]++)*+(?:,|\.\.(?!\.))[^{}\s]*+\}")
"""What Bash expands: `{1..3}`, `{a,b}`; not `{0...15}`, which is a program's own."""


@policy(
    severity="error",
    remediation="Mend the script; https://www.shellcheck.net/wiki/ explains each number, `shellcheck FILE` shows more.",
)
def scripts_have_no_errors(rendering: Rendering) -> Iterator[Check]:
    """No script that the chart carries has an error that shellcheck finds in it, read as its shell does.

    Scripts are the `sh -c` texts of containers, probes and hooks, the keys of ConfigMaps and Secrets that these run,
    and whatever key begins with the name of a shell. `sh` is another shell in each image: what is told is what dash
    and busybox both refuse. https://www.shellcheck.net/wiki/
    """
    yield from _told(rendering, "error")


@policy(
    severity="warning",
    remediation="Mend the script, or run it by the shell that it is written for (`bash -c`, `#!/bin/bash`).",
)
def scripts_avoid_known_pitfalls(rendering: Rendering) -> Iterator[Check]:
    """No script that the chart carries has a pitfall that shellcheck warns of, but for quotes and other habits.

    What only Bash knows is here, too, where `sh` runs it: it works in the images whose `sh` is Bash, and in no other.
    https://www.shellcheck.net/wiki/
    """
    yield from _told(rendering, "warning")


def _told(rendering: Rendering, level: Literal["error", "warning"]) -> Iterator[Check]:
    for resources in rendering.stages:
        for script in resources.indexed(scripts_in):
            faults = rendering.script_faults.get((script.shell, script.text))
            if faults is None:
                continue
            told = [] if _is_not_read(faults) else [f for f in faults if _level(script, f, rendering) == level]
            first = {
                # Of what cannot be parsed, shellcheck says the same in several ways.
                _SYNTAX if fault.code.startswith(_SYNTAX) else fault.code: fault
                for fault in sorted(
                    told, key=lambda fault: (fault.code in _VAGUE, fault.line, fault.code), reverse=True
                )
            }
            expected = f"a script that {script.shell} runs, without {level}s"
            for fault in first.values():
                actual = f"line {fault.line}: {fault.message} ({fault.code})"
                check = states(script.place, False, expected=expected, actual=actual)
                yield with_cause(check, f"{fault.code} of {_line(script, fault)}")
            if not told:
                yield states(script.place, True, expected=expected, actual="it is")


def _level(script: Script, fault: ScriptFault, rendering: Rendering) -> str:
    line = _line(script, fault)
    is_fine = (
        (fault.code == _OF_SHEBANGS and script.is_inline)
        or (fault.code == _OF_TWO and script.shell == "bash")
        or (fault.code == _OF_OUTPUT and _is_unread(script.text, line))
        or (fault.code in _OF_CONSTANTS and line not in text_of(rendering, script.place.owner.template))
    )
    if is_fine or fault.code in _NOT_TOLD or (fault.code == _OF_BRACES and not _BRACES.search(line)):
        return ""
    is_of_bash = fault.code.startswith("SC3") and script.shell == "sh"
    return "warning" if is_of_bash else fault.level


def _is_unread(text: str, line: str) -> bool:
    kept = _KEPT_OUTPUT.search(line)
    return kept is not None and kept[1] not in _READ.findall(text)


def _line(script: Script, fault: ScriptFault) -> str:
    return "".join(script.text.split("\n")[fault.line - 1 : fault.line])


def _is_not_read(faults: tuple[ScriptFault, ...]) -> bool:
    return any(_NOT_READ in fault.message for fault in faults) and all(fault.code != _NO_BLANK for fault in faults)


def _saying(*faults: ScriptFault) -> Edit:
    """Let shellcheck say this about the text of migrate.sh."""

    def change(rendering: Rendering) -> Rendering:
        config = rendering.resources.one("ConfigMap", "scripts")
        config.manifest["data"]["migrate.sh"] += "# changed\n"
        text = config.manifest["data"]["migrate.sh"]
        return dataclasses.replace(rendering, script_faults={("sh", text): faults})

    return remade(change)


scripts_have_no_errors.breaks(
    manifests=HEALTHY,
    it_cannot_be_parsed=_saying(ScriptFault(4, "SC1009", "error", "The mentioned syntax error was in this for loop.")),
    a_bracket_has_no_blank_before_it=_saying(
        ScriptFault(4, "SC1073", "error", "Couldn't parse this test expression. Fix to allow more checks."),
        ScriptFault(4, "SC1020", "error", "You need a space before the ]."),
    ),
)
scripts_avoid_known_pitfalls.breaks(
    manifests=HEALTHY,
    it_removes_from_the_root=_saying(ScriptFault(2, "SC2115", "warning", 'Use "${var:?}" ...')),
    it_has_an_array_and_is_run_by_sh=_saying(ScriptFault(3, "SC3030", "error", "In dash, arrays are not supported.")),
)


@policy(
    severity="warning",
    remediation="Begin with `set -e` (`sh -ec`), in Bash with `set -euo pipefail`; say `|| true` where it may fail.",
)
def failing_commands_fail_their_job(rendering: Rendering) -> Iterator[Check]:
    """In a Job, a hook or an init container, a script whose command fails does not end as if it had not.

    Without `-e`, a shell goes on after a command that fails, and ends as its last command does; of a pipe, only the
    last program counts. The Job is complete then, and what it should have done is not done. Tests are left out.
    https://www.gnu.org/software/bash/manual/html_node/The-Set-Builtin.html
    """
    for resources in rendering.stages:
        for container, runs in resources.indexed(runs_in):
            if (container.is_init or container.resource.kind in _FAILING) and not is_test(container.resource):
                for script in runs.scripts:
                    if script.role == "program" and not script.is_sourced:
                        lost = lost_failure(script.text, script.options)
                        actual = f"line {lost.line}: {lost.command}: {lost.how}" if lost else "ends in failure"
                        expected = f"{container.name} fails where a command fails"
                        yield states(script.place, lost is None, expected=expected, actual=actual)


@policy(
    severity="error",
    remediation='Put the whole command into the one text after `-c`, or end that with "$@", and a `--` after it.',
)
def words_after_a_script_are_read(rendering: Rendering) -> Iterator[Check]:
    """What follows the text of `sh -c` is read by that text, as `$1` or `"$@"`.

    A shell takes one word after `-c` for the script; what comes after that is its `$0`, its `$1` and so on, and of
    `command: [sh, -c, migrate, up]` only `migrate` runs. `args` that follow such a `command` are lost in the same way.
    https://pubs.opengroup.org/onlinepubs/9799919799/utilities/sh.html
    """
    for resources in rendering.stages:
        for workload in workloads(resources):
            for container in containers_if_any(workload):
                for start in starts(container):
                    words = without_wrappers(start.words)
                    call = shell_call([word.text for word in words])
                    if call is not None and call.inline >= 0:
                        lost = [word.text for word in words[call.inline + 1 :]]
                        passed = not _are_lost(words[call.inline].text, lost)
                        expected = "a script that reads what follows it, or nothing after it"
                        actual = f"followed by {' '.join(lost)}" if lost else "nothing"
                        yield states(words[call.inline].place, passed, expected=expected, actual=actual)


words_after_a_script_are_read.breaks(
    manifests=HEALTHY,
    a_command_in_several_words=put("Job migrate", f"{POD}.containers[report].command", ["sh", "-c", "migrate", "up"]),
    arguments_beside_it=put("Deployment web", f"{POD}.containers[web].args", ["--verbose"]),
)


def _are_lost(script: str, words: list[str]) -> bool:
    """Tell whether words after a script are meant for a program in it; one alone may be its name, `$0`."""
    if not words or any(sign in script for sign in ("$@", "$*", "$#", "$0", "$1", "${@", "${*", "${1", "${0", "shift")):
        return False
    return len(words) > 1 or (words[0].startswith("-") and words[0] not in ("-", "--")) or script.strip().isalnum()


failing_commands_fail_their_job.breaks(
    manifests=HEALTHY,
    it_goes_on_after_a_failure=reworded(SCRIPTS, MIGRATE, "set -eu", "set -u"),
    a_pipe_hides_a_failure=reworded(SCRIPTS, REPORT, "set -euo pipefail", "set -eu"),
    the_last_command_is_forgiven=reworded(SCRIPTS, MIGRATE, "tables.sql\n", "tables.sql || true\n"),
    an_inline_script_goes_on=put(
        "Job migrate", f"{POD}.initContainers[wait].command", ["sh", "-c", "fetch /a; echo b"]
    ),
)
