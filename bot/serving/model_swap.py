"""Brings a model to running bots, one after the other, over Rasa's HTTP API."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator, List, Optional, Tuple

import requests

#: Seconds for a running bot to load a model.
SWAP_TIMEOUT = 120


class SwapError(Exception):
    """A running bot did not take a model."""


@contextmanager
def swapped_bots(urls: List[str], token: str, model: Path, say: Callable[[str], None]) -> Iterator[None]:
    """All bots run a model inside the block. If one refuses, or the block fails, those that were swapped go back.

    One bot after the other, so that the others answer meanwhile. Raises SwapError.
    """
    swapped: List[Tuple[str, Path]] = []
    try:
        for url in urls:
            earlier = _swap_model(url, token, model, say)
            if earlier is not None:
                swapped.append((url, model.with_name(earlier)))
        yield
    except BaseException:
        for url, earlier_model in swapped:
            try:
                _swap_model(url, token, earlier_model, say)
            except SwapError as error:
                say(f"{error}; it runs {model.name} until it is started again")
        raise


def _swap_model(url: str, token: str, model: Path, say: Callable[[str], None]) -> Optional[str]:
    """Bring a model to a bot. The file name of its earlier model, or None if it runs this one already."""
    session = requests.Session()
    session.trust_env = False
    try:
        status = session.get(f"{url}/status", params={"token": token}, timeout=5)
        status.raise_for_status()
        earlier: Optional[str] = status.json().get("model_file")
        if earlier == model.name:
            return None
        answer = session.put(
            f"{url}/model", params={"token": token}, json={"model_file": str(model.resolve())}, timeout=SWAP_TIMEOUT
        )
        answer.raise_for_status()
    except (requests.RequestException, AttributeError) as error:  # AttributeError: the program that answered is not Rasa
        # The error's own text holds the address with the token, so it is not told.
        refusal: Any = getattr(error, "response", None)
        why = type(error).__name__ if refusal is None else f"it answered {refusal.status_code}"
        raise SwapError(f"the bot at {url} did not take the model: {why}") from error
    say(f"the bot at {url} runs {model.name}")
    return earlier
