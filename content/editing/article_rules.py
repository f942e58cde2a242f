"""Rules for a whole article: its fields, its doors, its other language."""

from __future__ import annotations

import datetime as dt
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from content.articles import LABEL_LENGTH, MOST_DOORS
from content.editing.article_file import ArticleForm
from content.editing.problems import WARN, Problem

_LONGEST_TITLE = 80
_LANGUAGES = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}
#: An article that ends within so many days is shown as expiring.
EXPIRES_SOON = dt.timedelta(days=30)


def field_problems(form: ArticleForm, intents: Mapping[str, Mapping[str, Any]]) -> List[Problem]:
    """Fields that are empty, too long, no dates, or name what does not exist."""
    found: List[Problem] = []
    for field, zh in (("title", "标题"), ("text", "正文"), ("owner", "负责人")):
        if not getattr(form, field).strip():
            found.append(Problem("empty_field", f"{zh}是空的，请填写。", f"Fill in the {field}.", field=field))
    if "\n" in form.title or len(form.title) > _LONGEST_TITLE:
        zh, en = (
            f"标题必须是一行，最多 {_LONGEST_TITLE} 个字符。",
            f"The title is one line of at most {_LONGEST_TITLE} characters.",
        )
        found.append(Problem("bad_title", zh, en, field="title"))
    if "\n" in form.owner:
        found.append(Problem("bad_owner", "负责人必须是一行。", "The owner is one line.", field="owner"))
    found += _date_problems(form)
    if not form.intents:
        found.append(
            Problem(
                "no_intent",
                "请至少选一个由这篇文章回答的意图。",
                "Choose at least one intent that it answers.",
                field="intents",
            )
        )
    for name in form.intents:
        intent = intents.get(name)
        if intent is None:
            zh, en = f"没有叫“{name}”的意图，请从列表里选。", f"There is no intent “{name}”: choose one from the list."
            found.append(Problem("unknown_intent", zh, en, field="intents"))
        elif intent.get("article") != form.id:
            zh = f"“{intent.get('zh', name)}”现在不是用这篇文章回答的：请先在“规则”里改它的文章。"
            en = f"“{intent.get('en', name)}” does not answer with this article: change its article under Policy first."
            found.append(Problem("other_article", zh, en, severity=WARN, field="intents"))
    return found


def _date_problems(form: ArticleForm) -> List[Problem]:
    found: List[Problem] = []
    dates: Dict[str, Optional[dt.date]] = {}
    for field, zh in (("valid_from", "生效日期"), ("valid_until", "失效日期")):
        value = getattr(form, field)
        try:
            dates[field] = dt.date.fromisoformat(value) if value else None
        except ValueError:
            dates[field] = None
            text = f"{zh}“{value}”不是日期，请写成 2026-01-31。"
            found.append(Problem("bad_date", text, f"“{value}” is no date: write it as 2026-01-31.", field=field))
    if not form.valid_from:
        found.append(Problem("no_date", "请填生效日期。", "Fill in the first day on which it is valid.", field="valid_from"))
    first, last = dates["valid_from"], dates["valid_until"]
    if first and last and last < first:
        zh, en = f"失效日期 {last} 早于生效日期 {first}。", f"It ends on {last}, before it begins on {first}."
        found.append(Problem("ends_before_it_begins", zh, en, field="valid_until"))
    return found


def validity_problems(form: ArticleForm, today: dt.date) -> List[Problem]:
    """An article that is over, not yet valid, or over soon: customers then get a person instead."""
    try:
        first = dt.date.fromisoformat(form.valid_from)
        last = dt.date.fromisoformat(form.valid_until) if form.valid_until else None
    except ValueError:
        return []
    language = _LANGUAGES[form.locale]
    if last is not None and last < today:
        zh = f"{language[0]}版已于 {last} 过期，客户得不到这个回答，会转给人工。"
        en = f"The {language[1]} version ended on {last}: customers do not get it and go to a person."
        return [Problem("expired", zh, en, severity=WARN, field="valid_until")]
    if first > today:
        zh = f"{language[0]}版要到 {first} 才生效，在那以前客户会转给人工。"
        en = f"The {language[1]} version begins on {first}: until then customers go to a person."
        return [Problem("not_yet_valid", zh, en, severity=WARN, field="valid_from")]
    if last is not None and last - today <= EXPIRES_SOON:
        days = (last - today).days
        zh = f"{language[0]}版再过 {days} 天（{last}）就过期了。"
        en = f"The {language[1]} version ends in {days} days, on {last}."
        return [Problem("expires_soon", zh, en, severity=WARN, field="valid_until")]
    return []


def door_problems(
    form: ArticleForm,
    other: Optional[ArticleForm],
    intents: Mapping[str, Mapping[str, Any]],
    required: Sequence[str],
) -> List[Problem]:
    """Doors that lead nowhere, do not fit a button, are missing, or differ from the other language."""
    found: List[Problem] = []

    def block(code: str, zh: str, en: str) -> None:
        found.append(Problem(code, zh, en, field="doors"))

    if len(form.doors) > MOST_DOORS:
        block("too_many_doors", f"最多 {MOST_DOORS} 个按钮，请只留最要紧的。", f"At most {MOST_DOORS} doors: keep the gravest.")
    most = LABEL_LENGTH[form.locale]
    for number, (name, label) in enumerate(form.doors, 1):
        intent = intents.get(name)
        if intent is None or intent.get("route") != "escalate":
            zh = f"第 {number} 个按钮必须通向人工：请选一个转人工的意图。"
            block("door_leads_nowhere", zh, f"Door {number} must lead to a person: choose an intent that escalates.")
        if not label.strip() or "\n" in label:
            block("bad_label", f"第 {number} 个按钮要有一行文字。", f"Door {number} needs a label of one line.")
        elif len(label) > most:
            zh = f"第 {number} 个按钮的文字“{label}”有 {len(label)} 个字符，最多 {most} 个。"
            block("bad_label", zh, f"The label “{label}” has {len(label)} characters, {most} are allowed.")
        elif "{" in label:
            block("bad_label", f"按钮文字“{label}”里不能用事实。", f"Facts are not filled in on buttons: “{label}”.")
    for names in ([name for name, _ in form.doors], [label for _, label in form.doors]):
        for name in sorted({name for name in names if names.count(name) > 1}):
            block(
                "door_twice", f"按钮里“{name}”出现了两次，请去掉一个。", f"“{name}” stands twice among the doors: remove one."
            )
    for name in required:
        if name not in {door for door, _ in form.doors}:
            title = _names(intents, name)
            zh, en = f"这篇文章必须有通向“{title[0]}”的按钮。", f"This article must have a door to “{title[1]}”."
            block("door_missing", zh, en)
    if other is not None and [name for name, _ in other.doors] != [name for name, _ in form.doors]:
        language = _LANGUAGES[other.locale]
        zh = f"按钮和{language[0]}版不一致：两种语言要有同样的意图、同样的顺序。{language[0]}版也改好以后才能发布。"
        en = f"The doors differ from the {language[1]} version: both need the same intents in the same order before publishing."
        found.append(Problem("doors_differ", zh, en, severity=WARN, field="doors"))
    return found


def _names(intents: Mapping[str, Mapping[str, Any]], name: str) -> Tuple[str, str]:
    intent = intents.get(name) or {}
    return str(intent.get("zh", name)), str(intent.get("en", name))
