"""What stands in a proof pack: the case, its transcript, decisions, clocks, actions, accesses and pictures, as files. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.bundle import DeskContent
from handoff.cases.attachments.store import StoredPicture
from handoff.cases.case_json import case_json
from handoff.cases.incidents.incident import Incident
from handoff.conversations.care.case_values import CaseFile
from handoff.conversations.care.proofs import ProofMade
from handoff.conversations.events import Event, Message, Triage
from handoff.conversations.state import Conversation
from handoff.proof_pack.hash_tree import MANIFEST, canonical, digest, manifest_of

_VERIFIER = Path(__file__).with_name("verifier.html")
_SUFFIXES = {"image/png": "png", "image/jpeg": "jpg"}
_SPEAKERS = {"customer": "客户 Customer", "bot": "机器人 Bot", "agent": "客服 Agent", "system": "系统 System"}
#: Entries of the transcript: what the customer could read, and who had the conversation. Agents' notes are not in the pack.
_FOR_PACK = (
    "message attached handoff_requested priority_raised assigned transferred returned cancelled cancel_undone resolved "
    "resolution_undone reopened rated language_changed identified assurance_changed incident_over"
).split()
#: Who looked at what they needed a reason for.
_ACCESSES = ("accessed", "unmasked")
_PRIVATE = ("note",)
Json = dict[str, Any]


@dataclass(frozen=True)
class Sources:
    """What a pack is made of. `events`: the whole log. `incidents`: the versions that it names. `replay`: see `replay.py`."""

    conversation: Conversation
    case: CaseFile
    events: Sequence[Event]
    pictures: Sequence[StoredPicture]
    incidents: Mapping[tuple[str, int], Incident]
    replay: Json
    content: DeskContent


@dataclass(frozen=True)
class Pack:
    """The files by path, the manifest included, and the root over them."""

    case_id: str
    files: Mapping[str, bytes]
    root: str


def make_pack(sources: Sources) -> Pack:
    """The pack. The same log and the same content make the same bytes: packs that were made before are not in it."""
    events = [event for event in sources.events if not isinstance(event.body, ProofMade)]
    as_of = events[-1].at
    case = case_json(sources.conversation, sources.case, events, sources.content, as_of)
    shown = [event.as_json(for_customer=False) for event in events if event.type in _FOR_PACK]
    care_types = [event for event in events if event.type.startswith(("first_aid", "case_", "promise_", "intake_"))]
    files: dict[str, bytes] = {
        "case.json": canonical(case),
        "transcript.json": canonical([{k: v for k, v in entry.items() if k not in _PRIVATE} for entry in shown]),
        "transcript.txt": _transcript(events).encode("utf-8"),
        "decisions.json": canonical([_decision(event, event.body) for event in events if isinstance(event.body, Triage)]),
        "replay.json": canonical(sources.replay),
        "clocks.json": canonical({"as_of": as_of.isoformat(), "clocks": case["clocks"], "promises": case["promises"]}),
        "look-ups.json": canonical(_look_ups(events)),
        "actions.json": canonical([event.as_json(for_customer=False) for event in care_types]),
        "accesses.json": canonical([each.as_json(for_customer=False) for each in events if each.type in _ACCESSES]),
        "incidents.json": canonical([sources.incidents[key].as_json() for key in sorted(sources.incidents)]),
        "pictures.json": canonical(_pictures(sources)),
        "verify.html": _VERIFIER.read_bytes(),
    }
    for picture in sources.pictures:
        files[_path_of(picture)] = picture.body
    head = {
        "case": sources.case.id,
        "conversation": sources.conversation.id,
        "as_of": as_of.isoformat(),
        "last_seq": events[-1].seq,
        "content": sources.content.revision,
    }
    manifest = manifest_of(head, files)
    return Pack(sources.case.id, {**files, MANIFEST: canonical(manifest)}, manifest["root"])


def _transcript(events: Sequence[Event]) -> str:
    """The words, one entry after the other, for people; masked, as the log holds them."""
    lines = []
    for event in events:
        if isinstance(event.body, Message):
            who = _SPEAKERS.get(event.by.kind, event.by.kind) + (f" {event.by.name}" if event.by.name else "")
            article = event.body.article
            source = f" [{article.get('id')} {article.get('revision')}]" if article else ""
            lines.append(f"{event.seq}  {_time(event.at)}  {who}{source}\n{event.body.text}\n")
    return "\n".join(lines)


def _time(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _decision(event: Event, triage: Triage) -> Json:
    """The decision as it was logged: with the model, the policy, and the revisions of content and article."""
    return {
        "seq": event.seq,
        "at": event.at.isoformat(),
        "turn_id": triage.turn_id,
        "message_seq": triage.message_seq,
        "silent": triage.silent,
        "decision": triage.decision,
    }


def _look_ups(events: Sequence[Event]) -> list[Json]:
    """What was looked up in the wallet for an answer, with the assurance that allowed it."""
    return [
        {"seq": event.seq, "at": event.at.isoformat(), "lookup": event.body.decision["lookup"]}
        for event in events
        if isinstance(event.body, Triage) and event.body.decision.get("lookup")
    ]


def _pictures(sources: Sources) -> list[Json]:
    """Each picture: what the log says, and whether the stored bytes are still those."""
    stored = {picture.attachment_id: picture for picture in sources.pictures}
    found = []
    for each in sources.conversation.care.attachments:
        picture = stored.get(each.attachment_id)
        is_same = picture is not None and digest(picture.body) == each.sha256
        path = _path_of(picture) if picture is not None else None
        logged = next(event for event in sources.events if event.seq == each.seq)
        found.append({**logged.as_json(for_customer=False), "path": path, "is_as_logged": is_same})
    return found


def _path_of(picture: StoredPicture) -> str:
    return f"pictures/{picture.attachment_id}.{_SUFFIXES[picture.media_type]}"
