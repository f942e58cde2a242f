"""Articles that a draft would make unusable: not valid today, gone in one language, without their doors, or exchanged."""

from __future__ import annotations

import datetime as dt
import re
from typing import Dict, Iterator, List, Mapping, Optional, Tuple

from bot.workshop.gate.edition import Edition, TextId
from bot.workshop.gate.report import Refusal, quoted
from content.articles import Article

#: Days before the end of an article's validity: from here on the editor is warned; a draft may not set a day that near.
WARN_DAYS, NEAREST_DAYS = 30, 3
#: A text of less than this share of its earlier length has lost its content.
_REST = 0.25
_CHINESE = re.compile(r"[\u4e00-\u9fff]")

_Key = Tuple[str, str]


def article_refusals(old: Edition, new: Edition, today: dt.date) -> Iterator[Refusal]:
    """Each fault of the draft's articles that customers would notice."""
    was, now = _by_key(old), _by_key(new)
    yield from _dates(was, now, new, today)
    yield from _missing(was, now, new)
    yield from _doors(was, now)
    yield from _exchanged(old, new)


def article_warnings(new: Edition, today: dt.date) -> Iterator[Refusal]:
    """Articles that end within a month."""
    used = {intent.article for intent in new.bundle.policy.intents.values()}
    soon = [
        article
        for article in new.bundle.articles
        if article.header.id in used
        and article.header.valid_until is not None
        and today <= article.header.valid_until <= today + dt.timedelta(days=WARN_DAYS)
    ]
    if soon:
        names = ", ".join(f"{article.header.id} ({article.header.locale}, {article.header.valid_until})" for article in soon)
        yield Refusal(
            "article_expires_soon",
            f"These articles end within {WARN_DAYS} days: {names}.",
            f"{WARN_DAYS} 天内到期的文章：{names}。",
        )


def _by_key(edition: Edition) -> Dict[_Key, Article]:
    return {(article.header.id, article.header.locale): article for article in edition.bundle.articles}


def _dates(was: Mapping[_Key, Article], now: Mapping[_Key, Article], new: Edition, today: dt.date) -> Iterator[Refusal]:
    used = {intent.article for intent in new.bundle.policy.intents.values()}
    for key, article in now.items():
        header, name = article.header, f"{article.header.id} ({article.header.locale})"
        if header.id not in used:
            continue
        before = was.get(key)
        if not article.is_valid_on(today):
            span = f"{header.valid_from} to {header.valid_until or 'without end'}"
            yield Refusal(
                "article_not_valid_today",
                f"The article {name} is valid from {span}, not today ({today}): its questions would all wait for a person.",
                f"文章 {name} 的有效期是 {header.valid_from} 至 {header.valid_until or '长期'}，今天（{today}）不在其中："
                "相关问题会全部排队等人工。",
            )
        elif before is not None and header.valid_until is None and before.header.valid_until is not None:
            yield Refusal(
                "article_without_dates",
                f"The article {name} lost its `valid_until`: nobody would look at it again.",
                f"文章 {name} 没有了截止日期 valid_until：以后不会再有人复查它。",
            )
        elif _ends_soon(header.valid_until, today) and (before is None or before.header.valid_until != header.valid_until):
            yield Refusal(
                "article_not_valid_today",
                f"The article {name} would end on {header.valid_until}, within {NEAREST_DAYS} days: then all its "
                "questions would wait for a person.",
                f"文章 {name} 将在 {header.valid_until} 到期，不足 {NEAREST_DAYS} 天：之后相关问题会全部排队等人工。",
            )
        if not header.owner.strip():
            yield Refusal("article_without_owner", f"The article {name} has no owner.", f"文章 {name} 没有负责人（owner）。")


def _ends_soon(until: Optional[dt.date], today: dt.date) -> bool:
    return until is not None and until < today + dt.timedelta(days=NEAREST_DAYS)


def _missing(was: Mapping[_Key, Article], now: Mapping[_Key, Article], new: Edition) -> Iterator[Refusal]:
    used = {intent.article for intent in new.bundle.policy.intents.values()}
    lost = [f"{name} ({locale})" for name, locale in was if (name, locale) not in now and name in used]
    if lost:
        yield Refusal(
            "article_language_removed",
            f"These articles are gone, but intents still answer with them: {', '.join(lost)}.",
            f"这些文章被删除了，但仍有意图用它们回答：{'、'.join(lost)}。",
        )
    for (name, locale), article in now.items():
        if not article.header.title.strip():
            yield Refusal(
                "article_without_title", f"The article {name} ({locale}) has no title.", f"文章 {name}（{locale}）没有标题。"
            )
        chinese = len(_CHINESE.findall(article.text))
        if (locale == "zh") != (chinese * 4 > len(re.findall(r"[A-Za-z]", article.text))):
            yield Refusal(
                "article_in_another_language",
                f"The article {name} ({locale}) is not written in this language.",
                f"文章 {name}（{locale}）的正文不是这种语言。",
            )
        before = was.get((name, locale))
        if before is not None and len(article.text) < _REST * len(before.text):
            yield Refusal(
                "article_emptied",
                f"The article {name} ({locale}) has {len(article.text)} characters, {len(before.text)} before.",
                f"文章 {name}（{locale}）只剩 {len(article.text)} 个字符，原来有 {len(before.text)} 个。",
            )


def _doors(was: Mapping[_Key, Article], now: Mapping[_Key, Article]) -> Iterator[Refusal]:
    lost: Dict[str, List[str]] = {}
    for key, article in was.items():
        if key not in now:
            continue
        kept = {door.intent for door in now[key].header.doors}
        for door in article.header.doors:
            if door.intent not in kept:
                lost.setdefault(f"{key[0]} ({key[1]})", []).append(door.intent)
    for name, doors in lost.items():
        yield Refusal(
            "door_removed",
            f"The article {name} lost its doors to {quoted(doors)}: a victim who reads it had one tap to a person.",
            f"文章 {name} 少了通往 {quoted(doors)} 的入口：看到它的受害客户原来点一下就能找到人。",
        )


def _exchanged(old: Edition, new: Edition) -> Iterator[Refusal]:
    """Articles whose text is now the earlier text of another one; labels, titles and other texts that changed places."""
    earlier = {(text.kind, text.locale, template): text for text, template in old.texts.items() if text.kind != "article"}
    for text, template in new.texts.items():
        was = earlier.get((text.kind, text.locale, template))
        if was is None or was == text or text not in old.texts or new.texts.get(was) != old.texts[text]:
            continue
        if old.texts[text] != template and text.name < was.name:
            yield Refusal(
                "texts_exchanged",
                f"{text} and {was} have changed places.",
                f"{text} 与 {was} 的内容对调了。",
            )
    owner = {template: text for text, template in old.texts.items() if text.kind == "article"}
    for text, template in new.texts.items():
        before: Optional[TextId] = owner.get(template) if text.kind == "article" else None
        if before is not None and before.name != text.name and old.texts.get(text) is not None:
            yield Refusal(
                "articles_exchanged",
                f"{text} has the text that {before} had before: customers would read the wrong answer.",
                f"{text} 用了 {before} 原来的正文：客户会看到错误的答案。",
            )
