"""A version of the bot: what a data folder, or what is live, says and understands."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Callable, Optional

from bot.learning.training import MODELS, ensure_model, model_path
from bot.nlu.intent_model import IntentModel
from content.bundle import Content, read_part
from content.compiler import load_content
from content.published import read_pointer
from content.sources import ContentError


@dataclass(frozen=True)
class Version:
    """Content, and the name of the model that was trained or published with it. `content.revision` names the content."""

    content: Content
    model: str


class ModelGone(Exception):
    """The archive of a model is not kept any more, or cannot be read."""


def live_version(models: Path = MODELS) -> Optional[Version]:
    """What is published; None if nothing is. Raises ContentError if it cannot be read."""
    try:
        pointer = read_pointer(models)
    except ContentError:
        if (models / "published.json").exists():
            raise
        return None
    return Version(read_part(Content, models / pointer.content), pointer.model)


def version_of(data: Path, say: Callable[[str], None]) -> Version:
    """What a data folder would publish. Trains if there is no model for it. Raises ContentError, TrainingError."""
    return Version(load_content(data), ensure_model(say, data))


def load_intent_model(name: str, models: Path = MODELS) -> IntentModel:
    """The intent model in a trained archive, without Rasa. Raises ModelGone."""
    path = models / model_path(name).name
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        try:
            with tarfile.open(path, "r:gz") as archive:
                for member in archive:
                    if "NetworkIntentClassifier" in member.name and member.isfile():
                        member.name = Path(member.name).name  # no path of the archive is used
                        archive.extract(member, folder)
            return IntentModel.load(folder)
        except (OSError, tarfile.TarError, EOFError, KeyError, ValueError) as error:
            raise ModelGone(f"the model {name} cannot be read: {error}") from error
