"""Whether a database has the schema of this version. A database that is between two versions is refused with what to do."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import IntegrityError, InternalError, ProgrammingError

_RESTORE = "Restore the backup that was made before the update (`make restore`), then start this version again."


class SchemaError(Exception):
    """The database cannot be used by this version; the text says what to do and holds no data."""


#: The tables and columns that this version needs; a test compares them with a new database.
TABLES: Final[dict[str, str]] = {
    "agents": (
        "login name role capacity is_demo password_hash last_seen_at is_disabled presence active_at presence_at presence_by"
    ),
    "attachments": "id conversation_id at media_type sha256 body",
    "conversations": (
        "id token_hash opening_locale channel created_at origin locale updated_at last_seq status episode reason priority lane "
        "topic amount_cny is_case_open queued_at first_response_at agent agent_name assigned_at resolved_at rating preview "
        "offered customer_waits_seq customer_waits_since owed stretch_seq triaged_turn earlier cancelled due_at priority_rank "
        "handling offered_to care customer case_ids case_is_open case_due_at promise_due_at"
    ),
    "customer_signs": "conversation_id typing_at read_seq",
    "callbacks": "conversation_id callback_id phone slot_from slot_to is_confirmed code_hash tries code_until",
    "customer_devices": "token_hash conversation_id source is_ended assurance proven_until created_at",
    "return_codes": "conversation_id code_hash expires_at",
    "article_votes": "id at article_id locale revision is_helpful reason",
    "edits": "id at login file item kind before after",
    "events": "conversation_id seq type version at by_kind by_name data key",
    "first_aid_due": "conversation_id at tries",
    "first_aid_proposals": "conversation_id key until",
    "inbox_decided": "entry_id decision_id at live",
    "inbox_decisions": "id action intent note by_login by_name at group added undone_at done_at",
    "inbox_entries": "id group_id kind text count cost first_at last_at",
    "inbox_files": "digest name by_login at",
    "inbox_groups": "id kind leader weight suggested nearest",
    "inbox_imports": "id text count at",
    "inbox_state": "is_one stored_job queued_at",
    "incident_closings": "incident_id version closed_at done_at",
    "incident_versions": "incident_id version at login name data",
    "job_results": "job_id result",
    "job_runners": "lane seen_at",
    "jobs": (
        "id kind lane key parameters state share progress_zh progress_en error_code error_zh error_en created_by "
        "created_by_name created_at due_at started_at ended_at attempts lease lease_until"
    ),
    "limits": "key until failures",
    "lookers": "conversation_id login is_typing at",
    "mentions": "login conversation_id seq by_name at",
    "open_streams": "key desk streams",
    "proposals": (
        "id check_job data_revision why at by_login by_name created_at state decided_by decided_by_name decided_why decided_at "
        "job report"
    ),
    "review_claims": "sample_id login until",
    "review_days": "day drawn_at due_at seed population size",
    "review_samples": "id day place conversation_id turn_seq first_seq message_seq needed settled settled_at kept_by",
    "review_verdicts": "sample_id login verdict at",
    "search_episodes": "conversation_id episode first_seq last_seq started_at at reason outcome agents agent_name",
    "search_progress": "conversation_id seq version",
    "search_texts": "conversation_id seq episode at words",
    "sessions": "token_hash login expires_at",
    "turns": "conversation_id turn_id first_seq last_seq desk expires_at attempts",
    "wave_texts": "conversation_id seq at code",
    "waves": "id first_at last_at noticed_at state state_by state_at data",
}


def upgrade_schema(connection: sa.Connection, config: Config) -> None:
    """Bring the schema up to date, on a connection that is the config's. Raises SchemaError."""
    _check_revision(connection, config)
    try:
        command.upgrade(config, "head")
    except (CommandError, IntegrityError, InternalError, ProgrammingError) as error:
        # Something is missing, or is there already: an update stopped between two steps, or two marks of a version.
        cause = type(getattr(error, "orig", error)).__name__
        raise SchemaError(f"The database is between two versions: the update failed with {cause}. {_RESTORE}") from error
    missing = missing_columns(connection)
    if missing:
        raise SchemaError(f"The database is between two versions: it lacks {', '.join(missing)}. {_RESTORE}")


def missing_columns(connection: sa.Connection) -> list[str]:
    """The columns, as `table.column`, that this version needs and the database does not have."""
    query = sa.text("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()")
    there = {(table, column) for table, column in connection.execute(query)}
    return [
        f"{table}.{column}" for table, columns in TABLES.items() for column in columns.split() if (table, column) not in there
    ]


def _check_revision(connection: sa.Connection, config: Config) -> None:
    has = sa.inspect(connection).has_table
    if not has("alembic_version"):
        if has("conversations"):
            raise SchemaError(f"The database has tables, but not the mark of their version (alembic_version). {_RESTORE}")
        return
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    found = list(connection.scalars(sa.text("SELECT version_num FROM alembic_version")))
    newer = [revision for revision in found if revision not in known]
    if newer:
        raise SchemaError(
            f"A newer version has updated this database (to {newer[0]}). Start that version, or restore the backup that was "
            "made before that update (`make restore`)."
        )
