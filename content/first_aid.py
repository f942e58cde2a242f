"""First aid (`data/first_aid.yml`): what a customer can do at once, for which matters it is offered, and the words about it."""

from __future__ import annotations

import zoneinfo
from pathlib import Path
from typing import Annotated, Any, Dict, Iterator, List, Literal, Mapping, Optional, Tuple

import msgspec

from content.canned_replies import ByLanguage
from content.sources import ContentError, Strict, line_of, load_mapping, shaped
from content.templates import fill_checked
from content.triage_policy import Policy
from contract.locales import FILE_LOCALES
from contract.priorities import LANES
from contract.wallet import FIRST_AID_ACTIONS, REVERSALS

FILE = "first_aid.yml"
#: The actions about one thing of the customer's, and what that thing is.
TARGETS: Mapping[str, str] = {"recall_transfer": "transaction", "block_payee": "payee", "report_card_lost": "card"}
#: The same with the reversals.
TARGET_KINDS: Mapping[str, str] = {**TARGETS, "unblock_payee": "payee", "reactivate_card": "card"}
#: What the desk fills into a text, with values to try the text with. All texts may use the facts.
_VALUES: Mapping[str, Mapping[str, Any]] = {
    "instructions": {"steps": "1. ..."},
    "pending": {"label": ""},
    "impossible": {"label": "", "why": ""},
    "unknown": {"label": ""},
    "in_progress": {"label": ""},
    "too_little": {"label": "", "how": ""},
    "transaction": {"at": "14:02", "name": "", "amount": "¥1.00"},
    "payee": {"name": ""},
    "card": {"bank": "", "last4": "0000"},
}
_Level = Annotated[int, msgspec.Meta(ge=1, le=3)]
_Minutes = Annotated[int, msgspec.Meta(ge=1, le=1440)]


class ActionPolicy(Strict, frozen=True):
    """One action for customers. `assurance`: how well the app must know the customer (1 to 3).

    `confirm`: the question before the action; `button`: the button that acts; `done`: what is true then. `instruction`: how a
    customer does it without us. `is_heavy`: an agent needs a second person for it.

    An action about one thing (`TARGETS`) also has `choose`, the question if there are several, and `nothing`, for none. Its
    `confirm` and `button` may name the thing by `{{ target }}`.
    """

    label: ByLanguage
    explanation: ByLanguage
    confirm: ByLanguage
    button: ByLanguage
    done: ByLanguage
    instruction: ByLanguage
    assurance: _Level
    is_heavy: bool = msgspec.field(name="heavy", default=False)
    choose: Optional[ByLanguage] = None
    nothing: Optional[ByLanguage] = None


class ReversalPolicy(Strict, frozen=True):
    """The reversal of an action. People of the desk ask for it, always two of them."""

    label: ByLanguage
    done: ByLanguage


class Offer(Strict, frozen=True):
    """Which actions are offered, in this order, for a matter that has one of the lanes, reasons or intents."""

    actions: Tuple[str, ...]
    lanes: Tuple[str, ...] = ()
    reasons: Tuple[str, ...] = ()
    intents: Tuple[str, ...] = ()

    def is_for(self, reason: Optional[str], lane: Optional[str], intent: Optional[str]) -> bool:
        """Whether a matter is one of these."""
        return lane in self.lanes or reason in self.reasons or intent in self.intents


class Texts(Strict, frozen=True):
    """The desk's words about all actions.

    `offer`: after the handoff; `offer_with_answer`: after an article; `instructions`: to a customer whom we do not know.
    `raise_assurance`: level -> how the customer reaches it. `cancel`: the button that does nothing; `kept`: it was pressed.
    `away`: the wallet's systems do not answer. `not_received`, `no_answer_yet`: why an order is not done, or not known to be.
    `not_connected`: the wallet knows no such customer. `last_transaction`, `last_payee`, `all_cards`: what an order is about
    that names nothing. `transaction`, `payee`, `card`: how a thing is named.
    """

    offer: ByLanguage
    offer_with_answer: ByLanguage
    instructions: ByLanguage
    too_little: ByLanguage
    raise_assurance: Dict[str, ByLanguage]
    cancel: ByLanguage
    kept: ByLanguage
    pending: ByLanguage
    impossible: ByLanguage
    unknown: ByLanguage
    in_progress: ByLanguage
    away: ByLanguage
    not_received: ByLanguage
    no_answer_yet: ByLanguage
    not_connected: ByLanguage
    last_transaction: ByLanguage
    last_payee: ByLanguage
    all_cards: ByLanguage
    transaction: ByLanguage
    payee: ByLanguage
    card: ByLanguage


