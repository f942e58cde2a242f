"""The chat on web pages, in apps and in mini-programs: words come by the customer's API, answers by its streams."""

from __future__ import annotations

from handoff.channels.channel import Channel
from handoff.conversations.routes import router

WEB = Channel("web", router)
