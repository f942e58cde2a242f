"""Takes pictures of customers, and shows them to the customer and to the agents who may read the conversation."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from tempfile import SpooledTemporaryFile
from typing import cast

import structlog

from content.desk_policy import DeskPolicy
from handoff.accounts.agents import Agent
from handoff.cases.attachments.pictures import Picture, Pictures
from handoff.cases.attachments.store import StoredPicture, add_picture, find_picture
from handoff.conversations.care.attachments import Attached, Attachment
from handoff.conversations.customers import Customers
from handoff.conversations.decide import Attach, Tell
from handoff.conversations.draft import Draft
from handoff.conversations.events import Event
from handoff.conversations.reading import check_may_read, unknown_conversation
from handoff.conversations.services import HandingOver
from handoff.conversations.state import Conversation
from handoff.conversations.store import event_by_key, find_conversation
from handoff.conversations.values import Status
from handoff.runtime.errors import Conflict, NotFound, TooMany
from handoff.runtime.transaction import Store, Transaction

logger = structlog.get_logger(__name__)

_HOUR = dt.timedelta(hours=1)
#: The customer reads once what becomes of pictures that come one after the other.
_SAID_AGAIN = dt.timedelta(minutes=10)
_TEXTS = {Status.WITH_BOT: "picture_with_bot", Status.QUEUED: "picture_waiting"}


class AttachmentDesk:
    """The use cases of pictures."""

    def __init__(
        self,
        store: Store,
        policy: DeskPolicy,
        customers: Customers,
        handoffs: HandingOver,
        pictures: Pictures,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store, self._policy, self._customers, self._handoffs = store, policy, customers, handoffs
        self._pictures, self._now = pictures, now

    async def check(self, conversation_id: str, token: str) -> None:
        """Whether one more picture may come, before its bytes are read. Raises NotFound, NotAllowed, TooMany, Conflict."""
        async with self._store.read() as tx:
            self._check_room(await self._customers.find(tx, conversation_id, token))

    async def add(
        self, conversation_id: str, token: str, file: SpooledTemporaryFile[bytes], client_id: str | None
    ) -> tuple[str, bool]:
        """Store a picture: its id, and whether it is new. The same `client_id` again finds the picture of the first request.

        Raises BadInput, Unavailable, and the errors of `check`.
        """
        key = f"attachment:{client_id}" if client_id is not None else None
        if key is not None and (found := await self._earlier(conversation_id, token, key)) is not None:
            return found, False
        picture = await self._pictures.draw(file, self._policy.attachments)
        attachment_id = uuid.uuid4().hex
        async with self._store.begin() as tx:
            draft = await self._customers.lock(tx, conversation_id, token)
            if key is not None and (earlier := await event_by_key(tx, conversation_id, key)) is not None:
                return _id_of(earlier), False
            self._check_room(draft.state)
            now = self._now()
            await self._attach(tx, draft, attachment_id, picture, key, now)
        logger.info("attachment.stored", conversation_id=conversation_id, attachment=attachment_id, bytes=len(picture.body))
        return attachment_id, True

    async def _attach(
        self, tx: Transaction, draft: Draft, attachment_id: str, picture: Picture, key: str | None, now: dt.datetime
    ) -> None:
        before = draft.state
        attached = Attached(
            attachment_id=attachment_id,
            sha256=picture.sha256,
            media_type=picture.media_type,
            width=picture.width,
            height=picture.height,
            bytes=len(picture.body),
            original_sha256=picture.original_sha256,
            original_bytes=picture.original_bytes,
        )
        (*_, event) = draft.do(Attach(attached, key), now)
        stored = StoredPicture(attachment_id, before.id, picture.media_type, picture.sha256, picture.body)
        await add_picture(tx, stored, event.at)
        status = draft.state.status
        if before.status is Status.RESOLVED and status is Status.QUEUED:
            await self._handoffs.tell_place(tx, draft, now)
        elif status in _TEXTS and not _was_said(before, now):
            draft.do(Tell(self._policy.text(_TEXTS[status], draft.state.locale), "picture"), now)
        await self._customers.save(tx, draft, before.status is not status)

    async def for_customer(self, conversation_id: str, token: str, attachment_id: str) -> StoredPicture:
        """A picture of the customer's own conversation. Raises NotFound, NotAllowed."""
        async with self._store.read() as tx:
            await self._customers.find(tx, conversation_id, token)
            picture = await find_picture(tx, attachment_id)
        if picture is None or picture.conversation_id != conversation_id:
            raise _unknown_attachment()
        return picture

    async def for_agent(self, agent: Agent, attachment_id: str) -> StoredPicture:
        """A picture of a conversation that the agent may read. Raises NotFound, NotAllowed."""
        async with self._store.read() as tx:
            picture = await find_picture(tx, attachment_id)
            if picture is None:
                raise _unknown_attachment()
            conversation = await find_conversation(tx, picture.conversation_id)
            if conversation is None:
                raise unknown_conversation()
            await check_may_read(tx, agent, conversation)
        return picture

    async def _earlier(self, conversation_id: str, token: str, key: str) -> str | None:
        async with self._store.read() as tx:
            await self._customers.find(tx, conversation_id, token)
            earlier = await event_by_key(tx, conversation_id, key)
        return _id_of(earlier) if earlier is not None else None

    def _check_room(self, conversation: Conversation) -> None:
        limits, sent, now = self._policy.attachments, conversation.care.attachments, self._now()
        if len(sent) >= limits.per_conversation:
            zh, en = "这个会话的图片已达上限，不能再发送了。", "This conversation cannot take more pictures."
            raise Conflict("pictures_full", zh, en, limit=limits.per_conversation)
        lately = [each for each in sent if now - each.at < _HOUR]
        if len(lately) >= limits.per_hour:
            zh = f"一小时内最多发送 {limits.per_hour} 张图片，请稍后再发。"
            en = f"At most {limits.per_hour} pictures can be sent in an hour. Please send the next one later."
            seconds = (lately[-limits.per_hour].at + _HOUR - now).total_seconds()
            raise TooMany("too_many_pictures", zh, en, seconds=seconds)


def _was_said(before: Conversation, now: dt.datetime) -> bool:
    last: Attachment | None = before.care.attachments[-1] if before.care.attachments else None
    return last is not None and last.episode == before.episode and now - last.at < _SAID_AGAIN


def _id_of(event: Event) -> str:
    return cast("Attached", event.body).attachment_id


def _unknown_attachment() -> NotFound:
    return NotFound("unknown_attachment", "没有这张图片。", "There is no such picture.")
