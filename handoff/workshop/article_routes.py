"""`/api/workshop/articles` and `/api/workshop/facts` (docs/contracts.md, "Workshop API")."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from content.editing.article_file import ArticleForm
from handoff.workshop.editing import Workshop
from handoff.workshop.editing_schemas import Article, FactValue, Locale, NewArticle, NewFact, Preview, RemovedArticle
from handoff.workshop.roles import Editor, Reader

router = APIRouter(prefix="/api/workshop")


@router.get("/articles")
async def articles(reader: Reader, workshop: Workshop) -> dict[str, Any]:
    """All articles."""
    return await workshop.articles.overview()


@router.post("/articles/preview")
async def preview(body: Preview, reader: Reader, workshop: Workshop) -> dict[str, Any]:
    """What customers would read, and what is wrong with it."""
    return await workshop.articles.preview(await _form_of(body, workshop))


async def _form_of(body: Preview, workshop: Workshop) -> ArticleForm:
    """The form of a preview: what it does not say is as it stands in the file."""
    form = await workshop.articles.present(body.id, body.locale)
    doors = tuple((door.intent, door.label) for door in body.doors)
    more = {name: getattr(body, name) for name in ("owner", "valid_from") if getattr(body, name) is not None}
    if body.intents is not None:
        more["intents"] = tuple(body.intents)
    if "valid_until" in body.model_fields_set:
        more["valid_until"] = body.valid_until or ""
    return replace(form, title=body.title, text=body.text, doors=doors, **more)


@router.post("/articles", status_code=201)
async def add(body: NewArticle, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Create an article, or its other language."""
    return await workshop.articles.add(editor, body.form(body.id, body.locale))


@router.get("/articles/{article_id}")
async def article(article_id: str, reader: Reader, workshop: Workshop) -> dict[str, Any]:
    """One article with the texts of both languages."""
    return await workshop.articles.show(article_id)


@router.put("/articles/{article_id}/{locale}")
async def save(article_id: str, locale: Locale, body: Article, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Save one language of an article."""
    return await workshop.articles.save(editor, body.form(article_id, locale), body.base_revision)


@router.delete("/articles/{article_id}")
async def remove(article_id: str, body: RemovedArticle, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Remove an article."""
    return await workshop.articles.remove(editor, article_id, {str(key): value for key, value in body.revisions.items()})


@router.get("/facts")
async def facts(reader: Reader, workshop: Workshop) -> dict[str, Any]:
    """All facts with their uses."""
    return await workshop.facts.overview()


@router.post("/facts", status_code=201)
async def add_fact(body: NewFact, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Add a fact."""
    return await workshop.facts.add(editor, body.name, body.zh, body.en, body.after)


@router.put("/facts/{name}")
async def save_fact(name: str, body: FactValue, editor: Editor, workshop: Workshop) -> dict[str, Any]:
    """Change a fact."""
    # Not stripped: the blank at the end of "500 MB " stands between it and the Chinese word that follows.
    return await workshop.facts.save(editor, name, body.zh, body.en, body.base_revision, dry_run=body.dry_run)
