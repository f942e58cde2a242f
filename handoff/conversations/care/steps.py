"""The shapes of folds and rules that the subjects of care share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handoff.conversations.decide.writing import Writing
    from handoff.conversations.events import Event
    from handoff.conversations.state import Conversation

#: The fields of `Care` that an event changes. The state is the one before the event.
CareStep = Callable[["Conversation", "Event", Any], dict[str, Any]]
#: The rule of one command: it adds events to the writing, or raises.
CareRule = Callable[["Writing", Any], None]
