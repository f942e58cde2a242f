"""Who may read which conversation: one rule for the log, for notes and for search results."""

from __future__ import annotations

from collections.abc import Collection

from handoff.accounts.agents import Agent
from handoff.conversations.state import Conversation
from handoff.conversations.values import Status
from handoff.runtime.errors import NotAllowed, NotFound
from handoff.runtime.transaction import Transaction

#: A conversation that waits is everybody's. One that an agent has, had, or wrote to the customer in is theirs. For any other
#: the agent needs a reason in its log, in the present episode (`Conversation.access_key`); a note written with such a reason
#: does not make it theirs.
_READABLE = """
    SELECT c.id FROM conversations c
    WHERE c.id = ANY(%(ids)s) AND (
        c.status = %(queued)s OR c.agent = %(login)s
        OR EXISTS (SELECT 1 FROM events e WHERE e.conversation_id = c.id AND e.key = 'access:' || %(login)s || ':' || c.episode)
        OR EXISTS (SELECT 1 FROM events e WHERE e.conversation_id = c.id AND e.type = 'assigned'
                   AND e.data ->> 'login' = %(login)s)
        OR EXISTS (SELECT 1 FROM events e WHERE e.conversation_id = c.id AND e.type = 'message' AND e.by_kind = 'agent'
                   AND starts_with(e.key, 'agent:' || %(login)s || ':')))"""


async def readable(tx: Transaction, agent: Agent, ids: Collection[str]) -> set[str]:
    """The conversations among these that an agent may read without giving a reason first. Supervisors may read all."""
    if agent.role == "supervisor" or not ids:
        return set(ids)
    values = {"ids": list(ids), "queued": Status.QUEUED.value, "login": agent.login}
    return {row[0] for row in await (await tx.execute(_READABLE, values)).fetchall()}


async def check_may_read(tx: Transaction, agent: Agent, conversation: Conversation) -> None:
    """Raises NotAllowed for a conversation that is not the agent's, does not wait, and for which no reason was given."""
    if conversation.status is Status.QUEUED or conversation.agent == agent.login:
        return  # known without a query
    if not await readable(tx, agent, [conversation.id]):
        raise NotAllowed(
            "reason_needed",
            "这不是您的会话，查看前请先写明原因。",
            "This conversation is not yours. Give a reason before you read it.",
            status=403,
        )


def unknown_conversation() -> NotFound:
    """The refusal of an id that no conversation has."""
    return NotFound("unknown_conversation", "没有这个会话。", "There is no such conversation.")
