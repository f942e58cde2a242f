"""`GET /api/articles` and `GET /api/conversations/{id}/suggestions` (docs/contracts.md, "Agent API")."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from handoff.accounts.security import ConversationAgent
from handoff.queue.services import DeskServices

router = APIRouter(prefix="/api")

_QUERY_LENGTH = 500
_NOT_STORED = {"Cache-Control": "no-store"}


@router.get("/articles")
async def articles(
    agent: ConversationAgent,
    services: DeskServices,
    q: Annotated[str, Query(max_length=_QUERY_LENGTH)] = "",
    locale: Annotated[str, Query(max_length=10)] = "zh",
) -> JSONResponse:
    """The articles nearest to some words, as a customer of this language reads them; all articles without words."""
    await services.limits.search(agent.login, "articles")
    return JSONResponse(await services.articles.search(q, locale), headers=_NOT_STORED)


@router.get("/conversations/{conversation_id}/suggestions")
async def suggestions(conversation_id: str, agent: ConversationAgent, services: DeskServices) -> JSONResponse:
    """Articles and canned replies for the customer's last message."""
    return JSONResponse(await services.suggestions.suggest(agent, conversation_id), headers=_NOT_STORED)
