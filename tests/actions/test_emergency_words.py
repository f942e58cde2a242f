"""The words that the chat's emergency button says for the customer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actions.floor import stated_incidents
from content.triage_policy import Policy
from language.normalization import normalize

WORDS = Path(__file__).parents[2] / "handoff" / "pages" / "words"
LANGUAGES = {"chat.zh.js", "chat.en.js"}


def emergency_words() -> list[str]:
    """What the button sends, in each language of the chat."""
    files = sorted(WORDS.glob("chat.*.js"))
    assert {file.name for file in files} >= LANGUAGES
    found = [re.findall(r'"chat\.emergency\.text":\s*"(.+?)",\n', file.read_text(encoding="utf-8")) for file in files]
    assert all(len(words) == 1 for words in found), "a language without the words of the button"
    return [words for (words,) in found]


@pytest.mark.parametrize("words", emergency_words())
def test_the_emergency_button_reaches_a_person_by_rule(words: str, policy: Policy) -> None:
    """Somebody whose money is being taken presses the red button, and a model decides whether that is an emergency."""
    stated = [statement.intent for statement in stated_incidents(normalize(words), policy.floor)]
    assert stated
    assert policy.reasons[policy.intents[stated[0]].reason].priority == "urgent"
