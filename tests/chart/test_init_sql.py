"""The Job lightspeed-postgres-init, its script and its SQL, against a real PostgreSQL, as the application's user."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chartgate.kubernetes.pods.workloads import container
from chartgate.model import Rendering
from policies.lightspeed.records import FEEDBACK_COLUMNS
from policies.lightspeed.spec.switches import database_namespace
from tests.chart.postgresql import NoPostgres, Server, running
from tests.chart.sandbox import Sandbox, lay_out

COLUMNS = """
SELECT a.attname,
  CASE WHEN pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%' THEN 'serial' ELSE format_type(a.atttypid, a.atttypmod) END
  || CASE WHEN p.indisprimary THEN ' primary key' WHEN a.attnotnull THEN ' not null' ELSE '' END
FROM pg_attribute a
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_index p ON p.indrelid = a.attrelid AND p.indisprimary AND a.attnum = ANY (p.indkey)
WHERE a.attrelid = 'feedback'::regclass AND a.attnum > 0
ORDER BY a.attnum
"""
INSERT = """
INSERT INTO feedback (user_id, timestamp, conversation_id, user_question, llm_response, sentiment, user_feedback)
VALUES ('somebody', '2025-01-01 12:00:00', 'c1', 'why?', 'because', -1, 'no')
"""
FEEDBACK = ["1", "somebody", "2025-01-01 12:00:00", "c1", "why?", "because", "-1", "no"]


class Database:
    """The database of the release, as the image of PostgreSQL makes it, and the Job on it."""

    def __init__(self, job: Sandbox, server: Server) -> None:
        self.job = job
        self.server = server
        # The one thing that is not as in the cluster: the Service's host name is the folder of a socket.
        self.job.environment["PGHOST"] = str(server.folder)
        self.user, self.password, self.name = (
            job.environment[variable] for variable in ("PGUSER", "PGPASSWORD", "PGDATABASE")
        )
        server.make_database(self.user, self.password, self.name)

    def start_job(self, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run the Job's script, with changes to its variables."""
        return self.job.run(self.server.programs, changes)

    def query(self, sql: str) -> list[list[str]]:
        """Run SQL as the application does."""
        return self.server.query(sql, self.user, self.password, self.name)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    try:
        with running() as started:
            yield started
    except NoPostgres as reason:
        pytest.skip(str(reason))


@pytest.fixture
def database(server: Server, rendering: Rendering, tmp_path: Path) -> Database:
    job = rendering.resources.one("Job", "lightspeed-postgres-init", database_namespace(rendering.scenario))
    return Database(lay_out(container(job, "init"), rendering.resources, tmp_path / "job"), server)


@pytest.mark.scenarios("all_on", "lightspeed+postgres", "literals", "mix_02", "np_hub_replaced")
def test_job_makes_the_table_and_keeps_what_is_in_it(database: Database) -> None:
    first = database.start_job()
    assert first.returncode == 0, first.stderr
    assert dict(database.query(COLUMNS)) == FEEDBACK_COLUMNS
    assert database.query(r"\dt") == [["public", "feedback", "table", database.user]]
    database.query(INSERT)

    second = database.start_job()
    assert second.returncode == 0, second.stderr
    assert "already exists, skipping" in second.stderr
    assert dict(database.query(COLUMNS)) == FEEDBACK_COLUMNS
    assert database.query("SELECT * FROM feedback") == [FEEDBACK]
    assert database.query("SELECT COUNT(*) FROM feedback;") == [["1"]]


@pytest.mark.scenarios("all_on")
def test_job_leaves_nothing_behind_where_the_sql_is_broken(database: Database) -> None:
    with database.job.file("/opt/init/init.sql").open("a") as file:
        file.write("\nCREATE TABEL another (id serial);\n")
    done = database.start_job()
    assert done.returncode == 3, "psql's exit code for an error in a script"
    assert 'syntax error at or near "TABEL"' in done.stderr
    assert "the database is ready" not in done.stdout
    assert database.query("SELECT tablename FROM pg_tables WHERE tablename = 'feedback'") == []


@pytest.mark.scenarios("all_on")
def test_job_fails_with_a_wrong_password(database: Database) -> None:
    done = database.start_job(PGPASSWORD="another")
    assert done.returncode == 2, "psql's exit code for a lost connection"
    assert "password authentication failed" in done.stderr


@pytest.mark.scenarios("all_on")
def test_job_fails_where_no_server_answers(database: Database, tmp_path: Path) -> None:
    started = time.monotonic()
    done = database.start_job(PGHOST=str(tmp_path), WAIT_SECONDS="1")
    assert done.returncode == 1
    assert f"PostgreSQL at {tmp_path}:5432 accepts no connections after 1 seconds" in done.stderr
    assert 1 <= time.monotonic() - started < 60


@pytest.mark.scenarios("all_on")
def test_job_waits_for_the_server(database: Database, tmp_path: Path) -> None:
    """Its first question finds no server yet."""
    programs = tmp_path / "programs"
    programs.mkdir()
    asked = tmp_path / "asked"
    (programs / "pg_isready").write_text(
        f'#!/bin/sh\n[ -e {asked} ] && exec {database.server.programs}/pg_isready "$@"\ntouch {asked}\nexit 2\n'
    )
    (programs / "pg_isready").chmod(0o755)
    (programs / "psql").symlink_to(database.server.programs / "psql")
    done = database.job.run(programs)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("waiting for PostgreSQL") == 1
    assert dict(database.query(COLUMNS)) == FEEDBACK_COLUMNS


@pytest.mark.scenarios("all_on")
@pytest.mark.parametrize("variable", ["PGHOST", "PGPORT", "SQL_FILE", "WAIT_SECONDS"])
def test_job_fails_without_a_variable(database: Database, variable: str) -> None:
    del database.job.environment[variable]
    done = database.start_job()
    assert done.returncode != 0
    assert variable in done.stderr
