"""The API of figures and of the supervisors' board (docs/contracts.md, "Figures and board")."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from handoff.accounts.security import SESSION_COOKIE
from handoff.figures import tables
from handoff.figures.services import DeskServices, Supervisor
from handoff.figures.streams import stream_board
from handoff.runtime.streams import wants_stream

router = APIRouter(prefix="/api")

_NO_STORE = {"Cache-Control": "no-store"}
#: Excel takes a CSV file without it for the machine's old encoding, and shows no Chinese.
_BYTE_ORDER_MARK = "\ufeff"

Start = Annotated[str, Query(alias="from", max_length=40)]
End = Annotated[str, Query(alias="to", max_length=40)]
By = Annotated[str | None, Query(max_length=20)]


@router.get("/board")
async def read_board(request: Request, supervisor: Supervisor, services: DeskServices) -> Response:
    """What supervisors watch; once, or as a stream."""
    if wants_stream(request):
        return stream_board(services, request.cookies.get(SESSION_COOKIE))
    return JSONResponse(await services.live_board.latest(), headers=_NO_STORE)


@router.get("/figures")
async def read_figures(supervisor: Supervisor, services: DeskServices, start: Start, end: End, by: By = None) -> Response:
    """All figures of a window, in groups."""
    return JSONResponse(tables.as_json(await services.reports.report(start, end, by)), headers=_NO_STORE)


@router.get("/figures.csv")
async def read_csv(supervisor: Supervisor, services: DeskServices, start: Start, end: End, by: By = None) -> Response:
    """All figures of a window as a file for a spreadsheet."""
    report = await services.reports.report(start, end, by)
    days = f"{report.window.day_of(report.window.start)}_{report.window.days()[-1]}"
    name = f'attachment; filename="figures_{days}.csv"'
    content = (_BYTE_ORDER_MARK + tables.as_csv(report)).encode("utf-8")
    return Response(content, media_type="text/csv; charset=utf-8", headers={**_NO_STORE, "Content-Disposition": name})


@router.get("/figures/{figure}/conversations")
async def read_conversations(
    figure: str,
    supervisor: Supervisor,
    services: DeskServices,
    start: Start,
    end: End,
    by: By = None,
    key: Annotated[str | None, Query(max_length=100)] = None,
) -> dict[str, Any]:
    """The conversations that a row counts."""
    return tables.drill_down_json(await services.reports.drill_down(figure, start, end, by, key))
