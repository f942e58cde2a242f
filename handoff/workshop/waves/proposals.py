"""A floor pattern against a wave: proposed by one person, checked like every publication, put live by another at once.

The pattern goes on top of what is live, not on top of the editors' draft: nothing half finished goes live with it. It goes into
the working copy, too, so that the next publication keeps it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from content.editing.policy_values import check_file, set_field, value_of
from content.packages import live_pointer
from content.snapshots import SnapshotError, take_snapshot, unpack_snapshot
from content.sources import ContentError
from content.triage_policy import FILE as TRIAGE
from handoff.accounts.agents import Agent
from handoff.runtime.errors import BadInput, Conflict, Unavailable
from handoff.runtime.transaction import Store, Transaction
from handoff.workshop.jobs.desk import JobDesk
from handoff.workshop.publications.desk import PublicationDesk
from handoff.workshop.waves import counting
from handoff.workshop.waves import store as rows
from handoff.workshop.waves.desk import WaveDesk, find
from handoff.workshop.waves.store import Wave
from handoff.workshop.waves.watch import OTHERS
from handoff.workshop.workbench import Workbench
from language.normalization import normalize

logger = structlog.get_logger(__name__)

_LONGEST = 300
#: A pattern that takes longer over some thousand messages would delay every turn of the bot.
_COUNT_SECONDS = 5.0
#: The share of other messages that a pattern may match: they all go to a person.
_WIDEST = 0.05
#: The incident that a wave's pattern names if nobody chooses another and no message was understood as one.
_USUAL_INTENT = "scam_report"


class WaveProposals:
    """The use cases of patterns against waves. `models`: the folder with snapshots and what is live."""

    def __init__(
        self,
        store: Store,
        waves: WaveDesk,
        workbench: Workbench,
        jobs: JobDesk,
        publications: PublicationDesk,
        models: Path,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store, self._waves, self._workbench, self._now = store, waves, workbench, now
        self._jobs, self._publications, self._models = jobs, publications, models

    async def listed(self) -> dict[str, Any]:
        """The waves, with how the checks of their proposals stand, and the incidents that a pattern may name."""
        found = await self._waves.listed()
        for wave in found["waves"]:
            if wave["proposal"] is not None:
                wave["proposal"] = await self._with_check(wave["proposal"])
        return {**found, "intents": await self._workbench.read(self._incidents, TRIAGE)}

    async def propose(self, agent: Agent, wave_id: str, pattern: str, intent: str | None) -> dict[str, Any]:
        """Put a pattern into the working copy and have it checked on top of what is live. Another proposal replaces it.

        Raises NotFound, BadInput `bad_pattern`, Conflict, and what `Workbench.save` raises.
        """
        async with self._store.begin() as tx:
            wave = _undecided(await find(tx, wave_id))
            pattern, effect = pattern.strip(), await self._effect(tx, wave, pattern.strip())
            near = [each["intent"] for each in (await self._waves.as_json(tx, wave))["near_intents"]]
        incidents = await self._workbench.read(self._incidents, TRIAGE)
        chosen = intent or next((each for each in near if each in incidents), _USUAL_INTENT)
        if chosen not in incidents:
            raise BadInput("bad_pattern", "没有这种紧急情况的规则。", "The floor has no such incident.", intents=incidents)
        earlier = wave.data.get("proposal")
        await self._change_draft(agent, earlier, (chosen, pattern))
        revision = await asyncio.to_thread(self._snapshot, chosen, pattern)
        live = await asyncio.to_thread(live_pointer, self._models)
        job = await self._jobs.queue(
            "check", {"data_revision": revision}, agent, f"{revision}/{live.package if live else None}"
        )
        proposal = {
            "pattern": pattern,
            "intent": chosen,
            "by": agent.login,
            "by_name": agent.name,
            "at": self._now().isoformat(),
            "job": job.id,
            "effect": effect,
        }
        async with self._store.begin() as tx:
            wave = _undecided(await find(tx, wave_id))
            wave = self._moved(wave, "proposed", agent, proposal)
            await rows.save_wave(tx, wave)
            shown = await self._waves.as_json(tx, wave)
        logger.info("waves.proposed", wave=wave.id, by=agent.login, job=job.id)
        return {**shown, "proposal": await self._with_check(proposal)}

    async def approve(self, agent: Agent, wave_id: str) -> dict[str, Any]:
        """A second person puts the proposed pattern live; again: nothing changes. Raises NotFound, Conflict."""
        async with self._store.begin() as tx:
            wave = await find(tx, wave_id)
            if wave.state == "live":
                return await self._waves.as_json(tx, wave)
            proposal = wave.data.get("proposal")
            if wave.state != "proposed" or proposal is None:
                raise Conflict("nothing_proposed", "还没有人提出规则。", "Nobody has proposed a pattern yet.")
            if proposal["by"] == agent.login:
                zh, en = "提出的人不能自己批准，请另一位同事批准。", "Somebody else must approve it."
                raise Conflict("second_person_needed", zh, en)
        why = f"集中来询的规则：{proposal['pattern']}"
        first = replace(agent, login=proposal["by"], name=proposal["by_name"])
        done = await self._publications.publish(first, proposal["job"], why, None)
        if "proposal" in done:
            done = {"job": (await self._publications.approve(agent, done["proposal"], why)).id}
        async with self._store.begin() as tx:
            wave = await find(tx, wave_id)
            second = {"second": agent.login, "second_name": agent.name, "publish_job": done["job"]}
            wave = self._moved(wave, "live", agent, {**proposal, **second})
            await rows.save_wave(tx, wave)
            shown = await self._waves.as_json(tx, wave)
        logger.info("waves.approved", wave=wave.id, by=proposal["by"], second=agent.login, job=done["job"])
        return shown

    async def dismiss(self, agent: Agent, wave_id: str) -> dict[str, Any]:
        """Nothing is to be done. A pattern that was proposed leaves the working copy. Raises NotFound, Conflict."""
        async with self._store.begin() as tx:
            wave = await find(tx, wave_id)
        if wave.state == "proposed":
            await self._change_draft(agent, wave.data.get("proposal"), None)
        return await self._waves.dismiss(agent, wave_id)

    # --- inside ----------------------------------------------------------------------------------------------------------

    def _moved(self, wave: Wave, state: str, agent: Agent, proposal: dict[str, Any]) -> Wave:
        data = {**wave.data, "proposal": proposal}
        return replace(wave, state=state, state_by=agent.login, state_at=self._now(), data=data)

    async def _with_check(self, proposal: dict[str, Any]) -> dict[str, Any]:
        """The proposal with the state of its check, and with gate and shadow when it is done."""
        job = await self._jobs.job(proposal["job"])
        result = job.result or {}
        return {**proposal, "check": job.as_json(), "gate": result.get("gate"), "shadow": result.get("shadow")}

    def _incidents(self) -> list[str]:
        text = (self._workbench.files.read(TRIAGE) or b"").decode("utf-8")
        return [each["intent"] for each in value_of(text, "floor.incidents") or ()]

    async def _effect(self, tx: Transaction, wave: Wave, pattern: str) -> dict[str, int]:
        """What a pattern matches of the wave and of other messages. Raises BadInput."""
        _check_pattern(pattern)
        texts = [normalize(text.text) for text in await rows.texts_of(tx, wave.members)]
        others = [normalize(text) for text in await rows.other_texts(tx, wave.members, OTHERS)]
        covers, elsewhere = await _counts(pattern, [texts, others])
        effect = {"covers": covers, "of": len(texts), "others": elsewhere, "others_of": len(others)}
        if not covers:
            raise BadInput("bad_pattern", "这条规则没有命中这批消息。", "The pattern matches no message of the wave.", **effect)
        if elsewhere > _WIDEST * len(others):
            zh, en = "这条规则太宽：平常的消息也会转人工。", "The pattern is too wide: usual messages would go to a person."
            raise BadInput("bad_pattern", zh, en, **effect)
        return effect

    async def _change_draft(self, agent: Agent, earlier: dict[str, Any] | None, new: tuple[str, str] | None) -> None:
        """Take an earlier proposal's pattern out of the working copy, and put a new one in."""
        changes: list[tuple[str, Callable[[list[str]], list[str]]]] = []
        if earlier is not None:
            old = earlier["pattern"]
            # The last pattern of an incident stays: an incident without patterns is none.
            changes.append((earlier["intent"], lambda listed: [each for each in listed if each != old] or listed))
        if new is not None:
            changes.append((new[0], lambda listed: listed if new[1] in listed else [*listed, new[1]]))
        for intent, change in changes:
            await self._change_patterns(agent, _field(intent), change)

    async def _change_patterns(self, agent: Agent, field: str, change: Callable[[list[str]], list[str]]) -> None:
        _, revision = await asyncio.to_thread(self._workbench.files.show, TRIAGE)

        def changed(text: str | None) -> str:
            after = set_field(text or "", field, change(value_of(text, field)))
            check_file(self._workbench.files.folder, TRIAGE, after)
            return after

        await self._workbench.save(agent, "policy", TRIAGE, field, revision, lambda text: value_of(text, field), changed)

    def _snapshot(self, intent: str, pattern: str) -> str:
        """The data revision of what is live with the pattern added. Raises Unavailable."""
        live = live_pointer(self._models)
        try:
            if live is None or live.data_revision is None:
                return take_snapshot(self._workbench.files.folder, self._models)
            with tempfile.TemporaryDirectory() as folder:
                data = unpack_snapshot(self._models, live.data_revision, Path(folder) / "data")
                path = data / TRIAGE
                text, field = path.read_text(encoding="utf-8"), _field(intent)
                listed = value_of(text, field)
                path.write_text(
                    set_field(text, field, [*listed, pattern] if pattern not in listed else listed), encoding="utf-8"
                )
                return take_snapshot(data, self._models)
        except (SnapshotError, ContentError, KeyError) as error:
            zh = getattr(error, "zh", "线上内容的快照不完整，无法在它上面加规则。")
            en = getattr(error, "en", "The snapshot of what is live is not complete: the pattern cannot be put on top of it.")
            raise Unavailable("snapshot_not_taken", zh, en) from error


