"""Asks the desk for a handoff (`POST /api/handoffs`)."""

from __future__ import annotations

import asyncio
from typing import Any, Dict, Mapping

import requests

#: Seconds to connect, and to wait for an answer. The turn goes on without it: a slow desk must not use up the turn's time.
TIMEOUTS = (1.0, 3.0)


class HandoffError(Exception):
    """The desk did not accept the handoff. The decision stays in the reply."""


class HandoffClient:
    """Calls one desk with the service token; idempotent by the turn's id."""

    def __init__(self, desk_url: str, token: str) -> None:
        self._url = desk_url.rstrip("/") + "/api/handoffs"
        self._session = requests.Session()
        self._session.headers.update({"Authorization": f"Bearer {token}"})
        self._session.trust_env = False  # the desk is on this machine or network, and never behind a proxy

    def _post(self, body: Mapping[str, Any]) -> Dict[str, Any]:
        try:
            answer = self._session.post(self._url, json=body, timeout=TIMEOUTS)
        except requests.RequestException as error:
            raise HandoffError(f"desk unreachable: {type(error).__name__}") from error
        if answer.status_code >= 400:
            raise HandoffError(f"desk answered {answer.status_code}")
        try:
            return dict(answer.json())
        except (TypeError, ValueError) as error:
            raise HandoffError("what answered is not the desk: no JSON object") from error

    async def request_handoff(self, conversation_id: str, turn_id: str, decision: Mapping[str, Any]) -> Dict[str, Any]:
        """Ask for a person, off the event loop. Raises HandoffError; asking again with the same turn changes nothing."""
        body = {"conversation_id": conversation_id, "turn_id": turn_id, "decision": dict(decision)}
        return await asyncio.get_running_loop().run_in_executor(None, self._post, body)
