"""The custom action, which runs for every message: it decides and answers."""

from __future__ import annotations

import datetime as dt
import logging
import platform
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Tuple

import rasa_sdk
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.code_revision import code_revision
from actions.decide import decide
from actions.decision import Message, Part
from actions.handoff_client import HandoffClient, HandoffError
from actions.incidents import announcement, incident_of, with_incident
from actions.reply import Reply, compose, file_locale
from actions.settings import Settings
from actions.short_reply import short_replies_of
from content.bundle import Content
from content.published import PublishedContent
from contract.locales import TRADITIONAL
from contract.routes import ESCALATE
from contract.turn import Context, TurnRequest
from language.recognition import language_of, tag_of

logger = logging.getLogger(__name__)


def message_from_parse(
    parse: Mapping[str, Any],
    choice: Optional[str] = None,
    *,
    said: Optional[str] = None,
    before: Optional[str] = None,
    is_suggested: bool = False,
) -> Message:
    """A pipeline's output (Rasa's parse data) as the decision's input.

    The text of `parse` is normalised: the pipeline's first component does that. `said`: the customer's own words, which the
    pipeline has converted to simplified Chinese. `before`: the conversation's language. The words of a button or of a
    suggested text do not tell the customer's language.
    """
    text = parse.get("text") or ""
    return Message(
        text=text,
        ranking=_ranking(parse),
        entities=[dict(entity) for entity in parse.get("entities", [])],
        thresholds=parse.get("thresholds", {}),
        choice=choice,
        parts=_parts(parse.get("parts")),
        sentences=_parts(parse.get("sentences")),
        language=None if choice is not None or is_suggested else language_of(said or text, before),
    )


def _parts(parsed: Optional[List[Mapping[str, Any]]]) -> List[Part]:
    return [Part(part["text"], _ranking(part)) for part in parsed or []]


def _ranking(parse: Mapping[str, Any]) -> List[Tuple[str, float]]:
    return [(item["name"], float(item["confidence"])) for item in parse.get("intent_ranking", [])]


def triage(
    message: Message, context: Context, content: Content, model: str, day: dt.date
) -> Tuple[List[Reply], Dict[str, Any]]:
    """Decide and compose: the bot's messages, and the decision as JSON with the versions that reproduce it.

    The message's language is the answer's; the conversation's, if the message does not tell.
    """
    context = replace(context, locale=message.language or context.locale)

    def has_article(article_id: str) -> bool:
        return content.articles.find(article_id, file_locale(context.locale), day) is not None

    doors = content.articles.doors_of(context.last_article)
    if context.locale == TRADITIONAL:  # as they were shown; some of the words are not only written in other characters
        doors.update({content.traditional.convert(label): intent for label, intent in doors.items()})
    decision = decide(message, context, content.policy, has_article, doors)
    decision = replace(decision, language=tag_of(context.locale))
    incident = incident_of(decision, message.text, context.incidents)
    messages, decision = compose(decision, context, content, day)
    if incident is not None:
        decision = with_incident(decision, incident)
        messages = [announcement(incident, context.locale, content.traditional), *messages]
    versions = {
        "content": content.revision,
        "code": code_revision(),
        "rasa_sdk": rasa_sdk.__version__,
        "python": platform.python_version(),
        "day": day.isoformat(),
    }
    decision = replace(decision, model=model, policy=content.policy.version_hash, versions=versions)
    return messages, decision.as_json()


class ActionTriage(Action):
    """Decides and answers. Asks the desk for a person where the channel's reply does not carry the decision to it."""

    def __init__(self) -> None:
        settings = Settings.from_environment()
        self._published = PublishedContent(settings.models, Content)
        language_of("預熱")  # its tables take 0.1 s to make
        code_revision()  # of the files that this process runs, whatever an update writes later
        # Read now, so that the first customer does not wait, and a server without content does not start.
        short_replies_of(self._published.content().policy)
        self._handoffs = HandoffClient(settings.desk_url, settings.service_token) if settings.desk_url else None

    def name(self) -> str:
        """The name of the action in `domain.yml` and in the dialogue policy."""
        return "action_triage"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[str, Any]) -> List[Any]:
        """Answer one turn on an action server (`rasa run actions`)."""
        latest = tracker.latest_message
        dispatcher.utter_message(json_message=await self.react(latest, latest.get("metadata") or {}))
        return []

    async def react(self, parse: Mapping[str, Any], metadata: Mapping[str, Any]) -> Dict[str, Any]:
        """Answer one turn: `{messages, decision}`, JSON types only.

        `parse`: the pipeline's output. `metadata`: what the channel tells: `turn`, a `contract.turn.TurnRequest` or its JSON
        (none on a channel that knows no turns); `replies_to_desk`: whether the channel's reply brings the decision to the desk;
        `model`: the name of the model that parsed the message, if the channel knows it.
        """
        turn = _turn(metadata.get("turn"))
        content, model = self._published.current()
        context = turn.context if turn else Context()
        message = message_from_parse(
            parse,
            turn.choice if turn else None,
            said=turn.text if turn else None,
            before=context.locale,
            is_suggested=turn is not None and turn.suggested,
        )
        # What parsed the message. While a publication changes models, a bot can be ahead of the pointer for moments.
        messages, decision = triage(message, context, content, metadata.get("model") or model, dt.date.today())
        if turn and not metadata.get("replies_to_desk"):
            await self._ask_for_person(turn, decision)
        return {"messages": messages, "decision": decision}

    async def _ask_for_person(self, turn: TurnRequest, decision: Mapping[str, Any]) -> None:
        if decision["route"] != ESCALATE or turn.context.status != "with_bot" or self._handoffs is None:
            return
        try:
            await self._handoffs.request_handoff(turn.conversation_id, turn.turn_id, decision)
        except HandoffError as error:
            # The reply has the decision; the channel can ask the desk again with the same turn.
            logger.warning("handoff for turn %s not delivered: %s", turn.turn_id, error)


def _turn(given: Any) -> Optional[TurnRequest]:
    return given if given is None or isinstance(given, TurnRequest) else TurnRequest.from_json(given)


def make_action() -> ActionTriage:
    """The action that runs in Rasa's process (`actions_module` in `endpoints.yml`)."""
    return ActionTriage()
