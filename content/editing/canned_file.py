"""`canned_replies.yml` as a list of replies: change one, add one, remove one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

from content.canned_replies import FILE
from content.editing.problems import Problem
from content.editing.yaml_spans import (
    CannotEdit,
    Step,
    append_item,
    flow_text,
    read_value,
    remove_item,
    remove_key,
    scalar_text,
    set_key,
    set_value,
)
from content.sources import ContentError
from contract.locales import FILE_LOCALES

_LIST = "canned_replies"
_KEYS = ("id", "shortcut", "title", "reasons", "intents", "text")
_WORD = re.compile(r"^\S{1,40}$")
_ID = re.compile(r"^[a-z][a-z0-9_]{1,39}$")
_LONGEST = {"title": 60, "text": 2000}


def list_replies(text: str) -> List[Dict[str, Any]]:
    """The replies in the order of the file. Raises ContentError for a file that is no list of replies."""
    document = read_value(text, [])
    listed = document.get(_LIST) if isinstance(document, dict) else None
    if not isinstance(listed, list) or not all(isinstance(reply, dict) for reply in listed):
        raise ContentError(Path(FILE), 1, "the file must have `version: 1` and a list `canned_replies`")
    return [_form(reply) for reply in listed]


def reply_of(text: Optional[str], id_: str) -> Optional[Dict[str, Any]]:
    """One reply; None if there is none. Raises ContentError."""
    return next((reply for reply in list_replies(text or "") if reply["id"] == id_), None)


def set_reply(text: str, reply: Mapping[str, Any]) -> str:
    """The file's text with a reply changed, or added at the end. Raises ContentError, CannotEdit."""
    numbers = [number for number, each in enumerate(list_replies(text)) if each["id"] == reply["id"]]
    if not numbers:
        added = append_item(text, [_LIST], _lines(reply)) if list_replies(text) else _first(text, reply)
        if reply_of(added, reply["id"]) != dict(reply):
            raise CannotEdit(str(reply["id"]))
        return added
    path: List[Step] = [_LIST, numbers[0]]
    text = set_value(text, [*path, "shortcut"], reply["shortcut"])
    for field in ("title", "text"):
        for locale in FILE_LOCALES:
            text = set_value(text, [*path, field, locale], reply[field][locale])
    for field in ("reasons", "intents"):
        if list(reply[field]):
            text = set_key(text, path, field, list(reply[field]), after=_KEYS[: _KEYS.index(field)])
        else:
            text = remove_key(text, path, field)
    return text


def remove_reply(text: str, id_: str) -> str:
    """The file's text without a reply; unchanged if it is not there. Raises ContentError, CannotEdit."""
    for number, each in enumerate(list_replies(text)):
        if each["id"] == id_:
            return remove_item(text, [_LIST], number)
    return text


def reply_problems(reply: Mapping[str, Any], others: Sequence[Mapping[str, Any]], *, is_new: bool) -> List[Problem]:
    """What is wrong with a reply's fields; its texts are checked by the rules."""
    found = []
    if is_new and not _ID.match(reply["id"]):
        zh = "编号只能用小写英文字母、数字和下划线，以字母开头，2 到 40 个字符。"
        en = "An id has 2 to 40 lower-case letters, digits and underscores, and begins with a letter."
        found.append(Problem("bad_id", zh, en, field="id"))
    if not _WORD.match(reply["shortcut"]):
        zh, en = (
            "快捷词是一个词，不能有空格，最多 40 个字符。",
            "A shortcut is one word of at most 40 characters, without spaces.",
        )
        found.append(Problem("bad_shortcut", zh, en, field="shortcut"))
    for each in others:
        if each["shortcut"] == reply["shortcut"]:
            zh = f"快捷词“{reply['shortcut']}”已经用在“{each['title']['zh']}”上了。"
            en = f"“{each['title']['en']}” has the shortcut “{reply['shortcut']}” already."
            found.append(Problem("shortcut_taken", zh, en, field="shortcut"))
    for field, words in (("title", ("标题", "title")), ("text", ("正文", "text"))):
        for locale, language in (("zh", ("中文", "Chinese")), ("en", ("英文", "English"))):
            value = reply[field][locale]
            if not value.strip():
                zh, en = f"{language[0]}{words[0]}是空的，请填写。", f"Fill in the {language[1]} {words[1]}."
                found.append(Problem("empty_field", zh, en, field=f"{field}.{locale}"))
            elif len(value) > _LONGEST[field]:
                zh = f"{language[0]}{words[0]}太长，最多 {_LONGEST[field]} 个字符。"
                en = f"The {language[1]} {words[1]} has more than {_LONGEST[field]} characters."
                found.append(Problem("too_long_text", zh, en, field=f"{field}.{locale}"))
    return found


def _form(reply: Mapping[str, Any]) -> Dict[str, Any]:
    def both(field: str) -> Dict[str, str]:
        value = reply.get(field)
        return {locale: str(value.get(locale, "")) if isinstance(value, dict) else "" for locale in FILE_LOCALES}

    def listed(field: str) -> List[str]:
        value = reply.get(field)
        return [str(each) for each in value] if isinstance(value, list) else []

    return {
        "id": str(reply.get("id", "")),
        "shortcut": str(reply.get("shortcut", "")),
        "title": both("title"),
        "text": both("text"),
        "reasons": listed("reasons"),
        "intents": listed("intents"),
    }


def _lines(reply: Mapping[str, Any]) -> List[str]:
    lines = [
        f"id: {scalar_text(reply['id'])}",
        f"shortcut: {scalar_text(reply['shortcut'])}",
        f"title: {flow_text(reply['title'])}",
    ]
    lines += [f"{field}: {flow_text(reply[field])}" for field in ("reasons", "intents") if reply[field]]
    lines.append("text:")
    return lines + [f"  {locale}: {scalar_text(reply['text'][locale], quoted=True)}" for locale in FILE_LOCALES]


def _first(text: str, reply: Mapping[str, Any]) -> str:
    """The first reply of a file with `canned_replies: []`."""
    return set_value(text, [_LIST], [dict(reply)])


__all__ = ["FILE", "list_replies", "remove_reply", "reply_of", "reply_problems", "set_reply"]
