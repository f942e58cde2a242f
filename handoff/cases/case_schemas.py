"""The bodies of requests about cases and promises."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from handoff.runtime.schemas import Body, Id, Text


class OpenCase(Body):
    """`POST /api/cases`. `message_seq`: the customer's message from which the case counts; without it their first."""

    conversation_id: Id
    reason: Id
    message_seq: Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)] | None = None


class AddFact(Body):
    """`POST /api/cases/{id}/facts`."""

    name: Id
    value: Text


class AddStep(Body):
    """`POST /api/cases/{id}/steps`."""

    step: Id
    note: Text | None = None


class PauseClock(Body):
    """`POST /api/cases/{id}/pause`, `.../resume`."""

    duty: Id
    clock: Id
    why: Text


class Extend(Body):
    """`POST /api/cases/{id}/extend`. `words`: the holding reply to the customer, where the duty wants one."""

    duty: Id
    clock: Id
    extension: Id
    why: Text
    words: Text | None = None


class Decide(Body):
    """`POST /api/cases/{id}/decide`. `decision`: one of `duties.decisions` in data/desk.yml."""

    decision: Id
    reasons: Text


class LinkCase(Body):
    """`POST /api/cases/{id}/link`. `same`: the other case is the same matter."""

    case: Id
    same: bool = False


class CloseCase(Body):
    """`POST /api/cases/{id}/close`."""

    why: Text


CaseState = Literal["open", "closed"]
Due = Literal["near", "breached"]


class KeepPromise(Body):
    """`POST /api/conversations/{id}/promises/{promise_id}/keep`."""

    note: Text | None = None


class WithdrawPromise(Body):
    """`POST .../withdraw`. `words`: what the customer reads."""

    words: Text
