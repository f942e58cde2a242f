"""What is raised when JSON does not have the contract's shape.

ContractError      a field is missing or wrong
├── TextError      the text of a turn is blank or too long
└── SilenceError   a reply holds no message that shows anything
"""

from __future__ import annotations

from collections.abc import Collection


class ContractError(Exception):
    """JSON breaks the contract. `fields`: the names of the wrong fields. It holds no values: they can be a customer's words."""

    #: Stable, for programs (docs/contracts.md).
    code = "bad_request"

    def __init__(self, fields: Collection[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = tuple(fields)


class TextError(ContractError):
    """The text of a turn is blank or too long; `code` tells which."""

    def __init__(self, code: str) -> None:
        super().__init__(["text"])
        self.code = code


class SilenceError(ContractError):
    """The bot answers with no message, or with one that shows nothing."""
