"""The API of reviews (docs/contracts.md, "Reviews")."""

from __future__ import annotations

from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from handoff.accounts.security import SecurityServices, SignedIn
from handoff.runtime.schemas import Body
from handoff.workshop.reviews.missed import MissedTurns
from handoff.workshop.reviews.reviews import Reviews
from handoff.workshop.reviews.verdicts import Verdict
from handoff.workshop.roles import Editor, Reader

router = APIRouter(prefix="/api/workshop/reviews")
_NO_STORE = {"Cache-Control": "no-store"}


class ReviewServices(SecurityServices, Protocol):
    """The services that these routes use."""

    @property
    def missed_turns(self) -> MissedTurns:
        """What happens with missed emergencies."""

    @property
    def reviews(self) -> Reviews:
        """Reviews of random samples."""


async def _services(request: Request) -> ReviewServices:
    services: ReviewServices = request.app.state.services
    return services


Services = Annotated[ReviewServices, Depends(_services)]


class Judgement(Body):
    """A reviewer's verdict."""

    verdict: Verdict


@router.get("/next")
async def next_sample(agent: SignedIn, services: Services) -> JSONResponse:
    """The turn to judge now, never with the bot's answer; it is kept for the reviewer for some minutes."""
    return JSONResponse(await services.reviews.next(agent), headers=_NO_STORE)


@router.get("/summary")
async def summary(reader: Reader, services: Services) -> JSONResponse:
    """What the reviews show, for supervisors and editors."""
    return JSONResponse(await services.reviews.summary(), headers=_NO_STORE)


@router.post("/{sample_id}")
async def judge(sample_id: str, body: Judgement, agent: SignedIn, services: Services) -> dict[str, Any]:
    """Judge a turn."""
    return await services.reviews.judge(agent, sample_id, body.verdict)


@router.post("/{sample_id}/case")
async def keep_case(sample_id: str, editor: Editor, services: Services) -> dict[str, Any]:
    """Keep a missed emergency as a safety case."""
    return await services.missed_turns.keep(editor, sample_id)


@router.post("/{sample_id}/open")
async def open_case(sample_id: str, reader: Reader, services: Services) -> dict[str, Any]:
    """Hand the customer of a missed emergency over to people."""
    return await services.missed_turns.open(reader, sample_id)
