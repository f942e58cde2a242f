"""What a channel is to the desk."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter


@dataclass(frozen=True)
class Channel:
    """One way for customers to reach the desk.

    `router`: the HTTP routes by which the customers' words come in, and by which answers are read or confirmed. A channel that
    must push answers (mail, a messenger) watches the log as the streams do.
    """

    name: str
    router: APIRouter
