"""The pages of the help centre (docs/contracts.md, "Help centre"). They work without scripts and without an account."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from contract.locales import ENGLISH, SIMPLIFIED, TRADITIONAL
from handoff.help.centre import HelpCentre
from handoff.help.pages import page
from handoff.runtime.addresses import address_of
from handoff.runtime.errors import NotFound
from handoff.runtime.limits.limits import Limits

router = APIRouter(prefix="/help", include_in_schema=False)

Locale = Literal["zh", "zh-Hant", "en"]
_TRADITIONAL_TAGS = frozenset({"tw", "hk", "mo", "hant"})
_QUERY_LENGTH = 500
#: A page is the same for everybody for a minute; a published article is shown that soon.
_KEPT = {"Cache-Control": "public, max-age=60", "Vary": "Accept-Language"}
_NOT_STORED = {"Cache-Control": "no-store"}


class HelpServices(Protocol):
    """What the pages need."""

    @property
    def help_centre(self) -> HelpCentre:
        """The content of the pages."""

    @property
    def limits(self) -> Limits:
        """Rate limits."""


async def _services(request: Request) -> HelpServices:
    services: HelpServices = request.app.state.services
    return services


Services = Annotated[HelpServices, Depends(_services)]


def _shown(
    name: str, services: HelpServices, locale: str, path: str, status: int = 200, *, is_kept: bool = True, **values: Any
) -> HTMLResponse:
    centre = services.help_centre
    html = page(name, locale, path, centre.words(locale), centre.phones(), **values)
    return HTMLResponse(html, status, headers=_KEPT if is_kept else _NOT_STORED)


def _preferred(request: Request) -> str:
    """The language of the browser's first preference that the pages have; Chinese otherwise."""
    for part in request.headers.get("accept-language", "").split(","):
        tag = part.split(";")[0].strip()
        language, *more = tag.lower().split("-")
        if language == "en":
            return ENGLISH
        if language == "zh":
            return TRADITIONAL if _TRADITIONAL_TAGS.intersection(more) else SIMPLIFIED
    return SIMPLIFIED


@router.get("")
async def negotiated(request: Request) -> RedirectResponse:
    """To the first page in the reader's language."""
    return RedirectResponse(f"/help/{_preferred(request)}", 307, headers={"Vary": "Accept-Language"})


@router.get("/{locale}")
async def home(locale: Locale, services: Services) -> HTMLResponse:
    """The first page."""
    return _shown("home", services, locale, "", **await services.help_centre.home(locale))


@router.get("/{locale}/articles/{article_id}")
async def article(locale: Locale, article_id: str, services: Services, voted: str = "") -> HTMLResponse:
    """One article. `voted`: what the reader's vote was, to thank for it and to ask why."""
    path = f"/articles/{article_id}"
    try:
        found = services.help_centre.article(article_id, locale)
    except NotFound:
        return _shown("not_found", services, locale, "", 404)
    return _shown("article", services, locale, path, article=found, voted=voted, is_kept=not voted)


@router.get("/{locale}/search")
async def search(
    locale: Locale,
    request: Request,
    services: Services,
    q: Annotated[str, Query(max_length=_QUERY_LENGTH)] = "",
) -> HTMLResponse:
    """The answer to some words, with its neighbours."""
    await services.limits.read_help(address_of(request))
    found = await services.help_centre.search(q, locale)
    return _shown("search", services, locale, "/search", q=q, is_kept=False, **found)


@router.post("/{locale}/articles/{article_id}/votes")
async def vote(
    locale: Locale,
    article_id: str,
    request: Request,
    services: Services,
    helpful: Annotated[Literal["yes", "no"], Form()],
    revision: Annotated[str, Form(max_length=12)] = "",
    reason: Annotated[str, Form(max_length=40)] = "",
) -> RedirectResponse:
    """A reader's opinion, by an ordinary form. Back to the article."""
    await services.limits.read_help(address_of(request))
    await services.help_centre.vote(article_id, locale, revision, helpful == "yes", reason or None)
    told = "thanks" if helpful == "yes" or reason else "no"
    return RedirectResponse(f"/help/{locale}/articles/{article_id}?voted={told}#vote", 303)


@router.get("/{locale}/report")
async def report(locale: Locale, services: Services) -> HTMLResponse:
    """What a victim does now, and the evidence to keep; for readers without an account, and for the printer."""
    return _shown("report", services, locale, "/report", evidence=services.help_centre.evidence(locale))
