"""Policies on scripts: faults of their kinds, each told in words that name it, and healthy ones that stay green."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from chartgate.documents import go_yaml
from chartgate.kubernetes.programs.variable_needs import is_near
from chartgate.packs.kubernetes import script_files, script_variables, scripts
from chartgate.policy.policy import Policy
from chartgate.policy.proofs import literal_rendering
from chartgate.policy.verdicts import checks_of

MOUNTED = script_files.files_that_are_named_are_mounted
EXECUTABLE = script_files.files_that_are_run_are_executable
WRITABLE = script_files.scripts_write_where_they_may
ALIKE = script_variables.scripts_read_variables_by_their_names
GIVEN = script_variables.scripts_get_the_variables_they_need
FAILING = scripts.failing_commands_fail_their_job
WORDS = scripts.words_after_a_script_are_read
ALL = [WORDS, MOUNTED, EXECUTABLE, WRITABLE, ALIKE, GIVEN, FAILING]
RUN = "#!/bin/sh\nset -e\necho run\n"


def release(
    container: str, *, pod: str = "", volume: str = "configMap: {name: files}", kind: str = "Job", **data: str
) -> str:
    """Write a workload of one container, which mounts a ConfigMap of these keys (`run_sh` for `run.sh`) at /files."""
    config: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "files"}}
    config["data"] = {key.replace("__", "-").replace("_", "."): text for key, text in data.items()}
    return f"""
apiVersion: batch/v1
kind: {kind}
metadata: {{name: work}}
spec:
  template:
    spec:
      {pod or "restartPolicy: Never"}
      containers:
        - name: work
          volumeMounts: [{{name: files, mountPath: /files}}, {{name: data, mountPath: /data}}]
{textwrap.indent(textwrap.dedent(container).strip(), " " * 10)}
      volumes: [{{name: files, {volume}}}, {{name: data, emptyDir: {{}}}}]
