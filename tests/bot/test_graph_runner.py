"""The graph that plain calls run: the same results as with Rasa's runner."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
from types import SimpleNamespace
from typing import Any, Callable, Dict, List, Tuple

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphComponent, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.training_data.message import Message

from bot.serving import graph_runner

RASAS_OWN = DaskGraphRunner.run
Run = Callable[..., Dict[str, Any]]


def runner(calls: List[str]) -> Any:
    """A runner of a small graph, a diamond with a node aside, whose nodes note their calls."""
    needs = {
        "first": {"message": "__message__"},
        "left": {"given": "first"},
        "right": {"given": "first"},
        "both": {"one": "right", "two": "left"},
        "aside": {"tracker": "__tracker__"},
    }
    schema = GraphSchema(
        {
            name: SchemaNode(needs=of, uses=GraphComponent, constructor_name="create", fn="run", config={})
            for name, of in needs.items()
        }
    )
    schema.nodes["aside"].is_target = True

    def node(name: str) -> Callable[..., Tuple[str, Any]]:
        def call(*given: Tuple[str, Any]) -> Tuple[str, Any]:
            calls.append(name)
            return name, [name, *(value for _, value in given)]

        return call

    nodes = {name: node(name) for name in needs}
    made = SimpleNamespace(_graph_schema=schema, _instantiated_nodes=nodes, _execution_context=None)
    made._build_dask_graph = lambda of: DaskGraphRunner._build_dask_graph(made, of)  # type: ignore[arg-type]
    made._add_inputs_to_graph = DaskGraphRunner._add_inputs_to_graph
    return made


@pytest.mark.parametrize("targets", [["both"], ["left"], ["first"], ["aside"], ["both", "aside"], None])
def test_results_are_those_of_rasas_runner(targets: Any) -> None:
    """A turn would be understood otherwise than the model was tested."""
    inputs = {"__message__": ["words"], "__tracker__": "tracker"}
    calls: List[str] = []
    ours = runner(calls)
    assert graph_runner.run(ours, inputs, targets) == RASAS_OWN(runner([]), inputs, targets)
    assert len(calls) == len(set(calls)), "each node runs once"
    again = graph_runner.run(ours, {**inputs, "__message__": ["others"]}, targets)
    assert again == RASAS_OWN(runner([]), {**inputs, "__message__": ["others"]}, targets)


@pytest.mark.parametrize("run", [graph_runner.run, RASAS_OWN])
def test_an_input_cannot_pass_for_a_node(run: Run) -> None:
    """What a caller hands in would stand in the place of what a component found."""
    with pytest.raises(GraphRunError):
        run(runner([]), {"first": "left"}, ["left"])


def test_installing_replaces_the_method(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rasa would go on scheduling three graphs a turn."""
    monkeypatch.setattr(DaskGraphRunner, "run", RASAS_OWN)
    for _ in range(2):
        graph_runner.install()
        assert DaskGraphRunner.run is graph_runner.run


#: Of rasa 3.6.21. If it differs, read Rasa's new method, update bot/serving/graph_runner.py, and put the new hash here.
METHOD_HASH = "45f0f52f574f3aa9"


def test_rasas_method_is_the_one_that_was_replaced() -> None:
    """A new Rasa would run graphs otherwise, and nobody would notice."""
    assert hashlib.sha256(inspect.getsource(RASAS_OWN).encode()).hexdigest()[:16] == METHOD_HASH


def test_a_parse_is_rasas() -> None:
    """A direct turn would be understood otherwise than a turn of Rasa's dialogue."""
    found = {
        "text": "5万",
        "intent": {"name": "fees", "confidence": 0.9},
        "entities": [{"entity": "amount", "value": 5}],
        "thresholds": {"risk": 0.1},
        "not for output": 1,
    }

    class Pipeline:
        def run(self, inputs: Dict[str, Any], targets: List[str]) -> Dict[str, Any]:
            (message,) = inputs["__message__"]
            parsed = Message({"text": message.text})
            for name, value in found.items():
                parsed.set(name, value, add_to_output=name != "not for output")
            return {targets[0]: [parsed]}

    processor = MessageProcessor.__new__(MessageProcessor)
    processor.graph_runner, processor.http_interpreter = Pipeline(), None
    processor.model_metadata = SimpleNamespace(nlu_target="run_pipeline")
    processor.domain = Domain.from_dict({"intents": ["fees"], "entities": ["amount"]})
    rasas = asyncio.run(processor.parse_message(UserMessage("5万")))
    assert graph_runner.parse(processor, UserMessage("5万")) == rasas
    assert rasas["thresholds"] == {"risk": 0.1}


def test_rasas_parse_is_the_one_that_was_shortened() -> None:
    """A new Rasa would make more of a message, and nobody would notice."""
    parts = (MessageProcessor.parse_message, MessageProcessor._parse_message_with_graph)
    source = "".join(inspect.getsource(part) for part in parts)
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == "e27daffac5137904"
