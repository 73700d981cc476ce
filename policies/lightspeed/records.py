"""What Lightspeed remembers, feedback and conversations, and that it ends up in the database."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT
from chartgate.documents.places import Place
from chartgate.kubernetes.contents import text
from chartgate.kubernetes.pods.environment import from_secret, variables
from chartgate.kubernetes.pods.volume_mounts import config_key, is_writable, mount_at
from chartgate.kubernetes.pods.workloads import Container, container
from chartgate.model import Check, Missing, Rendering, Resource, Resources, Scenario
from chartgate.policy.checks import compares, equals, missing, states
from chartgate.policy.edits import gone, put, reworded
from chartgate.policy.policy import policy

from .postgres import INIT, INIT_JOB, PORT
from .sidecar_job import DELETE_POLICY, HOOK, WAVE
from .spec.backstage import CORE, HUB, hub_container
from .spec.switches import database_namespace, master_on, postgres_on, sidecars_on
from .stack import FILE, STACK, stack_file

# What feedback-harvester writes. The tables of lightspeed-core are its own to make.
FEEDBACK_COLUMNS = {
    "id": "serial primary key",
    "user_id": "text not null",
    "timestamp": "text not null",
    "conversation_id": "text not null",
    "user_question": "text not null",
    "llm_response": "text not null",
    "sentiment": "integer",
    "user_feedback": "text",
}
# The schema of lightspeed-stack's conversation_cache, and the variables that psql's library reads too.
POSTGRES_CACHE = {
    "host": "${env.PGHOST}",
    "port": PORT,
    "db": "${env.PGDATABASE}",
    "user": "${env.PGUSER}",
    "password": "${env.PGPASSWORD}",
}
APPLICATION_USER = {
    "PGUSER": from_secret("lightspeed-postgres-info", "user"),
    "PGPASSWORD": from_secret("lightspeed-postgres-info", "password"),
    "PGDATABASE": from_secret("lightspeed-postgres-info", "db-name"),
}
# What the Job's script does, and the pattern that finds it there.
SCRIPT_RULES = {
    "stops at the first error (`set -e`)": r"(?m)^set -\w*e",
    "loops over pg_isready until the server answers, then calls psql": (
        r"(?ms)\A(?>.*?^[ \t]*(until|while !) pg_isready\b)(?>.*?^done\b)(?>.*?^[ \t]*psql\b)"
    ),
    "calls psql with ON_ERROR_STOP": r"(?m)^[ \t]*psql\b.*\bON_ERROR_STOP=1\b",
    "calls psql with the file of SQL_FILE": r'(?m)^[ \t]*psql\b.*(--file=|-f )"\$SQL_FILE"',
}
FEEDBACK_TABLE = re.compile(r"create table (?:if not exists )?feedback \((.*)\)")
# What would override the PG* variables.
NAMES_A_CONNECTION = r"(?m)^[ \t]*psql\b.*?\s(?:-[Udhp]\b|--(?:username|dbname|host|port)\b|postgres\S*:)|\bPGUSER="

INIT_FILES = "ConfigMap lightspeed-postgres-init"
SCRIPT, SQL = "data[init.sh]", "data[init.sql]"


@policy(
    where=postgres_on,
    severity="error",
    remediation="Let the Job wait with pg_isready, then psql the file of `create table if not exists feedback (...)`.",
    spec="Issue: Feedback Not Saving",
)
def init_job_creates_feedback_table(rendering: Rendering) -> Iterator[Check]:
    """After each sync a Job makes the table `feedback`, as the application's user, and can do so again and again.

    A table that the administrator makes is not the harvester's to write to. The Job stays until the next sync, so
    that its log can be read, and ends before the sidecars come.
    """
    resources, scenario = rendering.resources, rendering.scenario
    job = resources.one("Job", "lightspeed-postgres-init", database_namespace(scenario))
    yield equals(job.place(HOOK), "PostSync")
    yield equals(job.place(DELETE_POLICY), "BeforeHookCreation")
    yield missing(job.place("spec.ttlSecondsAfterFinished"))
    if sidecars_on(scenario):
        later = _wave(resources.one("Job", "update-deployment-containers", scenario.namespace))
        rule = f"a wave below {later}, that of the Job which injects the sidecars"
        yield states(job.place(WAVE), _wave(job) < later, expected=rule, actual=_wave(job))

    init = container(job, "init")
    yield from _connection_checks(init, resources, scenario)
    yield from _script_checks(_file(init, init.at("command[1]"), resources))
    yield from _sql_checks(_file(init, init.at("env[SQL_FILE].value"), resources))


init_job_creates_feedback_table.breaks(
    "all_on",
    the_job_is_no_hook=gone(INIT_JOB, HOOK),
    the_job_comes_after_the_sidecars=put(INIT_JOB, WAVE, "3"),
    the_administrator_makes_it=put(INIT_JOB, f"{INIT}.env[PGUSER]", {"name": "PGUSER", "value": "postgres"}),
    the_script_names_the_administrator=reworded(
        INIT_FILES, SCRIPT, "psql --no-psqlrc", "psql --username=postgres --no-psqlrc"
    ),
    the_job_looks_for_another_host=put(INIT_JOB, f"{INIT}.env[PGHOST].value", "localhost"),
    nobody_waits_for_the_server=reworded(INIT_FILES, SCRIPT, "until pg_isready --quiet", "until true"),
    errors_in_the_sql_go_unnoticed=reworded(INIT_FILES, SCRIPT, "-v ON_ERROR_STOP=1", ""),
    the_second_run_fails=reworded(INIT_FILES, SQL, "IF NOT EXISTS ", ""),
    the_second_run_empties_the_table=reworded(
        INIT_FILES, SQL, "CREATE TABLE", "DROP TABLE IF EXISTS feedback;\nCREATE TABLE"
    ),
    a_column_is_missing=reworded(INIT_FILES, SQL, "  sentiment integer,\n", ""),
)
init_job_creates_feedback_table.breaks(
    "lightspeed+postgres",
    the_log_is_gone_too_soon=put(INIT_JOB, "spec.ttlSecondsAfterFinished", 60),
)


@policy(
    where=master_on,
    severity="error",
    remediation="Configure conversation_cache: type postgres with the PG* variables, or sqlite on a writable volume.",
    spec="1. PostgreSQL Database",
)
def conversation_history_is_stored(rendering: Rendering) -> Iterator[Check]:
    """Conversations are stored in PostgreSQL while it is enabled, else in a file on a writable volume of the pod.

    Without a conversation_cache, lightspeed-core forgets every conversation; with an address that leads nowhere, it
    does not start.
    """
    scenario = rendering.scenario
    cache = stack_file(rendering) / "conversation_cache"
    yield equals(cache / "type", "postgres" if postgres_on(scenario) else "sqlite")
    if postgres_on(scenario):
        for key, value in POSTGRES_CACHE.items():
            yield equals(cache / "postgres" / key, value)
    if not sidecars_on(scenario):
        return
    core = hub_container(rendering, "lightspeed-core")
    if postgres_on(scenario):
        yield from _connection_checks(core, rendering.after_hooks, scenario)
    else:
        path = cache / "sqlite" / "db_path"
        actual = f"{path.value}, in {_volume(core, str(path.value))}"
        expected = "a path in a writable volume of lightspeed-core"
        yield states(path, is_writable(core, str(path.value)), expected=expected, actual=actual)


conversation_history_is_stored.breaks(
    "lightspeed+postgres",
    conversations_are_forgotten=reworded(STACK, FILE, "type: postgres", "type: noop"),
)
conversation_history_is_stored.breaks(
    "all_on",
    the_password_is_a_literal=reworded(STACK, FILE, "password: ${env.PGPASSWORD}", "password: lightspeed"),
    the_core_does_not_know_the_host=gone(HUB, f"{CORE}.env[PGHOST]"),
)
conversation_history_is_stored.breaks(
    "lightspeed+sidecars",
    the_file_lies_in_the_image=reworded(STACK, FILE, "db_path: /tmp/", "db_path: /app-root/"),
    a_database_that_is_off_is_asked=reworded(STACK, FILE, "type: sqlite", "type: postgres"),
)


def _connection_checks(reader: Container, resources: Resources, scenario: Scenario) -> Iterator[Check]:
    """Expect the variables by which a container reaches the database as the application's user."""
    origins = variables(reader, resources)
    for variable, origin in APPLICATION_USER.items():
        yield compares(reader / "env" / variable, str(origins.get(variable, ABSENT)), str(origin))
    host = origins.get("PGHOST")
    service = f"lightspeed-postgres.{database_namespace(scenario)}"
    accepted = [f"{service}{suffix}" for suffix in ("", ".svc", ".svc.cluster.local")]
    passed = host is not None and host.kind == "literal" and host.key in accepted
    yield states(reader.place("env[PGHOST]"), passed, expected=f"one of {', '.join(accepted)}", actual=str(host))


