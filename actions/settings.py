"""The action's settings, read once from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """The folder of the published content, and the address of the desk (without a URL the action requests no handoff)."""

    models: Path
    desk_url: str | None
    service_token: str

    @classmethod
    def from_environment(cls) -> Settings:
        """MODELS_DIR (default `models`), DESK_URL, SERVICE_TOKEN."""
        return cls(
            models=Path(os.environ.get("MODELS_DIR", "models")),
            desk_url=os.environ.get("DESK_URL") or None,
            service_token=os.environ.get("SERVICE_TOKEN", ""),
        )
