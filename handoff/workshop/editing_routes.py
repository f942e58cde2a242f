"""The routes of everything that editors do with the content."""

from __future__ import annotations

from fastapi import APIRouter

from handoff.workshop import article_routes, draft_routes, policy_routes, sentence_routes, text_routes

router = APIRouter()
for _each in (article_routes, text_routes, policy_routes, sentence_routes, draft_routes):
    router.include_router(_each.router)