class FirstAidPolicy(Strict, frozen=True):
    """`data/first_aid.yml`. `zone`: the time zone of the times in texts. `always`: what customers can do whatever they ask.

    `repeat_minutes`: for so long another press of what is done gets the result of the first. `send_again_minutes`: for so long
    the desk sends an order again that the wallet never received; later a person must decide. `ask_hours`: for so long the desk
    asks what became of an order. `proposal_minutes`: for so long a second person may agree to an agent's proposal.
    """

    version: Literal[1]
    zone: str
    repeat_minutes: _Minutes
    send_again_minutes: _Minutes
    ask_hours: Annotated[int, msgspec.Meta(ge=1, le=168)]
    proposal_minutes: _Minutes
    actions: Dict[str, ActionPolicy]
    reversals: Dict[str, ReversalPolicy]
    always: Tuple[str, ...]
    offers: Tuple[Offer, ...]
    texts: Texts

    def offered(self, reason: Optional[str], lane: Optional[str], intent: Optional[str]) -> Tuple[str, ...]:
        """The actions for a matter, in order: those of the first offer that fits; empty if none does."""
        return next((offer.actions for offer in self.offers if offer.is_for(reason, lane, intent)), ())

    def label_of(self, action: str) -> Optional[ByLanguage]:
        """The name of an action or a reversal; None for one that an older policy had."""
        found = self.actions.get(action) or self.reversals.get(action)
        return found.label if found else None

    def needs_second_person(self, action: str) -> bool:
        """Whether an agent alone may not ask for it: a heavy action, and each reversal."""
        return action not in self.actions or self.actions[action].is_heavy


def load_first_aid(path: Path, facts: Mapping[str, Mapping[str, Any]], policy: Policy) -> FirstAidPolicy:
    """The first-aid policy; each text is filled in once. Raises ContentError: the place, and how to fix it."""
    document = load_mapping(path, FirstAidPolicy)
    found = shaped(FirstAidPolicy, path, document)
    for place, problem in _faults(found, policy):
        where = ".".join(str(step) for step in place)
        raise ContentError(path, line_of(document, place), f"{where}: {problem}")
    for place, text, values in _texts(found):
        for locale in FILE_LOCALES:
            try:
                fill_checked(getattr(text, locale), {**facts[locale], **values}, path, place=".".join([*place, locale]))
            except ContentError as error:
                raise ContentError(path, line_of(document, [*place, locale]), error.problem) from error
    return found


def _faults(found: FirstAidPolicy, policy: Policy) -> Iterator[Tuple[List[Any], str]]:
    """What contradicts the wallet's contract or the triage policy: the place, and the problem."""
    for field, needed in (("actions", FIRST_AID_ACTIONS), ("reversals", tuple(REVERSALS.values()))):
        listed = getattr(found, field)
        for name in listed:
            if name not in needed:
                yield [field, name], f"the wallet knows no such action: correct the name, one of {', '.join(needed)}"
        for name in needed:
            if name not in listed:
                yield [field], f"`{name}` is missing"
    for name, action in found.actions.items():
        has_words = action.choose is not None and action.nothing is not None
        if (name in TARGETS) != has_words or (action.choose is None) != (action.nothing is None):
            need = (
                "needs `choose` and `nothing`" if name in TARGETS else "is about no single thing: remove `choose` and `nothing`"
            )
            yield ["actions", name], need
    if found.zone not in zoneinfo.available_timezones():
        yield ["zone"], f"there is no time zone `{found.zone}`"
    if set(found.texts.raise_assurance) != {"1", "2", "3"}:
        yield ["texts", "raise_assurance"], 'needs words for "1", "2" and "3"'
    yield from _unknown_names(["always"], found.always, found.actions, "actions")
    for number, offer in enumerate(found.offers):
        place: List[Any] = ["offers", number]
        if not offer.actions:
            yield place, "an offer needs actions"
        if not (offer.lanes or offer.reasons or offer.intents):
            yield place, "an offer needs lanes, reasons or intents"
        yield from _unknown_names([*place, "actions"], offer.actions, found.actions, "actions")
        yield from _unknown_names([*place, "lanes"], offer.lanes, dict.fromkeys(LANES), "lanes")
        yield from _unknown_names([*place, "reasons"], offer.reasons, policy.reasons, "reasons of triage.yml")
        yield from _unknown_names([*place, "intents"], offer.intents, policy.intents, "intents of triage.yml")


def _unknown_names(
    place: List[Any], names: Tuple[str, ...], known: Mapping[str, Any], what: str
) -> Iterator[Tuple[List[Any], str]]:
    for number, name in enumerate(names):
        if name not in known:
            yield [*place, number], f"`{name}` is not among the {what}: correct or remove it"
        elif name in names[:number]:
            yield [*place, number], f"`{name}` is named twice: remove one"


def _texts(found: FirstAidPolicy) -> Iterator[Tuple[List[str], ByLanguage, Mapping[str, Any]]]:
    """Every text: its place, and the values that it may use."""
    for kind in ("actions", "reversals"):
        for name, entry in getattr(found, kind).items():
            values = {"target": ""} if name in TARGETS else {}
            for field in msgspec.structs.fields(entry):
                text = getattr(entry, field.name)
                if isinstance(text, ByLanguage):
                    yield [kind, name, field.encode_name], text, values if field.name in ("confirm", "button") else {}
    for field in msgspec.structs.fields(found.texts):
        held = getattr(found.texts, field.name)
        if isinstance(held, ByLanguage):
            yield ["texts", field.name], held, _VALUES.get(field.name, {})
        else:
            for level, text in held.items():
                yield ["texts", field.name, level], text, {}
