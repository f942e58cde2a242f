"""Text messages (SMS) to customers, through the operator's gateway."""

from __future__ import annotations

import aiohttp
import structlog

from handoff.runtime.errors import Unavailable

logger = structlog.get_logger(__name__)

_TIMEOUT = aiohttp.ClientTimeout(total=5, connect=2)


class TextMessages:
    """Sends texts by `POST url` with `{"to": "+86...", "text": ...}` and the key as bearer token. Any 2xx answer is success."""

    def __init__(self, url: str, key: str, http: aiohttp.ClientSession) -> None:
        """`url`: empty without a gateway."""
        self._url, self._key, self._http = url, key, http

    @property
    def is_connected(self) -> bool:
        """Whether there is a gateway."""
        return bool(self._url)

    async def send(self, phone: str, text: str) -> None:
        """Send one text. It is never sent twice: the customer would pay for a retry with confusion. Raises Unavailable."""
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        body = {"to": phone, "text": text}
        try:
            async with self._http.post(
                self._url, json=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                why = None if 200 <= answer.status < 300 else f"status {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            why = type(error).__name__
        if why is not None:
            logger.error("callback.code_not_sent", why=why)
            raise callback_unavailable()


def callback_unavailable() -> Unavailable:
    """The refusal while no code can be sent."""
    return Unavailable(
        "callback_unavailable",
        "现在不能预约回访，请直接拨打客服电话，或在这里等候人工客服。",
        "Call-backs cannot be booked right now. Please call the hotline, or wait here for an agent.",
    )
