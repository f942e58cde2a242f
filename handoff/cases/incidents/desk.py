"""What supervisors do with incidents: announce, change, close."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy
from content.editing.rules import Rules
from handoff.accounts.agents import Agent
from handoff.cases.incidents.board import IncidentBoard
from handoff.cases.incidents.incident import ALPHABET, ID_LENGTH, Incident
from handoff.cases.incidents.store import (
    Version,
    add_closing,
    add_version,
    count_told,
    latest_versions,
    lock_announcing,
    lock_incident,
)
from handoff.runtime.errors import BadInput, Conflict, NotAllowed, NotFound
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import INCIDENTS

#: More banners than this nobody reads.
_MOST_OPEN = 10
#: Closed incidents that supervisors still see.
_SHOWN_FOR = dt.timedelta(days=30)


@dataclass(frozen=True)
class Announcement:
    """What a supervisor says of a new incident."""

    title: str
    text: Mapping[str, str]
    intents: tuple[str, ...]
    banks: tuple[str, ...] = ()
    until: dt.datetime | None = None


@dataclass(frozen=True)
class Change:
    """What a supervisor changes; None: it stays. `version`: what was on the screen."""

    title: str | None = None
    text: Mapping[str, str] | None = None
    intents: tuple[str, ...] | None = None
    banks: tuple[str, ...] | None = None
    until: dt.datetime | None = None
    has_until: bool = False
    closes: bool = False
    closing_text: Mapping[str, str] | None = None
    version: int | None = None


class IncidentDesk:
    """The use cases of incidents. Only supervisors announce."""

    def __init__(
        self,
        store: Store,
        policy: DeskPolicy,
        content: Callable[[], DeskContent],
        board: IncidentBoard,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store, self._policy, self._content, self._board, self._now = store, policy, content, board, now

    async def announce(self, agent: Agent, said: Announcement) -> dict[str, Any]:
        """A new incident. Raises NotAllowed, BadInput, Conflict when too many are open."""
        _check_is_supervisor(agent)
        self._check_texts({"text": said.text})
        self._check_intents(said.intents)
        incident_id = "I" + "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))
        async with self._store.begin() as tx:
            await lock_announcing(tx)
            now = self._now()
            if len(await latest_versions(tx, now)) >= _MOST_OPEN:
                zh, en = (
                    f"最多同时公告 {_MOST_OPEN} 个故障，请先结束旧的。",
                    f"At most {_MOST_OPEN} incidents: close one first.",
                )
                raise Conflict("too_many_incidents", zh, en, limit=_MOST_OPEN)
            incident = Incident(incident_id, 1, said.title, said.text, said.intents, said.banks, said.until, now)
            version = Version(incident, now, agent.login, agent.name)
            await add_version(tx, version)
            tx.wake(INCIDENTS)
        await self._board.refresh()
        return version.as_json()

    async def change(self, agent: Agent, incident_id: str, change: Change) -> dict[str, Any]:
        """Change or close an incident. Closing it again changes nothing. Raises NotAllowed, NotFound, BadInput, Conflict."""
        _check_is_supervisor(agent)
        texts = {"text": change.text, "closing_text": change.closing_text}
        self._check_texts({name: text for name, text in texts.items() if text is not None})
        if change.intents is not None:
            self._check_intents(change.intents)
        async with self._store.begin() as tx:
            was = await lock_incident(tx, incident_id)
            if was is None:
                raise NotFound("unknown_incident", "没有这个故障公告。", "There is no such incident.")
            if was.state == "closed":
                zh, en = "这个故障公告已经结束。", "The incident is closed. Announce a new one if it is back."
                raise Conflict("incident_closed", zh, en)
            if change.version is not None and change.version != was.version:
                zh, en = (
                    "别人刚刚改过这个公告，请先看新的内容。",
                    "Somebody changed the incident meanwhile. Read it again first.",
                )
                raise Conflict("changed_meanwhile", zh, en, version=was.version)
            now = self._now()
            incident = replace(was, version=was.version + 1, **self._changes(change))
            version = Version(incident, now, agent.login, agent.name)
            await add_version(tx, version)
            if incident.state == "closed":
                await add_closing(tx, incident, now)
            tx.wake(INCIDENTS)
        await self._board.refresh()
        return version.as_json()

    def _changes(self, change: Change) -> dict[str, Any]:
        fields = {"title": change.title, "text": change.text, "intents": change.intents, "banks": change.banks}
        changes: dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
        if change.has_until:
            changes["until"] = change.until
        if change.closes:
            # Written down now: an edit of the desk's text must not change what some of the customers are told.
            usual = {locale: self._policy.text("incident_over", locale) for locale in ("zh", "en")}
            changes |= {"state": "closed", "closing_text": change.closing_text or usual}
        return changes

    async def listed(self) -> list[dict[str, Any]]:
        """All that are open, and those that were closed lately, with how many conversations were told."""
        async with self._store.read() as tx:
            found = await latest_versions(tx, self._now() - _SHOWN_FOR)
            told = await count_told(tx, [each.incident.id for each in found])
        return [{**each.as_json(), "told": told.get(each.incident.id, 0)} for each in found]

    def _check_texts(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        """Everybody reads an incident: it follows the rules of articles. Raises BadInput."""
        rules = Rules(self._content().facts)
        for name, text in texts.items():
            for locale in ("zh", "en"):
                problems = rules.forbidden_problems(text[locale], locale, f"{name}.{locale}")
                if problems:
                    listed = [each.as_json() for each in problems]
                    raise BadInput("content_refused", problems[0].zh, problems[0].en, problems=listed)

    def _check_intents(self, intents: tuple[str, ...]) -> None:
        unknown = [name for name in intents if name not in self._content().names["intents"]]
        if unknown:
            raise BadInput(
                "unknown_intent", f"没有这个主题：{unknown[0]}。", f"There is no intent {unknown[0]}.", field="intents"
            )


def _check_is_supervisor(agent: Agent) -> None:
    if agent.role != "supervisor":
        zh, en = "只有主管能发布故障公告。", "Only supervisors announce incidents."
        raise NotAllowed("not_permitted", zh, en, status=403)
