"""The pictures that the customer sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from handoff.conversations.care.steps import CareRule, CareStep
from handoff.conversations.events.registry import Body, event, internal, public

if TYPE_CHECKING:
    from handoff.conversations.events import Event
    from handoff.conversations.state import Conversation


@dataclass(frozen=True)
class Attachment:
    """A picture as the desk stores it, drawn anew. `sha256`: of the stored bytes. `at`: aware UTC; `seq`: its event."""

    attachment_id: str
    sha256: str
    media_type: str
    width: int
    height: int
    bytes: int
    at: dt.datetime
    seq: int
    episode: int


@event("attached", is_public=True)
class Attached(Body):
    """The customer sent a picture. The desk keeps it drawn anew; the bytes are in the table `attachments`."""

    attachment_id: str = public()
    sha256: str = public("of the stored bytes")
    media_type: str = public("`image/png` or `image/jpeg`")
    width: int = public("pixels")
    height: int = public("pixels")
    bytes: int = public("of the stored picture")
    original_sha256: str = internal("of the file that came, which is not kept")
    original_bytes: int = internal()


def _attached(state: Conversation, event: Event, body: Attached) -> dict[str, Any]:
    more = Attachment(
        attachment_id=body.attachment_id,
        sha256=body.sha256,
        media_type=body.media_type,
        width=body.width,
        height=body.height,
        bytes=body.bytes,
        at=event.at,
        seq=event.seq,
        episode=state.episode,
    )
    return {"attachments": (*state.care.attachments, more)}


STEPS: dict[type, CareStep] = {Attached: _attached}
#: The command is the customer's (`handoff.conversations.decide.customers.Attach`): a picture opens an episode as words do.
RULES: dict[type, CareRule] = {}
