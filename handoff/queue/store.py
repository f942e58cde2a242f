"""The SQL of the queue: who waits, in which order, and who has whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import structlog

from contract.priorities import LANE_RANK, PRIORITY_RANK, queue_rank
from handoff.conversations.draft import Draft
from handoff.conversations.rows import COLUMNS, UnreadableRow, conversation_of
from handoff.conversations.state import Conversation
from handoff.conversations.values import Told
from handoff.queue.waits import Taken
from handoff.runtime.transaction import Row, Transaction

logger = structlog.get_logger(__name__)

_QUEUE_ORDER = "priority_rank, queued_at, id"
#: A crowd is of urgent conversations of one origin. One in a lane belongs to none: it is never hidden behind another card.
_CROWD = "CASE WHEN priority = 'urgent' AND lane IS NULL THEN coalesce(origin, id) ELSE id END"
#: Waiting conversations with `nth` among the urgent ones of their origin, and how many are `alike`.
_WAITING = f"""
    WITH waiting AS (
        SELECT {COLUMNS}, priority_rank, offered_to,
            count(*) OVER address AS alike, row_number() OVER (address ORDER BY {_QUEUE_ORDER}) AS nth
        FROM conversations WHERE status = 'queued'
        WINDOW address AS (PARTITION BY {_CROWD}))"""
#: Before any conversation.
_BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class QueuePlace:
    """A place in the queue's order: what comes after it is the next page."""

    priority_rank: int
    queued_at: dt.datetime
    conversation_id: str

    @classmethod
    def of(cls, conversation: Conversation) -> QueuePlace:
        """Where a waiting conversation stands."""
        case = conversation.case
        assert case.queued_at is not None  # noqa: S101 - it waits
        return cls(queue_rank(case.priority, case.lane), case.queued_at, conversation.id)

    def as_cursor(self) -> str:
        """The place as the API hands it out."""
        return f"{self.priority_rank}~{self.queued_at.isoformat()}~{self.conversation_id}"

    @classmethod
    def from_cursor(cls, cursor: str) -> QueuePlace:
        """Read what `as_cursor` wrote. Raises ValueError."""
        rank, at, conversation_id = cursor.split("~")
        place = cls(int(rank), dt.datetime.fromisoformat(at), conversation_id)
        if (
            place.queued_at.tzinfo is None
            or not LANE_RANK <= place.priority_rank < len(PRIORITY_RANK)
            or "\x00" in conversation_id
        ):
            raise ValueError(cursor)
        return place


@dataclass(frozen=True)
class Held:
    """How many conversations an agent has, by state. `owing`: the customer waits for an answer; `waiting`: the agent waits.

    `offers`: waiting conversations that are offered to the agent. `last_at`: when the agent got the newest of what they have.
    `emergencies`: of `owing`, those in a lane or urgent; `urgent_offers`: the same of `offers`.
    """

    owing: int = 0
    waiting: int = 0
    silent: int = 0
    offers: int = 0
    last_at: dt.datetime | None = None
    emergencies: int = 0
    urgent_offers: int = 0

    @property
    def count(self) -> int:
        """All that the agent holds."""
        return self.owing + self.waiting + self.silent


NOTHING_HELD = Held()


def _state(row: Row) -> Conversation | None:
    """The state from a row of `COLUMNS`; None for a damaged row, which must not hide the other conversations."""
    try:
        return conversation_of(row)
    except UnreadableRow as error:
        logger.error("queue.row_not_read", conversation_id=error.conversation_id)
        return None


def _states(rows: Iterable[Row]) -> list[Conversation]:
    return [state for row in rows if (state := _state(row)) is not None]


async def queue_page(
    tx: Transaction, same_address: int, after: QueuePlace | None, limit: int
) -> list[tuple[Conversation, int]]:
    """Waiting conversations in the order in which they are shown, and for how many of their address each stands.

    More than `same_address` urgent ones of one origin are one row: the oldest, which stands for all of them. One in a lane
    is always a row of its own.
    """
    query = f"""{_WAITING}
        SELECT {COLUMNS}, CASE WHEN alike > %s THEN alike ELSE 1 END FROM waiting
        WHERE (alike <= %s OR nth = 1) AND ({_QUEUE_ORDER}) > (%s::smallint, %s::timestamptz, %s)
        ORDER BY {_QUEUE_ORDER} LIMIT %s"""
    place = (after.priority_rank, after.queued_at, after.conversation_id) if after else (LANE_RANK - 1, _BEGINNING, "")
    rows = await tx.rows(query, same_address, same_address, *place, limit)
    found = [(state, row[-1]) for row in rows if (state := _state(row[:-1])) is not None]
    if len(found) < len(rows) == limit:  # a short page would look like the last one
        return await queue_page(tx, same_address, after, limit + len(rows) - len(found))
    return found


