"""The pipeline and the decision in one process, exactly as a customer gets them; for the command line and for measuring."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from pathlib import Path
from typing import Any, Dict, Optional

from actions.content import Content
from actions.decision import Context
from actions.triage import message_from_parse, triage


class Understanding:
    """A trained model with a set of content."""

    def __init__(self, model: Path, content: Content) -> None:
        # Imported here: Rasa brings TensorFlow along.
        from rasa.core.agent import Agent
        from rasa.utils.log_utils import configure_structlog

        configure_structlog(logging.WARNING)
        self._agent = Agent.load(model)
        self._content, self._model = content, model.name[: -len(".tar.gz")]
        self._loop = asyncio.new_event_loop()

    def parse(self, text: str) -> Dict[str, Any]:
        """Rasa's parse of a text: intent ranking, entities, scope."""
        return dict(self._loop.run_until_complete(self._agent.parse_message(text)))

    def decide(self, text: str, context: Optional[Context] = None, day: Optional[dt.date] = None) -> Dict[str, Any]:
        """The decision for a text, as JSON; by default as the first message of a conversation, today."""
        message = message_from_parse(self.parse(text))
        _, decision = triage(message, context or Context(), self._content, self._model, day or dt.date.today())
        return decision
