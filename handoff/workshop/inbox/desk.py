"""What editors do with the inbox, and how the results of its job come into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from content.bundle import DeskContent
from content.editing.sentence_files import SentenceRefused
from content.inbox import publication
from content.published import PublishedContent
from handoff.accounts.agents import Agent
from handoff.figures.promises import desk_zone
from handoff.runtime.errors import BadInput, Conflict, NotFound
from handoff.runtime.transaction import Store, Transaction
from handoff.workshop.inbox import store as sql
from handoff.workshop.inbox.groups import Decision, Group, InboxResult
from handoff.workshop.inbox.training_examples import TrainingExamples

INTENT, OUT_OF_SCOPE = "intent", "out_of_scope"
#: These ask for work on other pages: the home page lists them until they are done.
WANTED: Final = ("new_intent", "article_missing")
ACTIONS: Final = (INTENT, OUT_OF_SCOPE, *WANTED, "ignore")
_MOST_WANTED = 200
_MOST_GROUPS = 200


@dataclass
class InboxDesk:
    """The inbox of one desk. `published`: what is live."""

    store: Store
    published: PublishedContent[DeskContent]
    examples: TrainingExamples
    now: Callable[[], dt.datetime]

    async def show(self, kind: str | None, limit: int) -> dict[str, Any]:
        """The groups, the most costly first, and how many texts there are."""
        async with self.store.read() as tx:
            groups = await sql.find_groups(tx, kind, min(limit, _MOST_GROUPS))
            return {"groups": [group.as_json() for group in groups], "counts": await self._counts(tx)}

    async def _counts(self, tx: Transaction) -> dict[str, Any]:
        now = self.now()
        midnight = now.astimezone(desk_zone(self.published.content())).replace(hour=0, minute=0, second=0, microsecond=0)
        by_kind = await sql.count_by_kind(tx)
        return {
            "by_kind": by_kind,
            "left": sum(by_kind.values()),
            "done_today": await sql.count_decided(tx, midnight),
            "done_hour": await sql.count_decided(tx, now - dt.timedelta(hours=1)),
        }

    async def decide(
        self, editor: Agent, group_id: str, action: str, intent: str | None, text_ids: Sequence[str], note: str | None
    ) -> dict[str, Any]:
        """Decide about texts of a group (all of them if none are named).

        For an intent, or for out of scope, the texts become its examples. Raises NotFound, BadInput, and Conflict: when another
        editor has decided about one of the texts, or one cannot become an example. Nothing is changed then.
        """
        intent = OUT_OF_SCOPE if action == OUT_OF_SCOPE else intent if action == INTENT else None
        if action == INTENT and intent not in self.published.content().policy.intents:
            raise BadInput("unknown_intent", "没有这个意图。", "There is no such intent.", field="intent")
        async with self.store.begin() as tx:
            await sql.lock(tx)
            group = await self._part(tx, group_id, text_ids)
            await sql.take_entries(tx, group_id, [entry.id for entry in group.entries])
            added: Sequence[str] = ()
            if intent is not None:
                added = await self._add(tx, editor, intent, group)
            decision = Decision(0, action, intent, note, editor.login, editor.name, self.now(), group, tuple(added))
            content, model = self.published.current()
            number = await sql.add_decision(tx, decision, publication(model, content.revision))
            counts = await self._counts(tx)
        return {"undo": number, "counts": counts}

    async def _part(self, tx: Transaction, group_id: str, text_ids: Sequence[str]) -> Group:
        """A group with only some of its entries. Raises Conflict or NotFound for one that is gone."""
        found = await sql.find_groups(tx, None, 1, only=group_id)
        entries = found[0].entries if found else ()
        wanted = set(text_ids) or {entry.id for entry in entries}
        chosen = tuple(entry for entry in entries if entry.id in wanted)
        gone = sorted(wanted - {entry.id for entry in chosen})
        if gone or not chosen:
            others = await sql.decisions_about(tx, gone)
            if others:
                name = others[0].by_name
                zh = f"{name}刚刚处理过其中的句子，请看最新的列表。"
                en = f"{name} has just dealt with some of these texts. Look at the list again."
                raise Conflict("decided_meanwhile", zh, en, text_ids=gone, by_name=name, action=others[0].action)
            zh, en = "这组句子已经不在收件箱里了。", "This group is no longer in the inbox."
            raise NotFound("unknown_group", zh, en, text_ids=gone)
        return msgspec.structs.replace(found[0], entries=chosen)

    async def _add(self, tx: Transaction, editor: Agent, intent: str, group: Group) -> Sequence[str]:
        try:
            return await self.examples.add(tx, editor, intent, [entry.text for entry in group.entries])
        except SentenceRefused as error:
            refused = set(error.texts)
            ids = [entry.id for entry in group.entries if entry.text in refused]
            kind = BadInput if error.code == "unknown_intent" else Conflict
            raise kind(error.code, error.zh, error.en, text_ids=ids) from error

    async def undo(self, editor: Agent) -> dict[str, Any]:
        """Undo an editor's last decision. Raises Conflict if there is none."""
        async with self.store.begin() as tx:
            await sql.lock(tx)
            decision = await sql.last_decision_of(tx, editor.login)
            if decision is None:
                raise Conflict("nothing_to_undo", "没有可以撤销的操作。", "There is nothing to undo.")
            if decision.added and decision.intent is not None:
                await self.examples.remove(tx, editor, decision.intent, decision.added)
            await sql.undo_decision(tx, decision, self.now())
            await sql.put_back(tx, decision.group)
            group = (await sql.find_groups(tx, None, 1, only=decision.group.id))[0]
            counts = await self._counts(tx)
        return {"group": group.as_json(), "counts": counts}

    async def wanted(self) -> list[dict[str, Any]]:
        """What editors noted as missing, the newest first: intents and articles."""
        async with self.store.read() as tx:
            found = await sql.find_wanted(tx, WANTED, _MOST_WANTED)
        return [
            {
                "id": each.id,
                "action": each.action,
                "note": each.note,
                "texts": [entry.text for entry in each.group.entries],
                "by_name": each.by_name,
                "at": each.at.isoformat(),
            }
            for each in found
        ]

    async def done(self, number: int) -> None:
        """What was missing is there now. Raises NotFound."""
        async with self.store.begin() as tx:
            if not await sql.set_done(tx, number, WANTED, self.now()):
                raise NotFound("unknown_group", "没有这条，或者已经完成。", "There is no such entry, or it is done.")

    async def job_input(self) -> AsyncIterator[bytes]:
        """What a job must know of the past, as JSON lines (`handoff.workshop.inbox.store.job_input`)."""
        yield msgspec.json.encode({"what": "read_at", "at": self.now().isoformat()}) + b"\n"
        async with self.store.read() as tx:
            async for line in sql.job_input(tx):
                yield msgspec.json.encode(line) + b"\n"

    async def store_result(self, job: int, result: Any) -> bool:
        """Store the groups that a job found, once. Texts that were decided since it began stay out. False: stored before."""
        found = msgspec.convert(result, InboxResult)
        async with self.store.begin() as tx:
            if (await sql.lock(tx)).stored_job == job:
                return False
            decided = await sql.decided_since(tx, found.read_at)
            await sql.replace_groups(tx, _without(found.groups, decided))
            await sql.set_stored_job(tx, job)
        return True

    async def skip_result(self, job: int) -> None:
        """Leave the groups as they are: a job's result cannot be read."""
        async with self.store.begin() as tx:
            await sql.lock(tx)
            await sql.set_stored_job(tx, job)


def _without(groups: Sequence[Group], decided: set[str]) -> list[Group]:
    kept = []
    for group in groups:
        entries = tuple(entry for entry in group.entries if entry.id not in decided)
        if entries:
            kept.append(msgspec.structs.replace(group, entries=entries))
    return kept
