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
from actions.incidents import announced, incident_of, with_incident
from actions.lookups import look_up, question_for, with_lookup
from actions.reply import Reply, compose, file_locale
from actions.settings import Settings
from actions.short_reply import short_replies_of
from actions.wallet import WalletClient
from content.bundle import Content
from content.published import PublishedContent
from contract.decision import Decision
from contract.locales import TRADITIONAL
from contract.lookup import Lookup
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
    message: Message, context: Context, content: Content, model: str, day: dt.date, lookup: Optional[Lookup] = None
) -> Tuple[List[Reply], Dict[str, Any]]:
    """Decide and compose: the bot's messages, and the decision as JSON with the versions that reproduce it.

    `lookup`: what was looked up for the decision, if it asks for that (actions/lookups.py). A replay gives the logged one.
    """
    decision, context = decide_turn(message, context, content, day)
    return finish(decision, context, content, model, day, lookup)


def decide_turn(message: Message, context: Context, content: Content, day: dt.date) -> Tuple[Decision, Context]:
    """The decision without what is looked up for it, and the context in the answer's language.

    The message's language is the answer's; the conversation's, if the message does not tell.
    """
    context = replace(context, locale=message.language or context.locale)

    def has_article(article_id: str) -> bool:
        return content.articles.find(article_id, file_locale(context.locale), day) is not None

    doors = content.articles.doors_of(context.last_article)
    if context.locale == TRADITIONAL:  # as they were shown; some of the words are not only written in other characters
        doors.update({content.traditional.convert(label): intent for label, intent in doors.items()})
    decision = decide(message, context, content.policy, has_article, doors, content.lookups.questions)
    decision = with_incident(decision, incident_of(decision, message.text, context.incidents))
    return replace(decision, language=tag_of(context.locale)), context


def finish(
    decision: Decision, context: Context, content: Content, model: str, day: dt.date, lookup: Optional[Lookup]
) -> Tuple[List[Reply], Dict[str, Any]]:
    """The messages for a decision and what was looked up for it, and the whole decision as JSON."""
    messages, decision = compose(with_lookup(decision, lookup, content, day), context, content, day)
    messages = [*announced(decision, context, content.traditional), *messages]
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
        self._wallet = WalletClient(settings.wallet_url, settings.wallet_key) if settings.wallet_url else None

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
        day = dt.date.today()
        decided, context = decide_turn(message, context, content, day)
        lookup = await self._look_up(decided, message, context, content, day)
        # What parsed the message. While a publication changes models, a bot can be ahead of the pointer for moments.
        messages, decision = finish(decided, context, content, metadata.get("model") or model, day, lookup)
        if turn and not metadata.get("replies_to_desk"):
            await self._ask_for_person(turn, decision)
        return {"messages": messages, "decision": decision}

    async def _look_up(
        self, decided: Decision, message: Message, context: Context, content: Content, day: dt.date
    ) -> Optional[Lookup]:
        question = question_for(decided, message, context, content, day)
        if question is None or self._wallet is None:
            return None
        return await look_up(self._wallet, question, dt.datetime.now(dt.timezone.utc))

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
