"""The bot's own words (`data/replies.yml`), facts filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Mapping

import msgspec

from content.sources import ContentError, Strict, line_of, load_yaml, shaped
from content.templates import fill_checked
from content.triage_policy import Policy
from contract.locales import FILE_LOCALES

FILE = "replies.yml"


class Replies(Strict, frozen=True):
    """The bot's own words in one language."""

    chat: Dict[str, str]
    solved: str
    feedback: str
    reject: str
    clarify: str
    clarify_open: str
    never_mind: str
    confirm_cancel: str
    closed: str
    in_progress: str
    fragment: str
    question: str
    step: str
    steps: str
    also: str
    not_this: str
    open_topic: str
    button_solved: str
    button_unsolved: str
    button_human: str
    button_cancel_wait: str
    button_keep_waiting: str


def load_replies(path: Path, facts: Mapping[str, Mapping[str, Any]], policy: Policy) -> Dict[str, Replies]:
    """The bot's words in each language. Raises ContentError, also for a `chat` intent of the policy without words."""
    document = load_yaml(path)
    if not isinstance(document, dict):
        raise ContentError(path, 1, f"expected the texts under {' and '.join(f'`{locale}:`' for locale in FILE_LOCALES)}")
    for locale in FILE_LOCALES:
        if locale not in document:
            raise ContentError(path, None, f"no texts for `{locale}`")
    words_of: Dict[str, Replies] = shaped(Dict[str, Replies], path, document)
    return {locale: _filled(locale, words_of[locale], facts[locale], policy, path, document) for locale in FILE_LOCALES}


def _filled(locale: str, words: Replies, facts: Mapping[str, Any], policy: Policy, path: Path, document: Any) -> Replies:
    for intent, intent_policy in policy.intents.items():
        if intent_policy.route == "chat" and intent not in words.chat:
            problem = f"{locale}.chat has no words for `{intent}`, whose route is chat"
            raise ContentError(path, line_of(document, [locale, "chat"]), problem)
    filled: Dict[str, Any] = {}
    for name, text in msgspec.structs.asdict(words).items():
        place = f"{locale}.{name}"
        filled[name] = (
            {key: fill_checked(each, facts, path, place=f"{place}.{key}") for key, each in text.items()}
            if isinstance(text, dict)
            else fill_checked(text, facts, path, place=place)
        )
    return msgspec.structs.replace(words, **filled)
