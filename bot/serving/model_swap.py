"""Brings a model to running bots, one after the other, over the bot channel (docs/contracts.md)."""

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


def settle_bots(urls: List[str], token: str, model: Path, say: Callable[[str], None]) -> None:
    """Bring the live model to bots that run another one: a bot that restarted during a publication read the earlier pointer.

    A bot that does not answer is left alone: it reads the pointer when it starts.
    """
    for url in urls:
        try:
            _swap_model(url, token, model, say)
        except SwapError as error:
            say(str(error))


def _swap_model(url: str, token: str, model: Path, say: Callable[[str], None]) -> Optional[str]:
    """Bring a model to a bot. The file name of its earlier model, or None if it runs this one already."""
    session = requests.Session()
    session.trust_env = False
    address, headers = f"{url}/webhooks/desk/model", {"Authorization": f"Bearer {token}"}
    try:
        present = session.get(address, headers=headers, timeout=5)
        present.raise_for_status()
        earlier: Optional[str] = present.json().get("model_file")
        if earlier == model.name:
            return None
        answer = session.put(address, headers=headers, json={"model_file": str(model.resolve())}, timeout=SWAP_TIMEOUT)
        answer.raise_for_status()
    except (requests.RequestException, AttributeError) as error:  # AttributeError: another program answered
        refusal: Any = getattr(error, "response", None)
        why = type(error).__name__ if refusal is None else f"it answered {refusal.status_code}"
        raise SwapError(f"the bot at {url} did not take the model: {why}") from error
    say(f"the bot at {url} runs {model.name}")
    return earlier
