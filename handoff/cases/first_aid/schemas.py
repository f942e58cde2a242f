"""The bodies of the requests about first aid."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from handoff.conversations.schemas import MessageId
from handoff.runtime.schemas import Body, Id, Text

#: An id of the wallet's: the transaction, the payee or the card that an action is about.
Target = Annotated[str, StringConstraints(min_length=1, max_length=80)]


class OrderFirstAid(Body):
    """`POST .../first-aid`. At most one of `transaction`, `payee` and `card`."""

    action: Id
    confirm: Annotated[bool, Field(strict=True)] = False
    key: MessageId
    transaction: Target | None = None
    payee: Target | None = None
    card: Target | None = None


class OrderForCustomer(Body):
    """`POST .../first-aid/agent`."""

    action: Id
    key: MessageId
    reason: Text
    transaction: Target | None = None
    payee: Target | None = None
    card: Target | None = None
