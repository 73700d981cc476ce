#!/usr/bin/env bash
# Waits for PostgreSQL and runs the SQL. Where and as whom to connect stands in the PG* variables.
set -euo pipefail

: "${PGHOST:?}" "${PGPORT:?}" "${SQL_FILE:?}" "${WAIT_SECONDS:?}"

until pg_isready --quiet; do
  if (( SECONDS >= WAIT_SECONDS )); then
    echo "PostgreSQL at $PGHOST:$PGPORT accepts no connections after $WAIT_SECONDS seconds" >&2
    exit 1
  fi
  echo "waiting for PostgreSQL at $PGHOST:$PGPORT"
  sleep 2
done

psql --no-psqlrc -v ON_ERROR_STOP=1 --single-transaction --file="$SQL_FILE"
echo "the database is ready"
