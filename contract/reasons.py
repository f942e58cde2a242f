"""The escalation reasons that code must know by name.

The list of all reasons is data (`reasons` in `data/triage.yml`). A reason that stands here has a rule of its own in code.
"""

from __future__ import annotations

SECURITY = "security"
DISPUTE = "dispute"
LARGE_TRANSACTION = "large_transaction"
USER_REQUEST = "user_request"
UNRESOLVED = "unresolved"
#: The desk's own reason: the bot did not answer.
BOT_UNAVAILABLE = "bot_unavailable"

#: These reasons say nothing of the customer's matter.
VAGUE_REASONS = frozenset({USER_REQUEST, UNRESOLVED, BOT_UNAVAILABLE})
