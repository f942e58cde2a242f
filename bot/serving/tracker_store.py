"""A tracker store without storage."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class ForgetfulTrackerStore(TrackerStore):
    """Discards every conversation after its turn.

    Each turn carries its context. Therefore Rasa needs no state, any replica can take any turn, and memory does not grow with
    the number of conversations. (Rasa's in-memory store never discards.)
    """

    def __init__(self, domain: Optional[Domain], event_broker: Optional[EventBroker] = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Publish the events to a broker, if there is one, and discard them."""
        await self.stream_events(tracker)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """None: no conversation is stored."""
        return None

    async def keys(self) -> Iterable[str]:
        """Empty: no conversation is stored."""
        return []