def _field(intent: str) -> str:
    return f"floor.incidents.{intent}.patterns"


def _undecided(wave: Wave) -> Wave:
    if wave.state == "live":
        raise Conflict("wave_is_live", "对应的规则已经上线。", "The pattern for this wave is live.")
    return wave


def _check_pattern(pattern: str) -> None:
    """Raise BadInput unless it is a regular expression that a person may put on the floor."""
    problem = None
    if not pattern or len(pattern) > _LONGEST or not pattern.isprintable():
        problem = f"请填一行规则，最长 {_LONGEST} 个字。", f"Fill in one line of at most {_LONGEST} characters."
    else:
        try:
            if re.compile(pattern).match(""):
                problem = "这条规则会命中所有消息。", "The pattern matches every message."
        except (re.error, RecursionError, OverflowError) as error:
            problem = "规则写法不对，请检查括号和符号。", f"Not a regular expression: {error}."
    if problem is not None:
        raise BadInput("bad_pattern", *problem)


async def _counts(pattern: str, texts: list[list[str]]) -> list[int]:
    """How many of each list match. Raises BadInput for a pattern that takes too long."""
    request = json.dumps({"pattern": pattern, "texts": texts}).encode()
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(counting.__file__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_COUNT_SECONDS):
            answer, _ = await child.communicate(request)
    except TimeoutError:
        zh, en = "这条规则算得太慢，会拖慢机器人，请写简单一些。", "The pattern is too slow: write a simpler one."
        raise BadInput("bad_pattern", zh, en) from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    counts: list[int] = json.loads(answer)
    return counts
