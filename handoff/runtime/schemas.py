"""Types of request bodies that every room uses."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from contract.characters import storable


def as_storable(value: Any) -> Any:
    # Runs before pydantic's check: JSON can carry a lone surrogate, which pydantic would reject although a customer sent it.
    return storable(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(as_storable)]
Id = Annotated[str, BeforeValidator(as_storable), Field(min_length=1, max_length=100)]


class Body(BaseModel):
    """A request body. Unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore")
