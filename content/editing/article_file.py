"""An article's file as a form: its front matter as fields, its text below it. Only what changed is written anew."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

from content.editing.yaml_spans import CannotEdit, flow_text, node_at, read_value, remove_key, scalar_text, set_items, set_key
from content.sources import ContentError, parse_yaml, plain
from contract.locales import FILE_LOCALES

FOLDER = "articles"
#: An article's id, which is also the name of its files.
ID = re.compile(r"^[a-z][a-z0-9_]{1,59}$")
_BOX = Path("article")
_RULE = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
#: The keys of the front matter in their order.
_KEYS = ("id", "title", "intents", "locale", "valid_from", "valid_until", "owner", "doors")


@dataclass(frozen=True)
class ArticleForm:
    """An article in one language as an editor fills it in. Dates are `2026-01-31` or empty; `text` is with placeholders."""

    id: str
    locale: str
    title: str
    text: str
    intents: Tuple[str, ...]
    owner: str
    valid_from: str
    valid_until: str = ""
    doors: Tuple[Tuple[str, str], ...] = ()

    def as_json(self) -> Dict[str, Any]:
        """The fields as the API gives them."""
        return {
            "title": self.title,
            "text": self.text,
            "intents": list(self.intents),
            "owner": self.owner,
            "valid_from": self.valid_from,
            "valid_until": self.valid_until or None,
            "doors": [{"intent": intent, "label": label} for intent, label in self.doors],
        }


def file_name(article_id: str, locale: str) -> str:
    """The name of an article's file. Raises ValueError for an id that is no id."""
    if not ID.match(article_id) or locale not in FILE_LOCALES:
        raise ValueError(f"{article_id} {locale}")
    return f"{FOLDER}/{article_id}.{locale}.md"


def _parts(source: str, path: Path = _BOX) -> Tuple[str, str, str, str, str]:
    """Of a file: up to the front matter, the front matter, the rule between with blank lines, the text, what is behind it."""
    rules = list(_RULE.finditer(source))[:2]
    if len(rules) < 2 or source[: rules[0].start()].strip("\ufeff \r\n\t"):
        raise ContentError(path, 1, "front matter is not YAML between two `---` lines")
    head_start = rules[0].end() + (1 if source[rules[0].end() : rules[0].end() + 1] == "\n" else 0)
    body = source[rules[1].end() :]
    text = body.strip()
    start = rules[1].end() + (body.index(text) if text else len(body))
    return (
        source[:head_start],
        source[head_start : rules[1].start()],
        source[rules[1].start() : start],
        text,
        source[start + len(text) :],
    )


def read_form(source: str, name: str, path: Optional[Path] = None) -> ArticleForm:
    """The form of an article's file `articles/<id>.<locale>.md`. Raises ContentError for a broken front matter.

    `path` is for the message. A field of a wrong type is shown as text, so that the editor can correct it.
    """
    path = path or Path(name)
    _, head, _, text, _ = _parts(source, path)
    document = parse_yaml(path, head, 1)
    if not isinstance(document, dict):
        raise ContentError(path, 1, "front matter is not YAML between two `---` lines: expected `name: value` lines")
    fields = plain(document)
    id_, locale = path.name.split(".")[:2]
    return ArticleForm(
        id=id_,
        locale=locale,
        title=_text(fields.get("title")),
        text=text.replace("\r\n", "\n"),
        intents=tuple(_text(each) for each in _list(fields.get("intents"))),
        owner=_text(fields.get("owner")),
        valid_from=_text(fields.get("valid_from")),
        valid_until=_text(fields.get("valid_until")),
        doors=tuple(
            (_text(each.get("intent")), _text(each.get("label")))
            for each in _list(fields.get("doors"))
            if isinstance(each, dict)
        ),
    )


def write_form(source: Optional[str], form: ArticleForm) -> str:
    """The file's text with the form's values. Without a file, a new one. Equal values leave every byte as it is.

    Raises ContentError for a broken file, and CannotEdit.
    """
    if source is None:
        return _new_file(form)
    name = f"{form.id}.{form.locale}.md"
    before = read_form(source, name)
    opening, head, between, text, rest = _parts(source)
    for key, value in _changed(before, form).items():
        if key == "doors":
            head = _with_doors(head, form)
        elif value is None:
            head = remove_key(head, [], key)
        else:
            head = set_key(head, [], key, value, after=_KEYS[: _KEYS.index(key)])
    if form.text != before.text:
        newline = "\r\n" if "\r\n" in source else "\n"
        text = form.text.strip().replace("\n", newline)
        rest = rest or newline
        if not between.endswith("\n"):
            between += newline
    return opening + head + between + text + rest


def _changed(before: ArticleForm, form: ArticleForm) -> Dict[str, Any]:
    """The front matter's keys that differ, with their values as YAML holds them; None: to be removed."""
    changed: Dict[str, Any] = {}
    for key in ("title", "owner"):
        if getattr(before, key) != getattr(form, key):
            changed[key] = getattr(form, key)
    for key in ("valid_from", "valid_until"):
        if getattr(before, key) != getattr(form, key):
            changed[key] = _date(getattr(form, key))
    if before.intents != form.intents:
        changed["intents"] = list(form.intents)
    if before.doors != form.doors:
        changed["doors"] = form.doors
    return changed


def _with_doors(head: str, form: ArticleForm) -> str:
    items = [{"intent": intent, "label": label} for intent, label in form.doors]
    if not items:
        return remove_key(head, [], "doors")
    if node_at(head, ["doors"]) is not None and read_value(head, ["doors"]):
        return set_items(head, ["doors"], items)
    head = remove_key(head, [], "doors")
    newline = "\r\n" if "\r\n" in head else "\n"
    head = head if not head or head.endswith("\n") else head + newline
    return head + "doors:" + newline + "".join(line + newline for line in _door_lines(form.doors))


def _door_lines(doors: Tuple[Tuple[str, str], ...]) -> List[str]:

    return [f"- {flow_text({'intent': intent, 'label': label})}" for intent, label in doors]


def _new_file(form: ArticleForm) -> str:

    head = [
        f"id: {form.id}",
        f"title: {scalar_text(form.title)}",
        f"intents: {flow_text(list(form.intents))}",
        f"locale: {form.locale}",
        f"valid_from: {_date_text(form.valid_from)}",
        *([f"valid_until: {_date_text(form.valid_until)}"] if form.valid_until else []),
        f"owner: {scalar_text(form.owner)}",
        *(["doors:", *_door_lines(form.doors)] if form.doors else []),
    ]
    source = "---\n" + "\n".join(head) + "\n---\n" + form.text.strip() + "\n"
    found = read_form(source, f"{form.id}.{form.locale}.md")
    if found != replace(form, text=form.text.strip()):
        raise CannotEdit("a new article would not be read as it was written")
    return source


def _text(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return "" if value is None else str(value)


def _list(value: Any) -> List[Any]:
    return value if isinstance(value, list) else []


def _date(text: str) -> Any:
    """A date if the text is one, else the text: the check of the whole file names it."""
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return text


def _date_text(text: str) -> str:

    return scalar_text(_date(text) if text else "")
