"""Makes Rasa run its prediction graph by plain calls.

For each prediction, `rasa.engine.runner.dask.DaskGraphRunner.run` cuts the graph to its targets, makes a dask graph of it and
lets dask schedule it. `install` replaces that method: ours finds the order of the nodes once for each set of targets.
tests/bot/test_graph_runner.py notices if Rasa changes under it.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner


def order(schema: GraphSchema, targets: List[str]) -> List[str]:
    """The nodes that the targets need, each after the nodes that it needs itself. A name that is no node is an input."""
    found: List[str] = []

    def visit(name: str) -> None:
        if name in schema.nodes and name not in found:
            for needed in schema.nodes[name].needs.values():
                visit(needed)
            found.append(name)

    for target in targets:
        visit(target)
    return found


def run(self: DaskGraphRunner, inputs: Optional[Dict[str, Any]] = None, targets: Optional[List[str]] = None) -> Dict[str, Any]:
    """Run the nodes that the targets need, in this thread; target -> output. `inputs` stand for nodes that are none."""
    schema, nodes = self._graph_schema, self._instantiated_nodes
    wanted = targets or schema.target_names
    orders = vars(self).setdefault("orders", {})
    if tuple(wanted) not in orders:
        orders[tuple(wanted)] = order(schema, wanted)
    results = dict(inputs or {})
    if not results.keys().isdisjoint(nodes):
        raise GraphRunError("an input has the name of a node")
    for name in orders[tuple(wanted)]:
        needs = schema.nodes[name].needs.values()
        _, results[name] = nodes[name](*((needed, results[needed]) for needed in needs if needed in results))
    return {name: results[name] for name in wanted}


def parse(processor: MessageProcessor, message: UserMessage) -> Dict[str, Any]:
    """What the pipeline makes of a message: Rasa's parse data. Call `install` first.

    `MessageProcessor.parse_message` makes an empty domain and an empty tracker each time, to look for intents that the domain
    does not have: a tenth of a parse. Training has checked that, and no component of ours reads a tracker.
    """
    target = processor.model_metadata.nlu_target
    inputs = {PLACEHOLDER_MESSAGE: [message], PLACEHOLDER_TRACKER: None}
    (parsed,) = processor.graph_runner.run(inputs=inputs, targets=[target])[target]
    nothing = {"text": "", "intent": {"name": None, "confidence": 0.0}, "entities": []}
    return {**nothing, **parsed.as_dict(only_output_properties=True)}


def install() -> None:
    """Put `run` in the place of Rasa's method; calling it again changes nothing."""
    DaskGraphRunner.run = run
