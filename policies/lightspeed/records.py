"""What Lightspeed remembers, feedback and conversations, and that it ends up in the database."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chartgate.documents.addresses import ABSENT, join, lookup
from chartgate.kubernetes.contents import text, yaml_inside
from chartgate.kubernetes.pods.environment import Origin, from_secret, variables
from chartgate.kubernetes.pods.volume_mounts import config_file, is_writable, mount_at
from chartgate.kubernetes.pods.workloads import Container, container
from chartgate.model import Check, Missing, Rendering, Resource, Resources, Scenario
from chartgate.policy.checks import compares, equals, missing, states
from chartgate.policy.policy import policy

from .postgres import database_namespace
from .spec.switches import master_on, postgres_on, sidecars_on

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
    "port": 5432,
    "db": "${env.PGDATABASE}",
    "user": "${env.PGUSER}",
    "password": "${env.PGPASSWORD}",
}
APPLICATION_USER = {
    "PGUSER": from_secret("lightspeed-postgres-info", "user"),
    "PGPASSWORD": from_secret("lightspeed-postgres-info", "password"),
    "PGDATABASE": from_secret("lightspeed-postgres-info", "db-name"),
}
HOOK = "metadata.annotations[argocd.argoproj.io/hook]"
DELETE_POLICY = "metadata.annotations[argocd.argoproj.io/hook-delete-policy]"
WAVE = "metadata.annotations[argocd.argoproj.io/sync-wave]"


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
    yield equals(job, HOOK, "PostSync")
    yield equals(job, DELETE_POLICY, "BeforeHookCreation")
    yield missing(job, "spec.ttlSecondsAfterFinished")
    if sidecars_on(scenario):
        later = _wave(resources.one("Job", "update-deployment-containers", scenario.namespace))
        rule = f"a wave below {later}, that of the Job which injects the sidecars"
        yield states(job, WAVE, _wave(job) < later, expected=rule, actual=_wave(job))

    init = container(job, "init")
    origins = variables(init, resources)
    for variable, origin in APPLICATION_USER.items():
        actual = str(origins.get(variable, ABSENT))
        yield compares(job, f"{init.address}.env[{variable}]", actual, str(origin))
    yield _host_of_the_database(init, origins, scenario)

    script, at_script = _file(init, str(init.at("command[1]")), resources)
    yield from _script_checks(script, at_script)
    sql, at_sql = _file(init, str(init.at("env[SQL_FILE].value")), resources)
    yield from _sql_checks(sql, at_sql)


@init_job_creates_feedback_table.counterexample("all_on")
def the_job_is_no_hook(rendering: Rendering) -> Rendering:
    del _init_job(rendering).at("metadata.annotations")["argocd.argoproj.io/hook"]
    return rendering


@init_job_creates_feedback_table.counterexample("all_on")
def the_job_comes_after_the_sidecars(rendering: Rendering) -> Rendering:
    _init_job(rendering).at("metadata.annotations")["argocd.argoproj.io/sync-wave"] = "3"
    return rendering


@init_job_creates_feedback_table.counterexample("lightspeed+postgres")
def the_log_is_gone_too_soon(rendering: Rendering) -> Rendering:
    _init_job(rendering).manifest["spec"]["ttlSecondsAfterFinished"] = 60
    return rendering


@init_job_creates_feedback_table.counterexample("all_on")
def the_administrator_makes_it(rendering: Rendering) -> Rendering:
    env = container(_init_job(rendering), "init").manifest["env"]
    env[:] = [{"name": "PGUSER", "value": "postgres"}, *(e for e in env if e["name"] != "PGUSER")]
    return rendering


@init_job_creates_feedback_table.counterexample("all_on")
def the_script_names_the_administrator(rendering: Rendering) -> Rendering:
    return _in_script(rendering, "psql --no-psqlrc", "psql --username=postgres --no-psqlrc")


@init_job_creates_feedback_table.counterexample("all_on")
def the_job_looks_for_another_host(rendering: Rendering) -> Rendering:
    container(_init_job(rendering), "init").at("env[PGHOST]")["value"] = "localhost"
    return rendering


@init_job_creates_feedback_table.counterexample("all_on")
def nobody_waits_for_the_server(rendering: Rendering) -> Rendering:
    return _in_script(rendering, "until pg_isready --quiet", "until true")


@init_job_creates_feedback_table.counterexample("all_on")
def errors_in_the_sql_go_unnoticed(rendering: Rendering) -> Rendering:
    return _in_script(rendering, "-v ON_ERROR_STOP=1", "")


@init_job_creates_feedback_table.counterexample("all_on")
def the_second_run_fails(rendering: Rendering) -> Rendering:
    return _in_sql(rendering, "IF NOT EXISTS ", "")


@init_job_creates_feedback_table.counterexample("all_on")
def the_second_run_empties_the_table(rendering: Rendering) -> Rendering:
    return _in_sql(rendering, "CREATE TABLE", "DROP TABLE IF EXISTS feedback;\nCREATE TABLE")


@init_job_creates_feedback_table.counterexample("all_on")
def a_column_is_missing(rendering: Rendering) -> Rendering:
    return _in_sql(rendering, "  sentiment integer,\n", "")


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
    config = rendering.resources.one("ConfigMap", "lightspeed-stack", scenario.namespace)
    cache = lookup(yaml_inside(config, "data[lightspeed-stack.yaml]"), "conversation_cache")
    wanted = "postgres" if postgres_on(scenario) else "sqlite"
    where = "data[lightspeed-stack.yaml] conversation_cache"
    yield compares(config, f"{where}.type", lookup(cache, "type"), wanted)
    if postgres_on(scenario):
        for key, value in POSTGRES_CACHE.items():
            yield compares(config, f"{where}.postgres.{key}", lookup(cache, f"postgres.{key}"), value)
    if not sidecars_on(scenario):
        return
    core = container(rendering.after_hooks.one("Deployment", "backstage-backend"), "lightspeed-core")
    origins = variables(core, rendering.after_hooks)
    if postgres_on(scenario):
        yield _host_of_the_database(core, origins, scenario)
        for variable, origin in APPLICATION_USER.items():
            actual = str(origins.get(variable, ABSENT))
            yield compares(core.resource, f"{core.address}.env[{variable}]", actual, str(origin))
    else:
        file = str(lookup(cache, "sqlite.db_path"))
        address, actual = f"{core.address}.volumeMounts", str(mount_at(core, file) or "the image's own file system")
        expected = f"a writable volume at {file}"
        yield states(core.resource, address, is_writable(core, file), expected=expected, actual=actual)


@conversation_history_is_stored.counterexample("lightspeed+postgres")
def conversations_are_forgotten(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "type: postgres", "type: noop")


@conversation_history_is_stored.counterexample("all_on")
def the_password_is_a_literal(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "password: ${env.PGPASSWORD}", "password: lightspeed")


@conversation_history_is_stored.counterexample("all_on")
def the_core_does_not_know_the_host(rendering: Rendering) -> Rendering:
    core = container(rendering.after_hooks.one("Deployment", "backstage-backend"), "lightspeed-core")
    core.manifest["env"] = [e for e in core.manifest["env"] if e["name"] != "PGHOST"]
    return rendering


@conversation_history_is_stored.counterexample("lightspeed+sidecars")
def the_file_lies_in_the_image(rendering: Rendering) -> Rendering:
    core = container(rendering.after_hooks.one("Deployment", "backstage-backend"), "lightspeed-core")
    core.manifest["volumeMounts"] = [m for m in core.manifest["volumeMounts"] if m["mountPath"] != "/tmp"]  # noqa: S108
    return rendering


@conversation_history_is_stored.counterexample("lightspeed+sidecars")
def a_database_that_is_off_is_asked(rendering: Rendering) -> Rendering:
    return _in_config(rendering, "type: sqlite", "type: postgres")


def _host_of_the_database(reader: Container, origins: dict[str, Origin], scenario: Scenario) -> Check:
    host = origins.get("PGHOST")
    service = f"lightspeed-postgres.{database_namespace(scenario)}"
    accepted = [f"{service}{suffix}" for suffix in ("", ".svc", ".svc.cluster.local")]
    passed = host is not None and host.kind == "literal" and host.key in accepted
    address = f"{reader.address}.env[PGHOST]"
    return states(reader.resource, address, passed, expected=f"one of {', '.join(accepted)}", actual=str(host))


def _script_checks(script: Resource, address: str) -> Iterator[Check]:
    shell = re.sub(r"\\\n\s*", " ", text(script, address))
    rules = {
        "stops at the first error (`set -e`)": r"(?m)^set -\w*e",
        "loops over pg_isready until the server answers, then calls psql": (
            r"(?ms)^\s*(until|while !) pg_isready\b.*^done\b.*^\s*psql\b"
        ),
        "calls psql with ON_ERROR_STOP": r"(?m)^\s*psql\b.*\bON_ERROR_STOP=1\b",
        "calls psql with the file of SQL_FILE": r'(?m)^\s*psql\b.*(--file=|-f )"\$SQL_FILE"',
    }
    for rule, pattern in rules.items():
        yield states(script, address, bool(re.search(pattern, shell)), expected=rule, actual=shell)
    named = re.findall(
        r"(?m)^\s*psql\b.*?\s(?:-[Udhp]\b|--(?:username|dbname|host|port)\b|postgres\S*:)|\bPGUSER=", shell
    )
    yield states(script, address, not named, expected="connects as the PG* variables say", actual=shell)


def _sql_checks(sql: Resource, address: str) -> Iterator[Check]:
    plain = " ".join(re.sub(r"--.*", "", text(sql, address)).lower().split())
    for statement in filter(None, map(str.strip, plain.split(";"))):
        passed = statement.startswith("create table if not exists ")
        expected = "only statements that can run twice: create table if not exists"
        yield states(sql, address, passed, expected=expected, actual=statement)
    table = re.search(r"create table (?:if not exists )?feedback \((.*?)\) *;", plain)
    if table is None:
        raise Missing(str(sql.identity), address, "create table if not exists feedback (...);", plain, sql.template)
    columns = dict(column.strip().partition(" ")[::2] for column in table[1].split(","))
    yield compares(sql, f"{address} feedback", columns, FEEDBACK_COLUMNS)


def _file(reader: Container, path: str, resources: Resources) -> tuple[Resource, str]:
    """Give the ConfigMap, and the address in it, of what a container reads at a path."""
    key, _, name = config_file(reader, path).partition(" of ")
    if not name:
        subject, actual = reader.resource, str(mount_at(reader, path) or "the image's own file system")
        address = f"{reader.address}.volumeMounts"
        raise Missing(str(subject.identity), address, f"a key of a ConfigMap at {path}", actual, subject.template)
    return resources.one("ConfigMap", name, reader.resource.namespace), join("data", key)


def _wave(job: Resource) -> int:
    """Give the sync wave as Argo CD does: 0 for none, or for one that is no number."""
    wave = str(job.at(WAVE))
    return int(wave) if re.fullmatch(r"-?\d+", wave) else 0


def _init_job(rendering: Rendering) -> Resource:
    return rendering.resources.one("Job", "lightspeed-postgres-init")


def _in_script(rendering: Rendering, old: str, new: str) -> Rendering:
    return _replaced(rendering, "lightspeed-postgres-init", "init.sh", old, new)


def _in_sql(rendering: Rendering, old: str, new: str) -> Rendering:
    return _replaced(rendering, "lightspeed-postgres-init", "init.sql", old, new)


def _in_config(rendering: Rendering, old: str, new: str) -> Rendering:
    return _replaced(rendering, "lightspeed-stack", "lightspeed-stack.yaml", old, new)


def _replaced(rendering: Rendering, configmap: str, key: str, old: str, new: str) -> Rendering:
    data = rendering.resources.one("ConfigMap", configmap).manifest["data"]
    data[key] = data[key].replace(old, new)
    return rendering