def _script_checks(script: Place[Resource]) -> Iterator[Check]:
    shell = re.sub(r"\\\n\s*", " ", text(script))
    for rule, pattern in SCRIPT_RULES.items():
        yield states(script, bool(re.search(pattern, shell)), expected=rule, actual=shell)
    named = re.search(NAMES_A_CONNECTION, shell)
    yield states(script, named is None, expected="connects as the PG* variables say", actual=shell)


def _sql_checks(sql: Place[Resource]) -> Iterator[Check]:
    plain = " ".join(re.sub(r"--.*", "", text(sql)).lower().split())
    statements = [statement.strip() for statement in plain.split(";")]
    for statement in filter(None, statements):
        passed = statement.startswith("create table if not exists ")
        expected = "only statements that can run twice: create table if not exists"
        yield states(sql, passed, expected=expected, actual=statement)
    table = next(filter(None, map(FEEDBACK_TABLE.fullmatch, statements)), None)
    columns = [column.strip().partition(" ")[::2] for column in table[1].split(",")] if table else []
    yield compares(sql, dict(columns), FEEDBACK_COLUMNS)


def _file(reader: Container, path: object, resources: Resources) -> Place[Resource]:
    """Give the key of a ConfigMap that a container reads at a path.

    Raises:
        Missing: it does not read a key of a ConfigMap there, or the ConfigMap is not rendered.
    """
    name, key = config_key(reader, str(path))
    if not name:
        raise Missing.at(reader / "volumeMounts", f"a key of a ConfigMap at {path}", _volume(reader, str(path)))
    return resources.one("ConfigMap", name, reader.owner.namespace) / "data" / key


def _volume(reader: Container, path: str) -> str:
    return str(mount_at(reader, path) or "the image's own file system")


def _wave(job: Resource) -> int:
    """Give the sync wave as Argo CD does: 0 for none, or for one that is not a number."""
    wave = str(job.at(WAVE))
    return int(wave) if re.fullmatch(r"-?\d+", wave) else 0
