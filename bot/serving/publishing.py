"""Brings what editors changed to the customers: check, train if the sentences changed, swap the model, switch the content."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, Callable, List, Optional, Tuple

import requests

from bot.learning.training import MODELS, ensure_model, model_path
from content.published import POINTER, Content, content_files, load_content

CONTENT = Path("data")
#: Seconds for a running bot to load a model.
SWAP_TIMEOUT = 120
#: Models and published contents that are kept.
KEPT = 5


class PublishError(Exception):
    """A running bot did not take the model; content and the bots after it stay as they were. Publishing again mends it."""


def publish(bot_urls: List[str], token: str, say: Callable[[str], None] = print) -> Content:
    """Publish `data/`. Raises ContentError or TrainingError before anything changed, PublishError if a running bot refused."""
    content = load_content(CONTENT)
    model = ensure_model(say)
    _swap_all(bot_urls, token, model_path(model), say)
    folder = _copy_content(content)
    pointer = {"model": model, "content": folder.relative_to(MODELS).as_posix(), "revision": content.revision}
    _write_atomically(MODELS / POINTER, json.dumps(pointer, indent=1) + "\n")
    _forget_old(model, folder)
    say(f"published: content {content.revision}, model {model}")
    return content


def _swap_all(urls: List[str], token: str, model: Path, say: Callable[[str], None]) -> None:
    """One bot after the other, so that the others answer meanwhile. If one refuses, those before it get back what they had."""
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
    """Bring a model to a bot; the file name of the one that it had, or None if it has this one already."""
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
    except (requests.RequestException, AttributeError) as error:  # AttributeError: what answered is not Rasa
        # Not the error's own words: they hold the address with the token.
        refusal: Any = getattr(error, "response", None)
        why = type(error).__name__ if refusal is None else f"it answered {refusal.status_code}"
        raise PublishError(f"the bot at {url} did not take the model: {why}") from error
    say(f"the bot at {url} runs {model.name}")
    return earlier


def _copy_content(content: Content) -> Path:
    target = MODELS / "content" / content.revision
    if not target.exists():
        # Into a folder beside it first: a copy that was cut short must never be taken for the content.
        partial = target.with_name(f"{target.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        for path in content_files(CONTENT):
            copy = partial / path.relative_to(CONTENT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        partial.rename(target)
    return target


def _forget_old(model: str, folder: Path) -> None:
    """Keep the newest models and contents, for going back and for replaying decisions, and what is live in any case."""
    models = sorted(MODELS.glob("wallet-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in models[KEPT:]:
        if old != model_path(model):
            old.unlink()
    contents = sorted((MODELS / "content").iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in contents[KEPT:]:
        if old != folder:
            shutil.rmtree(old)


def _write_atomically(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
