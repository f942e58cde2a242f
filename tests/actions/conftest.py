"""What the tests of the actions share: the policy as it is published, and a copy of the content to break."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any, Callable, Dict

import pytest

from content.bundle import Content
from content.compiler import load_content
from content.triage_policy import Policy, load_policy

#: Replaces a text in a file of the copy; the text must be there, so that no test breaks nothing.
Edit = Callable[[str, str, str], Path]


@pytest.fixture(scope="session")
def policy() -> Policy:
    """The triage policy of data/triage.yml."""
    return load_policy(Path("data/triage.yml"))


@pytest.fixture(scope="session")
def content() -> Content:
    """All content as it is now."""
    return load_content(Path("data"))


@pytest.fixture(scope="session")
def parse(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Dict[str, Any]]:
    """A text as the published model's pipeline understands it: Rasa's parse data, without Rasa around it."""
    # Imported here: the pipeline's components bring Rasa along.
    from rasa.shared.nlu.training_data.message import Message

    from bot.nlu.intent_classifier import NetworkIntentClassifier
    from bot.nlu.intent_model import IntentModel
    from bot.nlu.normalizer import TextNormalizer
    from bot.nlu.numbers import NumberExtractor

    folder = tmp_path_factory.mktemp("model")
    published = json.loads(Path("models/published.json").read_text(encoding="utf-8"))
    with tarfile.open(Path("models") / f"{published['model']}.tar.gz") as archive:
        for member in archive.getmembers():
            if "NetworkIntentClassifier" in member.name and member.isfile():
                member.name = Path(member.name).name
                archive.extract(member, folder)
    numbers = NumberExtractor(NumberExtractor.get_default_config())
    classifier = NetworkIntentClassifier({}, None, None, IntentModel.load(folder))

    def understand(text: str) -> Dict[str, Any]:
        messages = [Message(data={"text": text})]
        for component in (TextNormalizer(), numbers, classifier):
            messages = component.process(messages)
        return {name: messages[0].get(name) for name in ("text", "intent_ranking", "entities", "thresholds", "parts")}

    return understand


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the content that a test may break."""
    return Path(shutil.copytree("data", tmp_path / "data"))


@pytest.fixture
def edit(data: Path) -> Edit:
    """Edit a file of the copy: `edit(name, old, new)`."""

    def replace(name: str, old: str, new: str) -> Path:
        path = data / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return replace
