"""What can happen with a message."""

from __future__ import annotations

from typing import Literal

Route = Literal["answer", "escalate", "feedback", "chat", "reject", "clarify"]
ANSWER: Route = "answer"
ESCALATE: Route = "escalate"
FEEDBACK: Route = "feedback"
CHAT: Route = "chat"
REJECT: Route = "reject"
CLARIFY: Route = "clarify"

#: All routes, in the order in which tables list them.
ROUTES: tuple[Route, ...] = (ANSWER, ESCALATE, FEEDBACK, CHAT, REJECT, CLARIFY)
