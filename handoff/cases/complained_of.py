"""Who is complained of in a case, and so may not decide it."""

from __future__ import annotations

import re

from content.bundle import DeskContent
from handoff.accounts.agents import Agent
from handoff.conversations.care.case_values import CaseFile
from handoff.conversations.events import Message
from handoff.conversations.state import Conversation
from handoff.conversations.store import customer_messages_after
from handoff.runtime.errors import Conflict
from handoff.runtime.transaction import Transaction

#: Messages of the customer that are looked at.
_MESSAGES = 500
_SENTENCE = re.compile(r"[。！？!?.;；\n]+")
#: A shorter name than this would be found in other words.
_SHORTEST_NAME = 2


def names_in_complaint(text: str, name: str, complaint_words: tuple[str, ...]) -> bool:
    """Whether a sentence of the text complains, and names this person."""
    if len(name) < _SHORTEST_NAME:
        return False
    folded = name.casefold()
    return any(
        folded in sentence and any(word.casefold() in sentence for word in complaint_words)
        for sentence in _SENTENCE.split(text.casefold())
    )


async def check_is_impartial(
    tx: Transaction, agent: Agent, conversation: Conversation, case: CaseFile, content: DeskContent
) -> None:
    """Raises Conflict when a duty of the case forbids the person complained of to decide, and this is that person.

    The customer named the agent in a complaining sentence, or an agent entered the login as `complained_of`.
    """
    duties = {clock.duty for clock in case.clocks}
    if not any(content.duties[name].no_judge_in_own_case for name in duties if name in content.duties):
        return
    is_named = agent.login in case.values("complained_of")
    if not is_named:
        said = await customer_messages_after(tx, conversation.id, case.t0_seq - 1, _MESSAGES)
        words = content.desk.duties.complaint_words
        texts = [event.body.text for event in said if isinstance(event.body, Message)]
        is_named = any(names_in_complaint(text, agent.name, words) for text in [case.words, *texts])
    if is_named:
        zh, en = "投诉涉及您本人，须由其他人作出决定。", "The complaint is about you, so somebody else must decide."
        raise Conflict("complained_of", zh, en)
