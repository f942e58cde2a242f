"""Rasa's dialogue policy: one action for every message, then silence."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.learning.domain import domain_text
from bot.serving.dialogue_policy import TriagePolicy
from content.triage_policy import load_policy

SESSION: List[Event] = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]


@pytest.fixture(scope="module")
def domain() -> Domain:
    """The bot's domain, generated from the triage policy."""
    return Domain.from_yaml(domain_text(load_policy(Path("data/triage.yml"))))


def predicted(domain: Domain, events: List[Event], tmp_path: object) -> List[str]:
    """The actions that are predicted with any probability."""
    context = ExecutionContext(GraphSchema({}))
    policy = TriagePolicy.create(TriagePolicy.get_default_config(), LocalModelStorage(tmp_path), Resource("policy"), context)
    probabilities = policy.predict_action_probabilities(DialogueStateTracker.from_events("c", events), domain).probabilities
    return [name for name, share in zip(domain.action_names_or_texts, probabilities) if share]


# Rasa's RulePolicy answers the intents restart, back and session_start with actions of its own.
@pytest.mark.parametrize(
    "intent", ["transfer_delay", "out_of_scope", "no such intent", "restart", "back", "session_start", None]
)
def test_every_message_leads_to_triage(domain: Domain, tmp_path: object, intent: Optional[str]) -> None:
    """A message would be left without an answer, or be a command to Rasa."""
    message = UserUttered("转账没到", {"name": intent, "confidence": 1.0})
    assert predicted(domain, [*SESSION, message], tmp_path) == ["action_triage"]


def test_after_triage_the_bot_listens(domain: Domain, tmp_path: object) -> None:
    """A message would be decided about twice, until Rasa's limit of ten."""
    assert predicted(domain, [*SESSION, UserUttered("x"), ActionExecuted("action_triage")], tmp_path) == ["action_listen"]
