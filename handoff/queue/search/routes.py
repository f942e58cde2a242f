"""`GET /api/search` (docs/contracts.md, "Agent API")."""

from __future__ import annotations

import datetime as dt
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from content.bundle import DeskContent
from handoff.accounts.security import ConversationAgent
from handoff.queue.search.store import Filters
from handoff.queue.services import DeskServices
from handoff.runtime.errors import BadInput

router = APIRouter(prefix="/api")

_QUERY_LENGTH = 500
_Name = Annotated[str | None, Query(max_length=100)]


@router.get("/search")
async def search(
    agent: ConversationAgent,
    services: DeskServices,
    q: Annotated[str, Query(max_length=_QUERY_LENGTH)] = "",
    reason: _Name = None,
    outcome: _Name = None,
    by_agent: Annotated[str | None, Query(alias="agent", max_length=100)] = None,
    since: Annotated[str | None, Query(alias="from", max_length=40)] = None,
    until: Annotated[str | None, Query(alias="to", max_length=40)] = None,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> JSONResponse:
    """Find conversations by words and numbers, reason, outcome, agent (a login) and time, the newest first.

    `from` and `to` are days of the desk's time zone, the last one included, or times with an offset.
    """
    await services.limits.search(agent.login)
    zone = zone_of(services.content())
    filters = Filters(
        _without_nul(reason),
        _without_nul(outcome),
        _without_nul(by_agent),
        _moment(since, zone),
        _moment(until, zone, is_end=True),
    )
    body = await services.search.find(agent, q, filters, after)
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


def zone_of(content: DeskContent) -> ZoneInfo:
    """The time zone of the desk: that of the default queue's opening hours."""
    default = next(queue for queue in content.desk.queues.values() if queue.is_default)
    return ZoneInfo(content.desk.hours[default.hours].zone)


def _without_nul(name: str | None) -> str | None:
    # PostgreSQL's text cannot hold NUL, and no name has it.
    return name.replace("\x00", "\ufffd") if name else None


def _moment(text: str | None, zone: ZoneInfo, *, is_end: bool = False) -> dt.datetime | None:
    """A day's beginning, or its end, or a moment. Raises BadInput."""
    if not text:
        return None
    try:
        if len(text) <= len("2026-11-30"):
            day = dt.date.fromisoformat(text) + dt.timedelta(days=1 if is_end else 0)
            moment = dt.datetime.combine(day, dt.time(), zone)
        else:
            moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is None or not 2000 <= moment.year < 2200:
            raise ValueError(text)
    except (ValueError, OverflowError):
        field = "to" if is_end else "from"
        zh = f"日期不正确（{field}），请用 2026-11-30 这样的写法。"
        raise BadInput("bad_request", zh, f"{field}: a date such as 2026-11-30 is needed.", field=field) from None
    return moment.astimezone(dt.UTC)
