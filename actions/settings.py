"""The action's settings, read once from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """The folder of the published content, and the addresses of the desk and of the wallet's own systems.

    Without the desk's address the action requests no handoff; without the wallet's it looks nothing up.
    """

    models: Path
    desk_url: str | None
    service_token: str
    wallet_url: str | None = None
    wallet_key: str = ""

    @classmethod
    def from_environment(cls) -> Settings:
        """MODELS_DIR (default `models`), DESK_URL, SERVICE_TOKEN, WALLET_URL, WALLET_KEY."""
        return cls(
            models=Path(os.environ.get("MODELS_DIR", "models")),
            desk_url=os.environ.get("DESK_URL") or None,
            service_token=os.environ.get("SERVICE_TOKEN", ""),
            wallet_url=os.environ.get("WALLET_URL") or None,
            wallet_key=os.environ.get("WALLET_KEY", ""),
        )
