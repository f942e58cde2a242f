"""A circuit breaker for calls to a system that may be away: after failures in a row, callers do not wait for it for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable

#: Failures in a row that open the circuit, and for how many seconds it stays open before one call may try again.
FAILURES_IN_A_ROW, OPEN_SECONDS = 5, 10.0


class CircuitBreaker:
    """Closed: calls go through. Open: no call goes through. Half open: one call tries. Safe for threads.

    Failures that all concern one matter (one customer, whose data breaks the other system) do not open the circuit.
    `clock`: seconds, monotonic.
    """

    def __init__(
        self,
        failures: int = FAILURES_IN_A_ROW,
        open_seconds: float = OPEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._open_seconds, self._clock = failures, open_seconds, clock
        self._lock = threading.Lock()
        self._failures = 0
        #: The only matter of all failures in the row; `_concerns_all` once there are two, or one about every call.
        self._matter: Hashable = None
        self._concerns_all = False
        self._opens_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether calls would be refused now. Unlike `allows`, it takes no trial."""
        with self._lock:
            return self._opens_at is not None and self._clock() < self._opens_at

    def allows(self) -> bool:
        """Whether a call may go out. After the open time, one call may try; the others wait for its result."""
        with self._lock:
            now = self._clock()
            if self._opens_at is None:
                return True
            if now < self._opens_at:
                return False
            # The trial may never report back: a further one is allowed after the same time.
            self._opens_at = now + self._open_seconds
            return True

    def succeeded(self) -> None:
        """A call was answered: the circuit is closed."""
        with self._lock:
            self._failures, self._opens_at = 0, None
            self._matter, self._concerns_all = None, False

    def failed(self, matter: Hashable = None) -> bool:
        """A call failed; returns whether this opened the circuit.

        `matter`: whom the call was about, if the failure may be about them alone; None: it concerns every call.
        """
        with self._lock:
            self._failures += 1
            self._concerns_all |= matter is None or self._matter not in (None, matter)
            self._matter = matter
            was_closed = self._opens_at is None
            if was_closed and (self._failures < self._limit or not self._concerns_all):
                return False
            self._opens_at = self._clock() + self._open_seconds
            return was_closed
