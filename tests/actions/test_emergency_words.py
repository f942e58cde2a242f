"""The words that the chat's emergency button says for the customer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actions.floor import stated_incidents
from content.triage_policy import Policy
from language.normalization import normalize

STRINGS = Path(__file__).parents[2] / "handoff" / "pages" / "words" / "strings.js"


def emergency_words() -> list[str]:
    """What the button sends, in both languages."""
    found = re.search(r'"chat\.emergency\.text": \["(.+?)", "(.+?)"\]', STRINGS.read_text(encoding="utf-8"))
    assert found is not None
    return list(found.groups())


@pytest.mark.parametrize("words", emergency_words())
def test_the_emergency_button_reaches_a_person_by_rule(words: str, policy: Policy) -> None:
    """Somebody whose money is being taken presses the red button, and a model decides whether that is an emergency."""
    stated = [statement.intent for statement in stated_incidents(normalize(words), policy.floor)]
    assert stated
    assert policy.reasons[policy.intents[stated[0]].reason].priority == "urgent"
