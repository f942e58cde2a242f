"""The use cases of publishing: check the draft, publish a checked snapshot or propose it, agree, roll back.

The models folder is the truth about what was published (content/packages.py): the command line publishes, too. The bot's
environment does the work as jobs, because it swaps the models of the bots.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from content.bundle import DeskContent
from content.packages import (
    Package,
    PackageError,
    gate_summary,
    live_pointer,
    missing_parts,
    published_packages,
    read_package,
    shadow_summary,
)
from content.published import Pointer
from content.snapshots import SnapshotError, take_snapshot
from handoff.accounts.agents import Agent
from handoff.runtime.errors import BadInput, Conflict, NotFound, Unavailable
from handoff.runtime.transaction import Store, Transaction
from handoff.workshop.jobs.desk import JobDesk
from handoff.workshop.jobs.job import DONE, QUEUED, Job
from handoff.workshop.publications import proposal as rules
from handoff.workshop.publications import store as proposals
from handoff.workshop.publications.proposal import Proposal

logger = structlog.get_logger(__name__)

_LISTED = 50
#: How far ahead a publication may be scheduled.
_FURTHEST = dt.timedelta(days=60)
_MAX_ID = 2**63 - 1
_NO_LIVE = Pointer(model="", content="", revision="")


class PublicationDesk:
    """Publications, and proposals of publications.

    `data`: the editors' working copy. `missed_rate`: the bound on missed emergencies, for the record of each publication.
    """

    def __init__(
        self,
        store: Store,
        jobs: JobDesk,
        content: Callable[[], DeskContent],
        data: Path,
        models: Path,
        missed_rate: Callable[[Transaction], Awaitable[dict[str, Any] | None]],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store, self._jobs, self._content, self._now = store, jobs, content, now
        self._data, self._models, self._missed_rate = data, models, missed_rate

    # --- checking and publishing ---------------------------------------------------------------------------------------------

    async def check(self, agent: Agent) -> Job:
        """Freeze the working copy and check it. The same draft against the same live version is checked once.

        Raises Unavailable when the snapshot cannot be stored.
        """
        try:
            revision = await asyncio.to_thread(take_snapshot, self._data, self._models)
        except SnapshotError as error:
            raise Unavailable("snapshot_not_taken", error.zh, error.en) from error
        live = await self._live()
        return await self._jobs.queue("check", {"data_revision": revision}, agent, f"{revision}/{live.package}")

    async def publish(self, agent: Agent, check_job: int, why: str, at: dt.datetime | None) -> dict[str, Any]:
        """Publish what a check has passed, at once or at a time, or propose it if a second person must agree.

        `{"job": id}` or `{"proposal": id}`. Raises NotFound, BadInput, Conflict.
        """
        why = _reason(why)
        at = self._time(at)
        report = await self._passed(check_job)
        now = self._now()
        async with self._store.begin() as tx:
            report["missed_rate"] = await self._missed_rate(tx)
            if not self._content().desk.publish.needs_second_person:
                job = await self._queue_publication(tx, agent, agent, None, why, at, report)
                return {"job": job.id}
            same = await proposals.find_open(tx, check_job)
            if same is not None:
                return {"proposal": same.id}
            new = Proposal(0, check_job, report["data_revision"], why, at, agent.login, agent.name, now, report)
            proposal_id = await proposals.add_proposal(tx, new)
        logger.info("publication.proposed", proposal=proposal_id, by=agent.login, data_revision=new.data_revision)
        return {"proposal": proposal_id}

    async def approve(self, agent: Agent, proposal_id: int, why: str) -> Job:
        """A second person agrees: publish. Raises NotFound, Conflict."""
        async with self._store.begin() as tx:
            proposal = rules.approved(await self._lock(tx, proposal_id), agent, why.strip(), self._now())
            await self._check_base(proposal.report)
            first = replace(agent, login=proposal.by, name=proposal.by_name)
            job = await self._queue_publication(tx, agent, first, agent, proposal.why, proposal.at, proposal.report)
            await proposals.save_decision(tx, replace(proposal, job=job.id))
        logger.info("publication.approved", proposal=proposal_id, by=proposal.by, second=agent.login, job=job.id)
        return job

    async def reject(self, agent: Agent, proposal_id: int, why: str) -> None:
        """Somebody rejects a proposal, or the first person withdraws it. Raises NotFound, Conflict."""
        async with self._store.begin() as tx:
            proposal = rules.rejected(await self._lock(tx, proposal_id), agent, why.strip(), self._now())
            await proposals.save_decision(tx, proposal)
        logger.info("publication.rejected", proposal=proposal_id, by=agent.login, state=proposal.state)

    async def roll_back(self, agent: Agent, number: int, why: str) -> Job:
        """Publish an earlier publication again. One person is enough: it must be quick. Raises NotFound, BadInput, Conflict."""
        why = _reason(why)
        live = await self._live()
        if live.package is None or number > live.package:
            raise _unknown(number)
        package, gone = await asyncio.to_thread(self._read, number)
        if (package.data_revision, package.model) == (live.data_revision, live.model):
            raise Conflict("already_live", "这个版本正在线上使用。", "This version is live.")
        if "model" in gone or {"snapshot", "content"} <= set(gone):
            raise Conflict(
                "package_incomplete",
                "这个版本的模型或内容已被清理，不能直接回滚；请运维用快照重新训练后发布。",
                "The model or the content of this version is gone. Ask your operator to train it again from its snapshot.",
                gone=gone,
            )
        who = {"by": agent.login, "by_name": agent.name, "why": why}
        parameters = {"to": number, "base": live.package, "who": who}
        job = await self._jobs.queue("roll_back", parameters, agent, f"{number}/{live.package}")
        logger.info("publication.rolled_back", package=number, base=live.package, by=agent.login, job=job.id)
        return job

    # --- lists ---------------------------------------------------------------------------------------------------------------

    async def proposals(self, reader: Agent) -> dict[str, Any]:
        """The proposals, open ones first, and whether a second person is needed now."""
        async with self._store.read() as tx:
            found = await proposals.recent_proposals(tx, _LISTED)
        needed = self._content().desk.publish.needs_second_person
        return {"proposals": [each.as_json(reader) for each in found], "needs_second_person": needed}

    async def publications(self) -> dict[str, Any]:
        """The publications, the newest first, and those that are scheduled."""
        listed = await asyncio.to_thread(self._list)
        jobs = (await self._jobs.newest("publish"))[:_LISTED]
        scheduled = [
            {"job": job.id, "at": job.due_at.isoformat(), **job.parameters["who"]}
            for job in jobs
            if job.state == QUEUED and job.due_at > self._now()
        ]
        return {"publications": listed, "scheduled": scheduled}

    def _list(self) -> list[dict[str, Any]]:
        live = live_pointer(self._models)
        number = None if live is None else live.package
        found = published_packages(self._models)[:_LISTED]
        present = next((each.version for each in found if each.number == number), None)
        return [_as_json(each, missing_parts(each, self._models), number, present) for each in found]

    # --- inside --------------------------------------------------------------------------------------------------------------

    def _read(self, number: int) -> tuple[Package, list[str]]:
        try:
            package = read_package(self._models, number)
        except PackageError as error:
            if error.code == "damaged_package":
                raise Conflict("package_incomplete", error.zh, error.en, gone=["record"]) from error
            raise _unknown(number) from error
        return package, missing_parts(package, self._models)

    async def _live(self) -> Pointer:
        return await asyncio.to_thread(live_pointer, self._models) or _NO_LIVE

    async def _passed(self, check_job: int) -> dict[str, Any]:
        """What a check found, for the record and the second person. Raises NotFound; Conflict unless it may be published."""
        job = await self._jobs.job(check_job)
        if job.kind != "check" or job.state != DONE or job.result is None:
            raise Conflict("check_not_done", "检查还没有完成，请先等检查通过。", "The check is not done yet.", state=job.state)
        result = job.result
        if result["gate"]["verdict"] != "pass":
            raise Conflict(
                "gate_refused",
                "发布检查没有通过，请先处理列出的问题。",
                "The gate refuses this draft. Fix what it lists.",
            )
        report = {
            "data_revision": result["data_revision"],
            "model": result["model"],
            "live": result["live"],
            "gate": gate_summary(result["gate"]),
            "shadow": shadow_summary(result["shadow"]),
            "check_job": check_job,
        }
        await self._check_base(report)
        return report

    async def _check_base(self, report: Any) -> None:
        """Raises Conflict when something was published since the check, or there is nothing to publish."""
        live = await self._live()
        if [live.package, live.data_revision] != list(report["live"]):
            raise Conflict(
                "live_changed",
                "检查之后线上内容已变化（有人发布或回滚过），请重新检查后再发布。",
                "What is live has changed since the check. Check the draft again, then publish it.",
            )
        if (live.data_revision, live.model) == (report["data_revision"], report["model"]):
            raise Conflict("nothing_to_publish", "草稿和线上内容一样，没有可发布的修改。", "The draft is what is live.")

    async def _queue_publication(
        self,
        tx: Transaction,
        agent: Agent,
        first: Agent,
        second: Agent | None,
        why: str,
        at: dt.datetime | None,
        report: Any,
    ) -> Job:
        who = {"by": first.login, "by_name": first.name, "why": why}
        if second is not None:
            who |= {"second": second.login, "second_name": second.name}
        reports = {name: report.get(name) for name in ("gate", "shadow", "missed_rate", "check_job")}
        parameters = {
            "data_revision": report["data_revision"],
            "model": report["model"],
            "base": list(report["live"]),
            "who": who,
            "reports": reports,
        }
        key = f"{report['data_revision']}/{report['live'][0]}"
        job = await self._jobs.queue_in(tx, "publish", parameters, agent, key, at)
        logger.info("publication.queued", job=job.id, by=first.login, data_revision=report["data_revision"])
        return job

    @staticmethod
    async def _lock(tx: Transaction, proposal_id: int) -> Proposal:
        found = await proposals.lock_proposal(tx, proposal_id) if 0 < proposal_id <= _MAX_ID else None
        if found is None:
            raise NotFound("unknown_proposal", "没有这个提议。", "There is no such proposal.")
        return found

    def _time(self, at: dt.datetime | None) -> dt.datetime | None:
        if at is None:
            return None
        if at.tzinfo is None or at > self._now() + _FURTHEST:
            message = "发布时间不正确：请写明时区，并在 60 天以内。", "The time needs a time zone, within 60 days."
            raise BadInput("bad_time", *message, field="at")
        return max(at, self._now())


def _reason(why: str) -> str:
    why = why.strip()
    if not why:
        raise BadInput("bad_reason", "请写明原因。", "Give a reason.", field="why")
    return why


def _unknown(number: int) -> NotFound:
    return NotFound("unknown_package", f"没有第 {number} 次发布。", f"There is no publication {number}.")


def _as_json(package: Package, gone: list[str], live: int | None, present: tuple[str, str] | None) -> dict[str, Any]:
    can_roll_back = package.version != present and "model" not in gone and not {"snapshot", "content"} <= set(gone)
    return {
        "id": package.number,
        "data_revision": package.data_revision,
        "model": package.model,
        "who": package.by,
        "who_name": package.by_name or package.by,
        "second": package.second,
        "second_name": package.second_name or package.second,
        "why": package.why,
        "when": package.at,
        "is_live": package.number == live,
        "rolled_back_from": package.base if package.rolled_back_to is not None else None,
        "rolled_back_to": package.rolled_back_to,
        "gate": package.gate,
        "shadow": package.shadow,
        "missed_rate": package.missed_rate,
        "check_job": package.check_job,
        "gone": gone,
        "can_roll_back": can_roll_back,
    }