---
{go_yaml.dump(config)}
"""


def told(policy: Policy, manifests: str) -> list[str]:
    findings = (check for check in checks_of(policy, [literal_rendering(manifests)]) if not check.passed)
    return [f"{check.subject.partition(' (')[0]} {check.path}: {check.expected}: {check.actual}" for check in findings]


FAULTS = {
    "a missing key": (
        MOUNTED,
        release("command: [sh, /files/start.sh]", run_sh=RUN),
        "/files/start.sh is mounted: /files has run.sh: not there",
    ),
    "a missing key, called by a script": (
        MOUNTED,
        release('command: [sh, -ec, "cd /data; exec /files/start.sh"]', run_sh=RUN),
        "/files/start.sh is mounted: /files has run.sh: line 1: not there",
    ),
    "a missing key, sourced": (
        MOUNTED,
        release("command: [bash, /files/run.sh]", run_sh="set -e\n. /files/library.sh\n", lib_sh="a=1"),
        "/files/library.sh is mounted: /files has lib.sh: line 2: not there",
    ),
    "a missing key by a variable": (
        MOUNTED,
        release('command: [sh, -ec, "psql -f $DIR/init.sql"]\nenv: [{name: DIR, value: /files}]', int_sql="x"),
        "/files/init.sql is mounted: /files has int.sql: line 1: not there",
    ),
    "a missing key of another interpreter": (
        MOUNTED,
        release("command: [python3, /files/main.py]", app_py="x"),
        "/files/main.py is mounted: /files has app.py: not there",
    ),
    "a missing key as input": (
        MOUNTED,
        release('command: [sh, -ec, "psql < /files/a.sql"]', b_sql="x"),
        "/files/a.sql is mounted: /files has b.sql: line 1: not there",
    ),
    "a probe's missing key": (
        MOUNTED,
        release("livenessProbe: {exec: {command: [sh, /files/alive.sh]}}", run_sh=RUN),
        "/files/alive.sh is mounted: /files has run.sh: not there",
    ),
    "a hook's missing key": (
        MOUNTED,
        release("lifecycle: {preStop: {exec: {command: [/files/stop.sh]}}}", run_sh=RUN),
        "/files/stop.sh is mounted: /files has run.sh: not there",
    ),
    "an item that is left out": (
        MOUNTED,
        release(
            "command: [sh, /files/b.sh]",
            volume="configMap: {name: files, items: [{key: a.sh, path: a.sh}]}",
            a_sh=RUN,
            b_sh=RUN,
        ),
        "/files/b.sh is mounted: /files has a.sh: not there",
    ),
    "an argument of a missing key": (
        MOUNTED,
        release("args: [--config=/files/app.yml]", app_yaml="a: 1"),
        "/files/app.yml is mounted: /files has app.yaml: not there",
    ),
    "a mount of another name": (
        MOUNTED,
        release("command: [/file/run.sh]", volume="configMap: {name: files, defaultMode: 0755}", run_sh=RUN),
        "/file/run.sh is mounted: it is mounted as /files/run.sh",
    ),
    "the usual mode": (
        EXECUTABLE,
        release("command: [/files/run.sh]", run_sh=RUN),
        "permission denied: its mode is 0644, in which nobody may execute it",
    ),
    "the usual mode, from a shell": (
        EXECUTABLE,
        release('command: [sh, -ec, "exec /files/run.sh"]', run_sh=RUN),
        "line 1: permission denied: its mode is 0644, in which nobody may execute it",
    ),
    "the usual mode behind tini": (
        EXECUTABLE,
        release('command: [/sbin/tini, "--", /files/run.sh]', run_sh=RUN),
        "permission denied: its mode is 0644, in which nobody may execute it",
    ),
    "the usual mode under a subPath": (
        EXECUTABLE,
        release("command: [/run.sh]", run_sh=RUN).replace(
            "mountPath: /files}", "mountPath: /files}, {name: files, mountPath: /run.sh, subPath: run.sh}"
        ),
        "/run.sh can be run as it is mounted: permission denied: its mode is 0644, in which nobody may execute it",
    ),
    "the usual mode in the folder that it starts in": (
        EXECUTABLE,
        release("command: [./run.sh]\nworkingDir: /files", run_sh=RUN),
        "permission denied: its mode is 0644, in which nobody may execute it",
    ),
    "the usual mode in the folder that it goes to": (
        EXECUTABLE,
        release("command: [sh, -ec, 'cd /files; ./run.sh --fast']", run_sh=RUN),
        "line 1: permission denied: its mode is 0644, in which nobody may execute it",
    ),
    "a program and its arguments in one word": (
        EXECUTABLE,
        release("command: ['sleep 3600']", a="a"),
        "the path of a program alone, each argument in a word of its own: sleep 3600",
    ),
    "a command in several words after -c": (
        WORDS,
        release("command: [sh, -c, sleep, '3600']", a="a"),
        "a script that reads what follows it, or nothing after it: followed by 3600",
    ),
    "arguments after a script": (
        WORDS,
        release("command: [sh, -ec, 'exec serve']\nargs: [--port=80, --verbose]", a="a"),
        "a script that reads what follows it, or nothing after it: followed by --port=80 --verbose",
    ),
    "a download into the ConfigMap": (
        WRITABLE,
        release("command: [sh, -ec, 'curl -sS -o /files/a http://b']", a="a"),
        "line 1: /files is a mount of a configMap volume, which is read-only",
    ),
    "a template filled in beside itself": (
        WRITABLE,
        release("command: [sh, -ec, 'envsubst < /files/a > /files/b']", a="a"),
        "line 1: /files is a mount of a configMap volume, which is read-only",
    ),
    "a write through a variable": (
        WRITABLE,
        release(
            "command: [sh, -ec, 'TARGET=$ROOT_FOLDER/b; date > $TARGET']\nenv: [{name: ROOT_FOLDER, value: /files}]",
            a="a",
        ),
        "line 1: /files is a mount of a configMap volume, which is read-only",
    ),
    "a mode for root": (
        EXECUTABLE,
        release(
            "command: [/files/run.sh]",
            pod="securityContext: {runAsUser: 1000}",
            volume="configMap: {name: files, defaultMode: 0744}",
            run_sh=RUN,
        ),
        "permission denied: its mode is 0744, in which only root may execute it",
    ),
    "a shebang that is not first": (
        EXECUTABLE,
        release("command: [/files/run.sh]", volume="configMap: {name: files, defaultMode: 0755}", run_sh=f"\n{RUN}"),
        "exec format error: its first line is not `#!` and the path of an interpreter",
    ),
    "lines of Windows": (
        EXECUTABLE,
        release("command: [sh, /files/run.sh]", run_sh=RUN.replace("\n", "\r\n")),
        "line 1 ends with a carriage return, which belongs to its last word",
    ),
    "a write into the ConfigMap": (
        WRITABLE,
        release('command: [sh, -ec, "echo a > /files/a"]', run_sh=RUN),
        "line 1: /files is a mount of a configMap volume, which is read-only",
    ),
    "chmod in the ConfigMap": (
        WRITABLE,
        release('command: [sh, -ec, "chmod +x /files/run.sh && /files/run.sh"]', run_sh=RUN),
        "line 1: /files is a mount of a configMap volume, which is read-only",
    ),
    "sed -i in the ConfigMap": (
        WRITABLE,
        release('command: [sh, -ec, "sed -i s/a/b/ /files/app.conf"]', app_conf="a"),
        "line 1: /files is a mount of a configMap volume, which is read-only",
    ),
    "a copy into the closed root": (
        WRITABLE,
        release('command: [sh, -ec, "cp /files/a /etc/app/a"]\nsecurityContext: {readOnlyRootFilesystem: true}', a="a"),
        "line 1: readOnlyRootFilesystem is true, and no volume is mounted there",
    ),
    "a file in a closed /tmp": (
        WRITABLE,
        release('command: [sh, -ec, "date | tee -a /tmp/log"]\nsecurityContext: {readOnlyRootFilesystem: true}', a="a"),
        "line 1: readOnlyRootFilesystem is true, and no volume is mounted there",
    ),
    "a misspelt variable": (
        ALIKE,
        release('command: [sh, -ec, "psql -h $DB_HOTS"]\nenv: [{name: DB_HOST, value: a}]', a="a"),
        "$DB_HOTS is a variable of work; near: DB_HOST: line 1: it is not set",
    ),
    "a variable without its underscore": (
        ALIKE,
        release('command: [sh, -ec, "psql $PGPASSWORD"]\nenv: [{name: PG_PASSWORD, value: a}]', a="a"),
        "$PGPASSWORD is a variable of work; near: PG_PASSWORD: line 1: it is not set",
    ),
    "a variable of a ConfigMap": (
        ALIKE,
        release('command: [sh, -ec, "run $REGIONS"]\nenvFrom: [{configMapRef: {name: files}}]', REGION="eu"),
        "$REGIONS is a variable of work; near: REGION: line 1: it is not set",
    ),
    "a demanded variable": (
        GIVEN,
        release("command: [bash, /files/run.sh]", run_sh='set -e\n: "${TARGET:?}"\n'),
        "or of its image: not set; line 2 of data[run.sh] of ConfigMap default/files reads it, and ends there",
    ),
    "a variable under set -u": (
        GIVEN,
        release('command: [sh, -euc, "rsync a $TARGET"]', a="a"),
        "$TARGET, a variable of work, or of its image: not set; line 1 of its script reads it, and ends there",
    ),
    "a variable that nobody gives": (
        GIVEN,
        release('command: [sh, -ec, "psql -h $DB_HOST -U $DB_USER"]\nenv: [{name: DB_HOST, value: a}]', a="a"),
        "$DB_USER, a variable of work, or of its image: not set; line 1 of its script reads it",
    ),
    "a probe's variable": (
        GIVEN,
        release("livenessProbe: {exec: {command: [sh, -c, 'curl -u $LOGIN_NAME localhost']}}", a="a"),
        "$LOGIN_NAME, a variable of work, or of its image: not set; line 1 of its script reads it",
    ),
    "commands one after the other": (
        FAILING,
        release('command: [sh, -c, "migrate; seed"]', a="a"),
        "line 1: migrate: what follows runs all the same, without `set -e`",
    ),
    "a dump into a pipe": (
        FAILING,
        release('command: [bash, -ec, "pg_dump shop | gzip > /data/shop.gz"]', a="a"),
        "line 1: pg_dump shop: the pipe into gzip ends well when it fails, without `set -o pipefail`",
    ),
    "a forgiven last command": (
        FAILING,
        release('command: [sh, -c, "migrate up || true"]', a="a"),
        "line 1: migrate up: `|| true` makes a success of its failure",
    ),
}


@pytest.mark.parametrize(("policy", "manifests", "words"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told(policy: Policy, manifests: str, words: str) -> None:
    [finding] = told(policy, manifests)
    assert finding.endswith(words)


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
