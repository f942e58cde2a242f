"""Makes proof packs: one moment of the case, all of its files, and an entry in the log with the root."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import structlog

from content.bundle import DeskContent
from handoff.accounts.agents import Agent
from handoff.cases.attachments.store import pictures_of
from handoff.cases.case_desk import unknown_case
from handoff.cases.incidents.store import some_versions
from handoff.cases.store import lock_by_case
from handoff.conversations.care.proofs import ProofMade
from handoff.conversations.decide import NoteProof
from handoff.conversations.events import Triage
from handoff.conversations.reading import check_may_read
from handoff.conversations.store import events_after, save_conversation
from handoff.proof_pack.contents import Pack, Sources, make_pack
from handoff.proof_pack.replay import replay_of
from handoff.runtime.errors import NotAllowed
from handoff.runtime.transaction import Store, Transaction

logger = structlog.get_logger(__name__)


class ProofDesk:
    """The use case of proof packs."""

    def __init__(self, store: Store, content: Callable[[], DeskContent], now: Callable[[], dt.datetime]) -> None:
        self._store, self._content, self._now = store, content, now

    async def make(self, agent: Agent | None, case_id: str) -> Pack:
        """The pack of a case, and its entry in the log. `agent` None: the command line.

        Raises NotFound, and NotAllowed unless the agent is a supervisor or has the case.
        """
        async with self._store.begin() as tx:
            draft = await lock_by_case(tx, case_id)
            if draft is None:
                raise unknown_case()
            if agent is not None:
                await check_may_read(tx, agent, draft.state)
                if agent.role != "supervisor" and draft.state.agent != agent.login:
                    zh, en = (
                        "只有主管和负责此案的客服能导出证据包。",
                        "Only supervisors and the agent of the case make proof packs.",
                    )
                    raise NotAllowed("not_permitted", zh, en, status=403)
            events = await events_after(tx, draft.state.id, 0)
            named = {
                (each.id, each.version)
                for event in events
                if isinstance(event.body, Triage)
                for each in event.body.incidents or ()
            }
            sources = Sources(
                conversation=draft.state,
                case=next(each for each in draft.state.care.cases if each.id == case_id),
                events=events,
                pictures=await pictures_of(tx, draft.state.id),
                incidents=await some_versions(tx, named) if named else {},
                replay=await replay_of(tx, draft.state.id, events),
                content=self._content(),
            )
            pack = await asyncio.to_thread(make_pack, sources)
            login, name = (agent.login, agent.name) if agent is not None else (None, None)
            made = ProofMade(case_id=case_id, root=pack.root, files=len(pack.files), login=login)
            draft.do(NoteProof(made, name), self._now())
            await save_conversation(tx, draft)
            tx.wake(draft.state.id)
        logger.info("proof.made", case=case_id, files=len(pack.files), root=pack.root)
        return pack


async def recorded_roots(tx: Transaction, case_id: str) -> set[str]:
    """The roots of all packs of a case that its log names."""
    query = "SELECT data ->> 'root' FROM events WHERE type = 'proof_made' AND data ->> 'case_id' = %s"
    return {row[0] for row in await tx.rows(query, case_id)}
