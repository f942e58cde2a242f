"""Asks the bot (docs/contracts.md, "Bot channel")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from handoff.domain.conversation import PRIORITY_RANK

_ROUTES = ("answer", "escalate", "feedback", "chat", "reject", "clarify")
_PRIORITIES = tuple(PRIORITY_RANK)


class BotError(Exception):
    """The bot did not answer as the contract says; `code` is for the log and the agents."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class BotReply:
    """What the bot says and what it decided."""

    messages: list[dict[str, Any]]
    decision: dict[str, Any]


class BotClient:
    """Spreads turns over the bots, skipping in a turn those that cannot be reached."""

    def __init__(self, urls: list[str], token: str, http: httpx.AsyncClient) -> None:
        self._urls, self._http, self._next = urls, http, 0
        self._headers = {"Authorization": f"Bearer {token}"}

    async def turn(self, body: dict[str, Any]) -> BotReply:
        """One turn. Raises BotError; the caller sets the deadline by cancelling."""
        self._next = (self._next + 1) % len(self._urls)
        error = BotError("bot_unreachable")
        for url in self._urls[self._next :] + self._urls[: self._next]:
            try:
                answer = await self._http.post(f"{url}/webhooks/desk/webhook", json=body, headers=self._headers)
            except httpx.TransportError:
                continue
            try:
                return _read(answer)
            except BotError as failed:
                error = failed
        raise error

    async def ping(self) -> bool:
        """Whether at least one bot has a model and answers."""
        for url in self._urls:
            try:
                if (await self._http.get(f"{url}/webhooks/desk/", timeout=2)).status_code == 200:
                    return True
            except httpx.TransportError:
                continue
        return False


def _read(answer: httpx.Response) -> BotReply:
    try:
        body = answer.json()
    except ValueError:
        raise BotError("bot_spoke_no_json") from None
    if answer.status_code != 200:
        error = body.get("error") if isinstance(body, dict) else None
        raise BotError(
            str(error["code"]) if isinstance(error, dict) and "code" in error else f"bot_status_{answer.status_code}"
        )
    decision, messages = (body.get("decision"), body.get("messages")) if isinstance(body, dict) else (None, None)
    if not isinstance(decision, dict) or not isinstance(messages, list):
        raise BotError("bot_broke_contract")
    route = decision.get("route")
    if route not in _ROUTES or not all(isinstance(message, dict) and _has_buttons(message) for message in messages):
        raise BotError("bot_broke_contract")
    if route == "escalate":
        reason = decision.get("reason")
        if not isinstance(reason, str) or not reason or decision.get("priority") not in _PRIORITIES:
            raise BotError("bot_broke_contract")
    elif not messages or not all(isinstance(message.get("text"), str) and message["text"].strip() for message in messages):
        raise BotError("bot_said_nothing")
    return BotReply(messages, decision)


def _has_buttons(message: dict[str, Any]) -> bool:
    buttons = message.get("buttons") or []
    return isinstance(buttons, list) and all(
        isinstance(button, dict) and isinstance(button.get("choice"), str) and isinstance(button.get("label"), str)
        for button in buttons
    )