async def queued_of_origin(tx: Transaction, origin: str, limit: int) -> list[Conversation]:
    """The urgent waiting conversations of one origin, oldest first, without those in a lane."""
    query = f"""
        SELECT {COLUMNS} FROM conversations
        WHERE status = 'queued' AND priority = 'urgent' AND lane IS NULL AND origin = %s
        ORDER BY {_QUEUE_ORDER} LIMIT %s"""
    return _states(await tx.rows(query, origin, limit))


async def queue_order(tx: Transaction, same_address: int) -> list[str]:
    """The ids of all waiting conversations, in the order in which they should be taken: those in a lane first.

    Of one origin's urgent ones outside the lanes those beyond the first `same_address` come after everybody else's urgent
    ones: a script must not push real victims back.
    """
    query = f"{_WAITING} SELECT id FROM waiting ORDER BY priority_rank, nth > %s, queued_at, id"
    return [row[0] for row in await tx.rows(query, same_address)]


async def queued_before(tx: Transaction, conversation: Conversation, same_address: int) -> int:
    """How many waiting conversations come before this one in `queue_order`."""
    # The conversation's own row may say another thing than the conversation, which is not saved yet.
    query = f"""{_WAITING}, others AS (
            SELECT id, priority_rank, queued_at, origin,
                row_number() OVER (PARTITION BY {_CROWD} ORDER BY {_QUEUE_ORDER}) AS nth
            FROM waiting WHERE id <> %(id)s)
        SELECT count(*) FROM others WHERE (priority_rank, nth > %(most)s, queued_at, id) < (
            %(rank)s::smallint,
            %(rank)s = 0 AND (SELECT count(*) FROM others WHERE priority_rank = 0 AND origin = %(origin)s
                              AND ({_QUEUE_ORDER}) < (%(rank)s::smallint, %(at)s::timestamptz, %(id)s)) >= %(most)s,
            %(at)s::timestamptz, %(id)s)"""
    values = {
        "id": conversation.id,
        "rank": queue_rank(conversation.case.priority, conversation.case.lane),
        "at": conversation.case.queued_at,
        "origin": conversation.birth.origin,
        "most": same_address,
    }
    row = await (await tx.execute(query, values)).fetchone()
    return int(row[0]) if row else 0


async def waits_told(tx: Transaction) -> list[tuple[str, Told]]:
    """All waiting conversations, longest wait first, and what their customers were told about the wait."""
    query = "SELECT id, queued_at, handling->'told' FROM conversations WHERE status = 'queued' ORDER BY queued_at"
    found = []
    for conversation_id, queued_at, told in await tx.rows(query):
        try:
            found.append((conversation_id, msgspec.convert(told, Told, strict=False) if told else Told(queued_at)))
        except msgspec.ValidationError:
            logger.error("queue.row_not_read", conversation_id=conversation_id)
    return found


async def recent_takes(tx: Transaction, since: dt.datetime, limit: int) -> list[Taken]:
    """The conversations that agents took since a time and still have, or have resolved; the last `limit`."""
    query = """
        SELECT priority_rank, queued_at, assigned_at, agent FROM conversations
        WHERE status IN ('assigned', 'resolved') AND updated_at >= %s AND assigned_at >= %s
            AND priority_rank IS NOT NULL AND queued_at IS NOT NULL AND agent IS NOT NULL
        ORDER BY assigned_at DESC LIMIT %s"""
    return [Taken(*row) for row in await tx.rows(query, since, since, limit)]


async def queue_lengths(tx: Transaction) -> list[tuple[str, int, dt.datetime]]:
    """Priority, how many wait, and since when the first of them, for each priority that has some."""
    query = "SELECT priority, count(*), min(queued_at) FROM conversations WHERE status = 'queued' GROUP BY priority"
    return [(priority, length, since) for priority, length, since in await tx.rows(query)]


async def assigned_conversations(tx: Transaction) -> list[Conversation]:
    """Conversations that agents have, oldest assignment first."""
    query = f"SELECT {COLUMNS} FROM conversations WHERE status = 'assigned' ORDER BY assigned_at"
    return _states(await tx.rows(query))


