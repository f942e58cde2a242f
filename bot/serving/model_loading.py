"""Loads another model while the present one goes on answering.

Rasa's own `PUT /model` loads in the event loop: for seconds, and for much longer on a busy machine, no turn is answered. Here a
thread loads and warms the model, and the running agent is replaced in one step.
"""

from __future__ import annotations

import asyncio
import copy
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import structlog
from rasa.core.channels.channel import UserMessage

from bot.serving import graph_runner

logger = structlog.get_logger()

_SUFFIX = ".tar.gz"


class ModelRefused(Exception):
    """A model cannot be loaded; the one before it goes on answering."""


def model_name(agent: Any) -> str:
    """The name of the model that an agent runs, such as `wallet-044aebcc8d7f`; empty without a model."""
    processor = getattr(agent, "processor", None)
    return Path(getattr(processor, "model_filename", None) or "").name.replace(_SUFFIX, "")


class ModelLoader:
    """Loads one model at a time."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "model")
        self._turn = asyncio.Lock()

    async def load(self, app: Any, path: Path) -> None:
        """Make `app.ctx.agent` an agent with this model, warm. Raises ModelRefused; then nothing changed."""
        async with self._turn:
            if model_name(app.ctx.agent) == path.name.replace(_SUFFIX, ""):
                return
            loop = asyncio.get_running_loop()
            try:
                app.ctx.agent = await loop.run_in_executor(self._thread, _loaded, app.ctx.agent, path)
            except Exception as error:
                logger.error("model.refused", model=path.name, error=type(error).__name__)
                raise ModelRefused(type(error).__name__) from error


def _loaded(agent: Any, path: Path) -> Any:
    """A copy of the agent with another model, which has parsed a message: the first parse takes most of a second."""
    if not path.is_file():  # Rasa would go on without a model
        raise FileNotFoundError(path.name)
    new = copy.copy(agent)
    new.load_model(path)
    graph_runner.parse(new.processor, UserMessage("预热", sender_id="warm"))
    return new
