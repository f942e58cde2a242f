"""Arithmetic of the limits of addresses, conversations and sign-ins.

Rates follow the generic cell rate algorithm (GCRA, ITU-T I.371): one number per key, `until`, the time at which all past
requests are paid off (seconds since the epoch). A request costs `Rate.cost` seconds. It is refused when it would move
`until` more than `Rate.room` seconds ahead of now.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Protocol

from content.desk_file import Limits, RequestRate


@dataclass(frozen=True)
class Rate:
    """`at_once` requests at the same time, and `per_minute` in the long run."""

    at_once: int
    per_minute: float

    @property
    def cost(self) -> float:
        """Seconds that one request takes to be paid off."""
        return 60.0 / self.per_minute

    @property
    def room(self) -> float:
        """Seconds by which `until` may be ahead of now."""
        return self.at_once * self.cost

    def wait(self, until: float, now: float) -> float:
        """Seconds until one more request is allowed; 0 if it is allowed now."""
        # A difference of a thousandth of a request is rounding: times in seconds since 1970 have six decimals.
        wait = max(until, now) + self.cost - self.room - now
        return wait if wait > self.cost / 1000 else 0.0

    def is_half_used(self, until: float, now: float) -> bool:
        """Whether one more request would use more than half of what is allowed at once."""
        return until + self.cost - now > self.room / 2


@dataclass(frozen=True)
class BackOff:
    """Failed sign-ins: `at_once` of them are free; each further one doubles the pause, from 1 s up to `longest_seconds`."""

    at_once: int
    longest_seconds: float

    #: Seconds without an attempt after which the failures are forgotten.
    forgotten_after_seconds = 3600.0

    def pause(self, failures: int) -> float:
        """Seconds until the next attempt, after this many failures in a row."""
        if failures < self.at_once:
            return 0.0
        return float(min(2.0 ** min(failures - self.at_once, 60), self.longest_seconds))


@dataclass(frozen=True)
class Failures:
    """Failed sign-ins of one login from one address: how many in a row, and until when (epoch seconds) it is blocked."""

    count: int = 0
    until: float = 0.0

    def attempt(self, back_off: BackOff, now: float) -> tuple[float, Failures]:
        """Seconds to wait (0: the attempt is allowed), and the failures if this attempt fails too.

        An attempt counts as failed from its start, so that many parallel attempts do not all pass the check.
        """
        if self.until > now:
            return self.until - now, self
        count = 1 if self.until + back_off.forgotten_after_seconds < now else self.count + 1
        return 0.0, Failures(count, now + back_off.pause(count))


@dataclass(frozen=True)
class AddressLimits:
    """Limits of one address. `streams`: the number open at the same time."""

    conversations: Rate
    handoffs: Rate
    messages: Rate
    sign_ins: Rate
    streams: int
    attachments: Rate
    identities: Rate
    wrong_codes: Rate
    codes_sent: Rate


@dataclass(frozen=True)
class ConversationLimits:
    """Limits of one conversation."""

    messages: Rate
    streams: int
    attachments: Rate


@dataclass(frozen=True)
class LimitPolicy:
    """All limits (`limits` in data/desk.yml)."""

    per_address: AddressLimits
    per_conversation: ConversationLimits
    sign_ins: BackOff
    searches: Rate
    #: Wrong codes to return by, and text messages with codes, of all addresses together; and codes to one phone.
    wrong_codes: Rate
    codes_sent: Rate
    codes_to_phone: Rate


@functools.lru_cache(maxsize=4)
def limit_policy(limits: Limits) -> LimitPolicy:
    """The rules for the limits of a desk.yml. Cached, because each request asks for them."""
    address, conversation, sign_ins = limits.per_address, limits.per_conversation, limits.per_login.sign_ins
    return LimitPolicy(
        AddressLimits(
            conversations=_rate(address.conversations),
            handoffs=_rate(address.handoffs),
            messages=_rate(address.messages),
            sign_ins=_rate(address.sign_ins),
            streams=address.streams,
            attachments=_rate(address.attachments),
            identities=_rate(address.identities),
            wrong_codes=_rate(address.wrong_codes),
            codes_sent=_rate(address.codes_sent),
        ),
        ConversationLimits(
            messages=_rate(conversation.messages), streams=conversation.streams, attachments=_rate(conversation.attachments)
        ),
        BackOff(sign_ins.at_once, sign_ins.longest_pause_seconds),
        _rate(limits.per_login.searches),
        _rate(limits.together.wrong_codes),
        _rate(limits.together.codes_sent),
        _rate(limits.per_phone.codes_sent),
    )


def _rate(rate: RequestRate) -> Rate:
    return Rate(rate.at_once, rate.per_minute)


class LimitStore(Protocol):
    """The state that desks share. Raises Unavailable when the database cannot be reached.

    Keys are hashes: no address, login or conversation can be read from them.
    """

    async def charge(self, seconds: dict[str, float], now: float) -> dict[str, float]:
        """Add seconds to each key's `until`, or to now if that is later. Negative seconds refund. Returns the new values."""

    async def attempt(self, key: str, back_off: BackOff, now: float) -> float:
        """Begin a sign-in: count it as failed, unless it must wait. Returns the seconds to wait, or 0."""

    async def forget_failures(self, key: str) -> None:
        """A sign-in succeeded, or was not attempted."""

    async def publish_streams(self, desk: int, counts: dict[str, int]) -> None:
        """Store how many streams of each key are open at a desk; 0 removes the row."""

    async def streams_elsewhere(self, desk: int, counts: dict[str, int]) -> dict[str, int]:
        """Publish, and return the streams of these keys at other running desks. Keys without streams are missing."""

    async def clean(self, now: float, desk: int) -> None:
        """Delete rows that limit nothing any more, and the streams of dead desks. `desk` counts as running without its lock."""
