"""Faults that can be switched on: a wallet that is slow, fails before or after it acted, or answers what no wallet should.

The state is of the process: a restart ends all faults.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Literal

from fastapi import Request, Response
from fastapi.responses import JSONResponse, RedirectResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.middleware.base import RequestResponseEndpoint

from scripts.sample_wallet.seed import FAILING_CUSTOMER, SLOW_CUSTOMER

#: A count that never runs out.
ALWAYS = -1
#: How long the slow customer's answers take.
SLOW_SECONDS = 2.0
_HUGE_BYTES, _PIECE = 10 * 1024 * 1024, b" " * 65_536
#: Longer than any client waits.
_NEVER_SECONDS = 3600.0
FAILED = {"error": {"code": "internal", "message": "a fault of the sample wallet"}}

Answer = Literal["nonsense", "html", "array", "nan", "deep", "huge", "never", "drip", "redirect", "other_subject", "empty"]


class Faults(BaseModel):
    """What is switched on. All fields together apply to the routes of customers, of `subject` only if it is given.

    `latency_ms`: added to every answer. `fail_before`: so many next actions fail with 500 and are not done. `fail_after`: so
    many next actions are done and then fail with 500. `never_after`: so many next actions are done and then not answered. -1:
    until it is switched off. `status`: every answer is an error with this status. `answer`: what is answered instead.
    """

    model_config = ConfigDict(extra="forbid")

    latency_ms: int = Field(default=0, ge=0, le=60_000)
    fail_before: int = Field(default=0, ge=ALWAYS)
    fail_after: int = Field(default=0, ge=ALWAYS)
    never_after: int = Field(default=0, ge=ALWAYS)
    status: int | None = Field(default=None, ge=400, le=599)
    answer: Answer | None = None
    subject: str | None = None


class FaultSwitch:
    """The faults that are on now."""

    def __init__(self) -> None:
        self.now = Faults()

    def _takes(self, name: str) -> bool:
        """Whether the next action meets a fault that is counted; counts it down."""
        left: int = getattr(self.now, name)
        if left > 0:
            setattr(self.now, name, left - 1)
        return left != 0

    async def apply(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """A middleware: let a request meet the faults."""
        parts = request.url.path.split("/")
        if parts[:3] != ["", "v1", "customers"]:
            return await call_next(request)
        subject, acts = parts[3] if len(parts) > 3 else "", request.method == "POST"
        if subject == SLOW_CUSTOMER:
            await asyncio.sleep(SLOW_SECONDS)
        if subject == FAILING_CUSTOMER:
            return JSONResponse(FAILED, 500)
        if self.now.subject not in (None, subject):
            return await call_next(request)
        await asyncio.sleep(self.now.latency_ms / 1000)
        if self.now.status is not None:
            return JSONResponse(FAILED, self.now.status)
        if acts and self._takes("fail_before"):
            return JSONResponse(FAILED, 500)
        answer = await call_next(request)
        if acts and self._takes("fail_after"):
            return JSONResponse(FAILED, 500)
        if acts and self._takes("never_after"):
            await asyncio.sleep(_NEVER_SECONDS)
        return answer if self.now.answer is None else await _instead(self.now.answer, request, answer)


async def _instead(kind: Answer, request: Request, answer: Response) -> Response:
    """What a wallet should never answer."""
    if kind == "never":
        await asyncio.sleep(_NEVER_SECONDS)
    if kind == "huge":
        return StreamingResponse(_huge(), media_type="application/json")
    if kind == "drip":
        return StreamingResponse(_drip(), media_type="application/json")
    if kind == "redirect":
        return RedirectResponse(f"{request.url.path}/elsewhere", 307)
    if kind == "other_subject":
        body = b"".join([part async for part in answer.body_iterator])  # type: ignore[attr-defined]
        return Response(body.replace(b'"subject":"', b'"subject":"x-'), answer.status_code, media_type="application/json")
    return Response(_BODIES[kind], media_type="text/html" if kind == "html" else "application/json")


_BODIES: dict[str, Any] = {
    "nonsense": '{"standing": 7, "transactions": {"id": null}, "refunds": "x", "state": "perhaps", "subject": ["?"]}',
    "html": "<html><body>Bad gateway</body></html>",
    "array": "[1, 2, 3]",
    "nan": '{"points": NaN, "amount": Infinity}',
    "deep": "[" * 100_000,
    "empty": "",
}


async def _huge() -> AsyncIterator[bytes]:
    for _ in range(_HUGE_BYTES // len(_PIECE)):
        yield _PIECE


async def _drip() -> AsyncIterator[bytes]:
    """One byte at a time, for longer than anybody waits: no single read is late."""
    for _ in range(int(_NEVER_SECONDS)):
        yield b" "
        await asyncio.sleep(0.5)
