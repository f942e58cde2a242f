"""The list of cases, the earliest due time first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from content.desk_policy import DeskPolicy
from handoff.accounts.agents import Agent
from handoff.cases.case_json import case_json
from handoff.cases.store import CaseFilter, Place, list_cases
from handoff.conversations.care.case_values import CaseFile
from handoff.conversations.reading import readable
from handoff.runtime.errors import BadInput
from handoff.runtime.transaction import Store

PAGE_SIZE = 50
#: What a case of somebody else's conversation does not show in the list.
_HIDDEN = ("decision", "facts", "links", "promises")


@dataclass(frozen=True)
class Wanted:
    """What an agent asks for.

    `state`: "open" or "closed"; `due`: "breached", or "near" with those that are breached already.
    """

    state: str | None = None
    due: str | None = None
    reason: str | None = None
    is_mine: bool = False


class CaseLists:
    """Reads the list."""

    def __init__(self, store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> None:
        self._store, self._policy, self._now = store, policy, now

    async def read(self, agent: Agent, wanted: Wanted, after: str | None) -> dict[str, Any]:
        """A page.

        `{cases, next}`. The words of a case that the agent may not read are left out. Raises BadInput for a cursor.
        """
        try:
            place = Place.from_cursor(after) if after else None
        except ValueError:
            raise BadInput("bad_cursor", "翻页位置不正确。", "This is no cursor of the list.") from None
        now, content = self._now(), self._policy.content
        # A case that is near has less than a share of its time left, so no SQL finds it; most rows of this query are.
        is_open = None if wanted.state is None and wanted.due is None else wanted.state != "closed"
        before = now if wanted.due == "breached" else None
        rule = CaseFilter(is_open, wanted.reason, agent.login if wanted.is_mine else None, before)
        shown: list[dict[str, Any]] = []
        while True:
            async with self._store.read() as tx:
                found = await list_cases(tx, rule, place, PAGE_SIZE)
                mine = await readable(tx, agent, [each.id for each in found])
            for conversation in found:
                place = Place(conversation.care.case_due_at, conversation.id)
                for case in conversation.care.cases:
                    entry = case_json(conversation, case, None, content, now)
                    if _fits(case, entry, wanted):
                        shown.append(entry if conversation.id in mine else _without_words(entry))
            if len(found) < PAGE_SIZE:
                return {"cases": shown, "next": None}
            if len(shown) >= PAGE_SIZE:
                return {"cases": shown, "next": place.as_cursor() if place else None}


def _fits(case: CaseFile, entry: dict[str, Any], wanted: Wanted) -> bool:
    if wanted.state is not None and case.state != wanted.state:
        return False
    if wanted.reason is not None and case.reason != wanted.reason:
        return False
    if wanted.due is None:
        return True
    states = ("breached",) if wanted.due == "breached" else ("breached", "near")
    return any(clock["state"] in states for clock in entry["clocks"])


def _without_words(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "t0": {**entry["t0"], "words": ""}, **dict.fromkeys(_HIDDEN)}
