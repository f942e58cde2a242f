"""The stock Rasa project of the load benchmark: Rasa takes it, and it is Rasa's own but for one component."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
import yaml
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.data import TrainingType
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.validator import Validator

from actions.triage import message_from_parse
from bot.learning.content_check import read_examples
from content.triage_policy import Policy
from contract.understanding import THRESHOLDS
from tests.benchmarks.nlu.sentences import sample
from tests.benchmarks.stock_rasa.__main__ import main
from tests.benchmarks.stock_rasa.project import ACTION, BuildError, commands, published_thresholds, write_project
from tests.benchmarks.stock_rasa.thresholds import FixedThresholds

LIMITS = dict.fromkeys(THRESHOLDS, 0.5)
EXAMPLES = 3


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's files, as they are before training."""
    folder = tmp_path_factory.mktemp("stock")
    write_project(folder, sample(read_examples(Path("data/nlu")), EXAMPLES, 1), LIMITS, epochs=7, seed=1)
    return folder


def importer_of(project: Path) -> TrainingDataImporter:
    """Rasa's reader of a project, given what `rasa train` gives it."""
    return TrainingDataImporter.load_from_config(
        str(project / "config.yml"), str(project / "domain.yml"), [str(project / "data")]
    )


def test_rasa_takes_the_configuration(project: Path) -> None:
    """`rasa train` would refuse a component, or DIET and TED would train as long as is their default."""
    config = yaml.safe_load((project / "config.yml").read_text(encoding="utf-8"))
    graph = DefaultV1Recipe().graph_config_for_recipe(config, {}, TrainingType.BOTH)
    epochs = [node.config["epochs"] for node in graph.train_schema.nodes.values() if "epochs" in node.config]
    assert epochs == [7, 7]
    used = {node.uses for node in graph.predict_schema.nodes.values()}
    assert [kind for kind in used if not kind.__module__.startswith("rasa.")] == [FixedThresholds]


def test_rasa_finds_the_training_data_whole(project: Path, policy: Policy) -> None:
    """An intent would be without sentences or without a story, and Rasa silent when it comes."""
    importer = importer_of(project)
    nlu = importer.get_nlu_data()
    assert nlu.number_of_examples_per_intent == dict.fromkeys(policy.intents, EXAMPLES)
    checks = Validator.from_importer(importer)
    assert checks.verify_intents(ignore_warnings=False)
    assert checks.verify_actions_in_stories_rules()
    steps = {step.block_name: step for step in importer.get_stories().story_steps}
    assert all(ACTION in str(steps[name].events[-1]) for name in [*policy.intents, "Not understood"])


def test_two_turns_are_told_too(project: Path) -> None:
    """TED would have seen no conversation that goes on after an answer."""
    stories = importer_of(project).get_stories().story_steps
    assert any("thanks" in (step.block_name or "") and len(step.events) == 4 for step in stories)


def test_the_bot_is_stock(project: Path) -> None:
    """The comparison would be with our channel, our tracker store, or a domain that keeps no sessions."""
    endpoints = yaml.safe_load((project / "endpoints.yml").read_text(encoding="utf-8"))
    assert set(endpoints) == {"action_endpoint", "tracker_store"}
    assert (endpoints["tracker_store"]["type"], endpoints["tracker_store"]["dialect"]) == ("SQL", "sqlite")
    assert yaml.safe_load((project / "credentials.yml").read_text(encoding="utf-8")) == {"rest": None}
    assert importer_of(project).get_domain().session_config.session_expiration_time == 60


def test_a_message_carries_what_the_decision_needs() -> None:
    """Our action would fail in every turn, because DIET gives no thresholds; or decide about a text that is not normalised."""
    message = Message({"text": "轉帳ＡＢ"})
    FixedThresholds(LIMITS).process([message])
    read = message_from_parse(message.as_dict(only_output_properties=True))
    assert (read.thresholds, read.text) == (LIMITS, "转账ab")


def test_the_actions_are_started_as_operators_do(tmp_path: Path) -> None:
    """The two bots would not run the same actions; and each address would not be where its process listens."""
    given = commands(tmp_path, "libraries")
    operations = Path("docs/operations.md").read_text(encoding="utf-8")
    line = next(line for line in operations.splitlines() if " -m rasa_sdk " in line)
    assert " ".join(given["actions"][1:]).replace("$ACTIONS_PORT", "5055") in line
    assert given["environment"]["DESK_URL"] == ""
    assert "$ACTIONS_PORT" in given["environment"]["ACTION_URL"]
    assert "$ACTIONS_PORT" in given["health"]["actions"]
    assert "$BOT_PORT" in given["bot"]
    assert "$BOT_PORT" in given["health"]["bot"]


def test_thresholds_come_from_the_published_model(tmp_path: Path) -> None:
    """The stock bot would decide by thresholds of a model that is not served."""
    with pytest.raises(BuildError, match="make publish"):
        published_thresholds(tmp_path)
    (tmp_path / "published.json").write_text('{"model": "wallet-1"}', encoding="utf-8")
    with tarfile.open(tmp_path / "wallet-1.tar.gz", "w:gz") as archive:
        content = json.dumps({"thresholds": LIMITS}).encode()
        member = tarfile.TarInfo("components/train_classifier/calibration.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    assert published_thresholds(tmp_path) == LIMITS


@pytest.mark.parametrize("wrong", [["--epochs", "0"], ["--examples", "0"]])
def test_wrong_figures_are_refused(tmp_path: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Minutes of training would pass before Rasa fails in its own words."""
    assert main(["build", "--out", str(tmp_path), *wrong]) == 2
    assert "error: " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