async def conversations_of(tx: Transaction, login: str) -> list[Conversation]:
    """The conversations that an agent has, oldest assignment first."""
    query = f"SELECT {COLUMNS} FROM conversations WHERE status = 'assigned' AND agent = %s ORDER BY assigned_at"
    return _states(await tx.rows(query, login))


async def idle_conversations(tx: Transaction, before: dt.datetime, status: str, limit: int) -> list[Draft]:
    """Conversations of a status in which nothing happened since a time, locked; locked ones are passed over.

    Nobody owes an answer in them: a customer who waits for a turn or for an agent's reply is not idle.
    """
    query = f"""
        SELECT {COLUMNS} FROM conversations WHERE status = %s AND updated_at < %s
            AND due_at IS NULL AND (status <> 'assigned' OR customer_waits_since IS NULL)
        ORDER BY updated_at LIMIT %s FOR UPDATE SKIP LOCKED"""
    return [Draft(state) for state in _states(await tx.rows(query, status, before, limit))]


_HELD = """
    SELECT coalesce(offered_to, agent),
        count(*) FILTER (WHERE status = 'assigned' AND customer_waits_since IS NOT NULL),
        count(*) FILTER (WHERE status = 'assigned' AND customer_waits_since IS NULL AND updated_at >= %(silent)s),
        count(*) FILTER (WHERE status = 'assigned' AND customer_waits_since IS NULL AND updated_at < %(silent)s),
        count(*) FILTER (WHERE offered_to IS NOT NULL),
        max(assigned_at) FILTER (WHERE status = 'assigned'),
        count(*) FILTER (WHERE status = 'assigned' AND customer_waits_since IS NOT NULL AND priority_rank <= 0),
        count(*) FILTER (WHERE offered_to IS NOT NULL AND priority_rank <= 0)
    FROM conversations"""


async def held_by(tx: Transaction, login: str, silent_before: dt.datetime) -> Held:
    """What one agent holds, and is offered. Nothing happened in silent conversations since `silent_before`."""
    query = f"{_HELD} WHERE (status = 'assigned' AND agent = %(login)s) OR offered_to = %(login)s GROUP BY 1"
    row = await (await tx.execute(query, {"silent": silent_before, "login": login})).fetchone()
    return Held(*row[1:]) if row else NOTHING_HELD


async def held_by_all(tx: Transaction, silent_before: dt.datetime) -> dict[str, Held]:
    """What each agent holds, and is offered; agents without anything are left out."""
    query = f"{_HELD} WHERE status = 'assigned' OR offered_to IS NOT NULL GROUP BY 1"
    rows = await (await tx.execute(query, {"silent": silent_before})).fetchall()
    return {row[0]: Held(*row[1:]) for row in rows}


async def waiting_in_order(tx: Transaction, same_address: int, limit: int) -> list[tuple[Conversation, bool]]:
    """Waiting conversations that nobody is offered, the first of each rank in `queue_order`, and whether each is of a crowd.

    Of a crowd: an urgent one beyond the first `same_address` of its origin.
    """
    query = f"""{_WAITING}, numbered AS (
            SELECT {COLUMNS}, priority_rank, nth > %(most)s AS is_crowded,
                row_number() OVER (PARTITION BY priority_rank ORDER BY nth > %(most)s, queued_at, id) AS place
            FROM waiting WHERE offered_to IS NULL)
        SELECT {COLUMNS}, is_crowded FROM numbered WHERE place <= %(limit)s ORDER BY priority_rank, place"""
    rows = await (await tx.execute(query, {"most": same_address, "limit": limit})).fetchall()
    return [(state, row[-1]) for row in rows if (state := _state(row[:-1])) is not None]


async def offered_conversations(tx: Transaction) -> list[Conversation]:
    """Waiting conversations that are offered to an agent."""
    return _states(await tx.rows(f"SELECT {COLUMNS} FROM conversations WHERE offered_to IS NOT NULL ORDER BY id"))


async def lock_waiting(tx: Transaction, conversation_id: str) -> Draft | None:
    """Lock a conversation; None if another transaction has it locked, which changes it now."""
    rows = await tx.rows(f"SELECT {COLUMNS} FROM conversations WHERE id = %s FOR UPDATE SKIP LOCKED", conversation_id)
    states = _states(rows)
    return Draft(states[0]) if states else None
