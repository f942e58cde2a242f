"""A tracker store that keeps nothing."""

from __future__ import annotations

from typing import Any, Iterable, Optional

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class ForgetfulTrackerStore(TrackerStore):
    """Forgets every conversation after its turn.

    Each turn brings its context along, so Rasa needs no memory, any replica can take any turn, and memory stays flat however
    many conversations there were. (Rasa's in-memory store never forgets.)
    """

    def __init__(self, domain: Optional[Domain], event_broker: Optional[EventBroker] = None, **kwargs: Any) -> None:
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Publish the events to a broker, if there is one, and forget."""
        await self.stream_events(tracker)

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Nothing is known of any sender."""
        return None

    async def keys(self) -> Iterable[str]:
        """No conversations."""
        return []
