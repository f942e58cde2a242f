"""What all use cases of agents share: lock a conversation, check who may change it, store the change."""

from __future__ import annotations

import datetime as dt

from content.desk_policy import DeskPolicy
from contract.characters import is_blank
from handoff.accounts.agents import Agent
from handoff.accounts.store import find_agent
from handoff.conversations.decide import Assign, Tell, check_agent
from handoff.conversations.draft import Draft
from handoff.conversations.masking import mask
from handoff.conversations.reading import unknown_conversation
from handoff.conversations.state import Conversation
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.conversations.text import check_message
from handoff.conversations.values import Status
from handoff.queue.capacity import check_room, lock_agent
from handoff.queue.staff import presence
from handoff.runtime.errors import BadInput, Conflict, NotAllowed
from handoff.runtime.transaction import Transaction
from handoff.runtime.wakeups import QUEUE, agent_topic


async def lock_case(tx: Transaction, conversation_id: str) -> Draft:
    """The locked conversation. Raises NotFound."""
    draft = await lock_conversation(tx, conversation_id)
    if draft is None:
        raise unknown_conversation()
    return draft


def check_holds(agent: Agent, conversation: Conversation) -> None:
    """Only the assigned agent, and supervisors, may end or pass on an assignment. Raises Conflict."""
    if agent.role == "supervisor" and conversation.status is Status.ASSIGNED:
        return
    check_agent(conversation, agent.login)


def check_is_supervisor(agent: Agent, zh: str, en: str) -> None:
    """Raises NotAllowed with this explanation for everybody else."""
    if agent.role != "supervisor":
        raise NotAllowed("not_permitted", zh, en, status=403)


async def check_is_there(tx: Transaction, login: str, policy: DeskPolicy, now: dt.datetime) -> None:
    """Raises BadInput for an unknown colleague, Conflict for one who is not online or takes no conversations."""
    colleague = await find_agent(tx, login)
    if colleague is None:
        raise BadInput("unknown_agent", "没有这位客服。", "There is no such agent.")
    if not colleague.takes_conversations:
        raise Conflict("agent_cannot", f"{colleague.name} 不接待客户。", f"{colleague.name} does not take conversations.")
    if not presence(colleague, policy, now).is_there:
        raise Conflict("agent_absent", f"{colleague.name} 现在不在线。", f"{colleague.name} is not online.")


async def assign_to(
    tx: Transaction,
    draft: Draft,
    login: str,
    how: str,
    policy: DeskPolicy,
    now: dt.datetime,
    over_capacity_by: str | None = None,
) -> None:
    """Assign a locked conversation, and tell the customer.

    `over_capacity_by`: the supervisor who allows one conversation above the agent's capacity.
    Raises BadInput for an account that takes no conversations, Conflict at capacity or when another agent was faster.
    """
    if draft.state.status is Status.ASSIGNED and draft.state.agent == login:
        return
    agent = await lock_agent(tx, login)
    is_above = False
    if draft.state.status is not Status.ASSIGNED:
        is_above = await check_room(tx, policy, agent, now, released=over_capacity_by is not None)
    draft.do(Assign(agent.login, agent.name, how, over_capacity_by if is_above else None), now)
    draft.do(Tell(policy.text("assigned", draft.state.locale, agent_name=agent.name), "assigned"), now)


async def save_move(tx: Transaction, draft: Draft) -> None:
    """Store a change of who has the conversation."""
    await save_conversation(tx, draft)
    tx.wake(draft.state.id, QUEUE)
    if draft.state.agent:
        tx.wake(agent_topic(draft.state.agent))


async def save_words(tx: Transaction, draft: Draft) -> None:
    """Store messages: the queue is unchanged, and only the card of the assigned agent changes."""
    await save_conversation(tx, draft)
    tx.wake(draft.state.id)
    if draft.state.agent:
        tx.wake(agent_topic(draft.state.agent))


def masked_note(note: str | None) -> str | None:
    """A note as it is stored; None for an empty one. Raises BadInput for one that is too long."""
    return mask(check_message(note)).text if note and not is_blank(note) else None
