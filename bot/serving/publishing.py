"""Publish `data/`: compile it, train if the sentences changed, swap the model of running bots, switch the content."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, Callable, List, Optional, Tuple

import requests

from bot.learning.training import MODELS, ensure_model, model_path
from content.bundle import Bundle
from content.compiler import compile_content
from content.published import FOLDER, write_bundle

DATA = Path("data")
#: Seconds for a running bot to load a model.
SWAP_TIMEOUT = 120
#: Models and bundles that are kept.
KEPT = 5


class PublishError(Exception):
    """A running bot did not take the model. Content and the bots after it stay as they were; publish again to repair it."""


def publish(bot_urls: List[str], token: str, say: Callable[[str], None] = print) -> Bundle:
    """Publish `data/`. Raises ContentError or TrainingError before anything changed, PublishError if a running bot refused."""
    bundle = compile_content(DATA)
    model = ensure_model(say)
    _swap_all(bot_urls, token, model_path(model), say)
    path = write_bundle(bundle, model, MODELS)
    _forget_old(model, path)
    say(f"published: content {bundle.revision}, model {model}")
    return bundle


def _swap_all(urls: List[str], token: str, model: Path, say: Callable[[str], None]) -> None:
    """One bot after the other, so that the others answer meanwhile. If one refuses, those before it go back."""
    swapped: List[Tuple[str, Path]] = []
    try:
        for url in urls:
            earlier = _swap_model(url, token, model, say)
            if earlier is not None:
                swapped.append((url, MODELS / earlier))
    except PublishError:
        for url, earlier_model in swapped:
            try:
                _swap_model(url, token, earlier_model, say)
            except PublishError as error:
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
        raise PublishError(f"the bot at {url} did not take the model: {why}") from error
    say(f"the bot at {url} runs {model.name}")
    return earlier


def _forget_old(model: str, bundle: Path) -> None:
    """Keep the newest models and bundles, for going back and for replaying decisions, and in any case what is live.

    What an older version published in folders is removed: this version cannot read it.
    """
    models = sorted(MODELS.glob("wallet-*.tar.gz"), key=_age, reverse=True)
    for old in models[KEPT:]:
        if old != model_path(model):
            old.unlink()
    for folder in [path for path in (MODELS / FOLDER).iterdir() if path.is_dir()]:
        shutil.rmtree(folder)
    bundles = sorted((MODELS / FOLDER).glob("*.json"), key=_age, reverse=True)
    for old in bundles[KEPT:]:
        if old != bundle:
            old.unlink()


def _age(path: Path) -> float:
    return path.stat().st_mtime
