"""Scripts that look as if they lacked something, and lack nothing: policies stay green."""

from __future__ import annotations

import pytest

from chartgate.kubernetes.programs.variable_needs import is_near
from chartgate.packs.kubernetes.scripts_and_files import script_files, script_variables, scripts
from tests.engine.scripted import RUN, release, told

ALL = [
    script_files.files_that_are_named_are_mounted,
    script_files.files_that_are_run_are_executable,
    script_files.scripts_write_where_they_may,
    script_variables.scripts_read_variables_by_their_names,
    script_variables.scripts_get_the_variables_they_need,
    scripts.failing_commands_fail_their_job,
    scripts.words_after_a_script_are_read,
]
EXEC = "configMap: {name: files, defaultMode: 0555}"
HEALTHY = {
    "a script and its modes": release("command: [/files/run.sh]", volume=EXEC, run_sh=RUN),
    "by its shell": release("command: [sh, /files/run.sh]", run_sh=RUN),
    "decimal modes": release(
        "command: [/files/run.sh]", volume="configMap: {name: files, defaultMode: 493}", run_sh=RUN
    ),
    "an item with a mode": release(
        "command: [/files/bin/go]",
        volume="configMap: {name: files, items: [{key: run.sh, path: bin/go, mode: 0755}]}",
        run_sh=RUN,
    ),
    "copied and made executable": release(
        'command: [sh, -ec, "cp /files/run.sh /data/run.sh; chmod +x /data/run.sh; exec /data/run.sh"]', run_sh=RUN
    ),
    "a ConfigMap of somebody else": release("command: [/files/any.sh]", volume="configMap: {name: other}", run_sh=RUN),
    "a folder of keys": release('command: [sh, -ec, "cp -r /files /data/copy; ls /files/"]', run_sh=RUN),
    "asked about first": release(
        'command: [sh, -ec, "if [ -f /files/more.sh ]; then . /files/more.sh; fi"]', run_sh=RUN
    ),
    "a file that is gone on in by a text that stops at failures": release(
        'command: [sh, -c, "set -e; . /files/init.sh"]', init_sh="migrate\nseed"
    ),
    "a library of functions": release(
        'command: [sh, -c, ". /files/lib.sh; up"]', lib_sh="up() {\n  set -e\n  migrate\n}"
    ),
    "a pattern": release('command: [sh, -ec, "for f in /files/*.sql; do psql -f \\"$f\\"; done"]', run_sh=RUN),
    "a program of the image": release("command: [/opt/bin/run.sh, --file=/opt/a]", run_sh=RUN),
    "arguments that are no files": release("args: [--prefix=/files, --route=/metrics, /data/new]", run_sh=RUN),
    "written where it may": release(
        'command: [sh, -ec, "date > /data/a; date >> /dev/stdout; date 2>/dev/null; mkdir -p /files"]', run_sh=RUN
    ),
    "a closed root": release(
        'command: [sh, -ec, "date > /data/a; date > /dev/stderr; touch /var/lib/app/a; mkdir -p /tmp"]\n'
        "securityContext: {readOnlyRootFilesystem: true}",
        run_sh=RUN,
    ),
    "a write that may fail": release('command: [sh, -ec, "touch /files/a 2>/dev/null || true; run"]', run_sh=RUN),
    "variables that are there": release(
        'command: [sh, -euc, "run $A_NAME ${OTHER:-} $HOSTNAME $HOME $KUBERNETES_SERVICE_HOST $WEB_SERVICE_PORT"]\n'
        "env: [{name: A_NAME, value: b}]",
        run_sh=RUN,
    ),
    "a variable that the image may have": release('command: [sh, -ec, "run $JAVA_HOME"]', run_sh=RUN),
    "two variables of almost one name": release(
        'command: [sh, -ec, "run $HOST_A $HOST_B"]\nenv: [{name: HOST_A, value: a}, {name: HOST_B, value: b}]',
        run_sh=RUN,
    ),
    "variables that are asked about": release(
        'command: [sh, -euc, "[ -n \\"$SOME_NAME\\" ] || exit 0; case $OTHER_NAME in a) run $OTHER_NAME;; esac"]', a="a"
    ),
    "a variable that comes with the one that is asked about": release(
        'command: [sh, -ec, "if [ \\"${RESTORE}\\" = true ]; then run ${RESTORE_FROM}; fi"]', a="a"
    ),
    "variables of a program in front": release('args: [sh, -ec, "run $SOME_NAME"]', a="a"),
    "variables from outside": release(
        'command: [sh, -euc, "run $SOME_NAME"]\nenvFrom: [{secretRef: {name: outside}}]', run_sh=RUN
    ),
    "what a sourced script sets": release('command: [sh, -euc, ". /files/lib.sh; run $SETTING"]', lib_sh="SETTING=1"),
    "what an unknown script sets": release('command: [sh, -euc, ". /opt/lib.sh; run $SETTING"]', a="a"),
    "what Kubernetes puts in": release(
        'command: [sh, -euc, "run $(A_NAME) $$HOME"]\nenv: [{name: A_NAME, value: b}]', a="a"
    ),
    "what a child is given": release(
        'command: [sh, -euc, "export TARGET=a; sh /files/run.sh"]', run_sh='set -eu\nrun "$TARGET"\n'
    ),
    "a loop that waits": release('command: [sh, -c, "until nc -z db 5432; do sleep 1; done; migrate"]', a="a"),
    "one command": release('command: [sh, -c, "exec migrate up"]', a="a"),
    "words that the script reads": release("command: [sh, -ec, 'exec serve \"$@\"', --]\nargs: [--port=80]", a="a"),
    "a name for the script": release("command: [bash, -ec, 'exec serve --a', start]", a="a"),
    "in another folder": release("command: [sh, -ec, 'cd /data; ./run.sh; cd /files']\nworkingDir: /files", run_sh=RUN),
    "a script that is no shell's": release(
        "command: [/files/run.py]", volume=EXEC, run_py="#!/usr/bin/python3\nif x: y"
    ),
    "a text that is not closed": release("command: [sh, -c, 'echo \"']", a="a"),
    "a server that goes on": release('command: [sh, -c, "prepare; exec serve"]', kind="Deployment", a="a"),
}


@pytest.mark.parametrize("manifests", HEALTHY.values(), ids=HEALTHY)
def test_it_stays_green(manifests: str) -> None:
    assert [finding for policy in ALL for finding in told(policy, manifests)] == []


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("DB_HOST", "DBHOST", True),
        ("DB_HOST", "DB_HOTS", True),
        ("DB_HOST", "DB_HOS", True),
        ("DB_HOST", "DB_HOSTS", True),
        ("DB_NAME", "DB_GAME", True),
        ("DATABASE_URL", "DATABASE_URI", True),
        ("HOST", "PORT", False),
        ("HOST", "POST", False),
        ("DB_HOST", "DB_PORT", False),
        ("SERVER_1", "SERVER_2", False),
        ("SERVER_1", "SERVER_11", False),
        ("DB_USER", "DB_USER_FILE", False),
    ],
)
def test_names_that_are_near(one: str, other: str, near: bool) -> None:
    assert is_near(one, other) is near
    assert is_near(other, one) is near
