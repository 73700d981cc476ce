"""Policies on scripts: faults of their kinds, each told in words that name it."""

from __future__ import annotations

import pytest

from chartgate.packs.kubernetes.networking import reach
from chartgate.packs.kubernetes.scripts_and_files import script_files, script_variables, scripts
from chartgate.policy.policy import Policy
from tests.engine.scripted import RUN, release, told

NAMED = reach.named_files_are_mounted
MOUNTED = script_files.files_that_are_named_are_mounted
EXECUTABLE = script_files.files_that_are_run_are_executable
WRITABLE = script_files.scripts_write_where_they_may
ALIKE = script_variables.scripts_read_variables_by_their_names
GIVEN = script_variables.scripts_get_the_variables_they_need
FAILING = scripts.failing_commands_fail_their_job
WORDS = scripts.words_after_a_script_are_read

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
        NAMED,
        release("command: [python3, /files/main.py]", app_py="x"),
        "/files/main.py is mounted: ConfigMap default/files shows app.py there, not main.py",
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
        NAMED,
        release("args: [--config=/files/app.yml]", app_yaml="a: 1"),
        "/files/app.yml is mounted: ConfigMap default/files shows app.yaml there, not app.yml",
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
    "a file that the text of a command goes on in": (
        FAILING,
        release('command: [sh, -c, ". /files/lib.sh; . /files/init.sh"]', lib_sh="a=1", init_sh="migrate\nseed"),
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
