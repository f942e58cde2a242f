"""Runs the custom action in Rasa's own process, as later versions of Rasa do ("direct custom action execution").

`endpoints.yml` names the module (`action_endpoint.actions_module`). The action runs here as long as `action_endpoint.url` is
empty; with a URL (`ACTION_URL`) Rasa asks an action server (`rasa run actions`), as stock Rasa 3.6 does.

A direct action costs no HTTP call, no check against Rasa's schema, and no copy of the tracker as JSON. The desk's channel asks
it straight after the parse (`bot/serving/channel.py`). For every other channel `install` puts it in the place of Rasa's
`RemoteAction.run`, so Rasa's dialogue goes on around it. tests/bot/test_direct_action.py notices if Rasa changes under it.
docs/decisions/029-the-action-runs-in-the-bot.md tells why.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any, Awaitable, Callable, Dict, List, Mapping, Optional, Protocol

from rasa.core.actions.action import RemoteAction, create_bot_utterance
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

RASAS_RUN = RemoteAction.run


class DirectAction(Protocol):
    """A custom action that needs of Rasa only the parsed message."""

    def name(self) -> str:
        """The name by which the domain knows the action."""

    async def react(self, parse: Mapping[str, Any], metadata: Mapping[str, Any]) -> Dict[str, Any]:
        """The payload `{messages, decision}` for a message, from the pipeline's output and the channel's metadata."""


class NoActionError(Exception):
    """`endpoints.yml` names neither an action server nor a module whose action can run here."""


def is_direct(endpoint: Optional[EndpointConfig]) -> bool:
    """Whether the action runs in this process: an endpoint without an address."""
    return endpoint is not None and not endpoint.url


def action_of(endpoint: EndpointConfig) -> DirectAction:
    """The action of the module that the endpoint names. Raises NoActionError, and whatever the making of the action raises."""
    name = endpoint.kwargs.get("actions_module")
    if not name:
        raise NoActionError("`action_endpoint` in endpoints.yml needs a `url` or an `actions_module`")
    return _made(str(name))


@functools.lru_cache(maxsize=1)
def _made(module: str) -> DirectAction:
    """The action of a module, made once: Rasa reads `endpoints.yml` anew for every model that it loads."""
    make: Callable[[], DirectAction] = importlib.import_module(module).make_action
    return make()


async def run(
    self: RemoteAction,
    output_channel: OutputChannel,
    nlg: NaturalLanguageGenerator,
    tracker: DialogueStateTracker,
    domain: Domain,
) -> List[Event]:
    """Run the action here if its endpoint has no address, else ask the action server as Rasa does."""
    if not is_direct(self.action_endpoint):
        asked: Awaitable[List[Event]] = RASAS_RUN(self, output_channel, nlg, tracker, domain)
        return await asked
    action = action_of(self.action_endpoint)
    if self.name() != action.name():
        raise NoActionError(f"there is no action `{self.name()}` here")
    latest = tracker.latest_message
    payload = await action.react(latest.parse_data, latest.metadata or {})
    return [create_bot_utterance({"custom": payload})]


def install() -> None:
    """Put it in the place of Rasa's method; calling it again changes nothing."""
    RemoteAction.run = run
