"""The body of a sign-in."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from handoff.runtime.schemas import Body, as_storable


class Login(Body):
    """`POST /api/session`."""

    login: Annotated[str, BeforeValidator(as_storable), Field(max_length=100)]
    password: Annotated[str, BeforeValidator(as_storable), Field(max_length=200)]
