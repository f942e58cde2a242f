"""The words that one turn reads: a message may come in pieces, and the bot is told them as one text. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from handoff.conversations.events import Event, Message
from handoff.conversations.state import is_desk_choice
from handoff.conversations.text import MESSAGE_LIMIT
from handoff.conversations.values import OWED_LIMIT

#: The maximum number of the customer's messages that are read for one turn.
PIECES_LIMIT = OWED_LIMIT
_JOINT = "，"
_SENTENCE_ENDS = "。！？!?，,；;…~～ \n"


@dataclass(frozen=True)
class Words:
    """What the bot is told of the pieces: the text, the pressed button, and whether a piece is the page's text."""

    text: str
    choice: str | None
    suggested: bool


def said(event: Event) -> Message:
    """The message of an event that is one. Raises TypeError for another event."""
    if not isinstance(event.body, Message):
        raise TypeError(event.type)
    return event.body


def for_the_bot(messages: Iterable[Event]) -> list[Event]:
    """A customer's messages without presses of the desk's own buttons."""
    return [message for message in messages if not is_desk_choice(said(message).choice)]


def pieces_of_one(messages: Sequence[Event]) -> list[Event]:
    """The messages that one turn reads: all words before the first button, or that button alone; no longer than one message."""
    if said(messages[0]).choice:
        return list(messages[:1])
    pieces: list[Event] = []
    length = 0
    for message in messages:
        body = said(message)
        length += len(body.text) + 1
        if body.choice or (pieces and length > MESSAGE_LIMIT):
            break
        pieces.append(message)
    return pieces


def with_earlier(earlier: Iterable[Event], pieces: Sequence[Event]) -> list[Event]:
    """The pieces, after those earlier ones that had a turn of their own and were only the beginning of the sentence."""
    return [piece for piece in earlier if piece.seq < pieces[0].seq] + list(pieces)


def written_by_customer(pieces: Iterable[Event]) -> list[Event]:
    """The pieces that are the customer's own words, not a text of the page."""
    return [piece for piece in pieces if not said(piece).suggested]


def joined(pieces: Sequence[Event]) -> str:
    """Pieces of a message as one text."""
    text = said(pieces[0]).text
    for piece in pieces[1:]:
        text += ("" if text.endswith(tuple(_SENTENCE_ENDS)) else _JOINT) + said(piece).text
    return text


def words_of(pieces: Sequence[Event]) -> Words:
    """What the bot is told of the pieces."""
    return Words(joined(pieces), said(pieces[0]).choice, len(written_by_customer(pieces)) < len(pieces))
