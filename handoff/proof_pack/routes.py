"""`POST /api/cases/{id}/proof` (docs/contracts.md)."""

from __future__ import annotations

import asyncio
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from handoff.accounts.security import ConversationAgent
from handoff.proof_pack.archive import as_zip
from handoff.proof_pack.desk import ProofDesk

router = APIRouter(prefix="/api/cases")


class ProofServices(Protocol):
    """Everything that the route may use."""

    @property
    def proofs_of_cases(self) -> ProofDesk:
        """Makes proof packs."""


async def _services(request: Request) -> ProofServices:
    services: ProofServices = request.app.state.services
    return services


@router.post("/{case_id}/proof")
async def prove(case_id: str, agent: ConversationAgent, services: Annotated[ProofServices, Depends(_services)]) -> Response:
    """The proof pack as a zip file; the header `X-Proof-Root` has its root, which the log of the case has, too."""
    pack = await services.proofs_of_cases.make(agent, case_id)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="proof-{pack.case_id}.zip"',
        "X-Proof-Root": pack.root,
    }
    return Response(await asyncio.to_thread(as_zip, pack.files), media_type="application/zip", headers=headers)
