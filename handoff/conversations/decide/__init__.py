"""What may happen to a conversation: `decide` turns a command into the events that it makes, or refuses it.

Nothing else makes events. All is pure: the state, the command and the time are handed in. Refusals are the errors of
`handoff.runtime.errors`; they leave no trace.
"""

from __future__ import annotations

import datetime as dt

from handoff.conversations.care.callbacks import NoteCallback
from handoff.conversations.care.care import RULES as CARE_RULES
from handoff.conversations.care.case_file import WriteCase
from handoff.conversations.care.first_aid import FirstAidCommand
from handoff.conversations.care.identity import ActOnDevice, Identify
from handoff.conversations.care.incidents import TellIncidentOver
from handoff.conversations.care.intake import AnswerIntake, AskIntake, CloseIntake, PauseIntake, ResumeIntake, SkipIntake
from handoff.conversations.care.promises import MakePromise, SettlePromise
from handoff.conversations.care.proofs import NoteProof
from handoff.conversations.decide import agents, bot, customers, handing_over
from handoff.conversations.decide.agents import (
    AddNote,
    Assign,
    EndOffer,
    Link,
    Mark,
    NoteAccess,
    OfferTo,
    Requeue,
    Resolve,
    ReturnToBot,
    UndoResolution,
    Write,
    check_agent,
)
from handoff.conversations.decide.bot import FailTurn, RecordFeedback, RecordTriage, Speak
from handoff.conversations.decide.customers import (
    Attach,
    Cancel,
    ChooseLanguage,
    HearLanguage,
    KeepWaiting,
    Rate,
    Receive,
    Tell,
    UndoCancel,
)
from handoff.conversations.decide.handing_over import RequestHandoff, returning_matter
from handoff.conversations.decide.writing import Writing
from handoff.conversations.events import Event
from handoff.conversations.state import Conversation

Command = (
    ActOnDevice
    | AddNote
    | AnswerIntake
    | AskIntake
    | Assign
    | Attach
    | Cancel
    | ChooseLanguage
    | CloseIntake
    | EndOffer
    | FailTurn
    | FirstAidCommand
    | HearLanguage
    | Identify
    | KeepWaiting
    | Link
    | MakePromise
    | Mark
    | NoteAccess
    | NoteProof
    | NoteCallback
    | OfferTo
    | PauseIntake
    | Rate
    | Receive
    | RecordFeedback
    | RecordTriage
    | RequestHandoff
    | Requeue
    | Resolve
    | ResumeIntake
    | ReturnToBot
    | SettlePromise
    | SkipIntake
    | Speak
    | Tell
    | TellIncidentOver
    | UndoCancel
    | UndoResolution
    | Write
    | WriteCase
)

_RULES = {**CARE_RULES, **agents.RULES, **bot.RULES, **customers.RULES, **handing_over.RULES}


def decide(state: Conversation, command: Command, now: dt.datetime) -> list[Event]:
    """The events that a command makes, in order; none when it changes nothing. Raises DeskError when it is refused."""
    writing = Writing(state, now)
    _RULES[type(command)](writing, command)
    return writing.events


__all__ = [
    "AddNote",
    "AnswerIntake",
    "AskIntake",
    "Assign",
    "Attach",
    "Cancel",
    "ChooseLanguage",
    "CloseIntake",
    "Command",
    "EndOffer",
    "FailTurn",
    "HearLanguage",
    "Identify",
    "KeepWaiting",
    "Link",
    "MakePromise",
    "Mark",
    "NoteAccess",
    "NoteProof",
    "OfferTo",
    "PauseIntake",
    "Rate",
    "Receive",
    "RecordFeedback",
    "RecordTriage",
    "RequestHandoff",
    "Requeue",
    "Resolve",
    "ResumeIntake",
    "ReturnToBot",
    "SettlePromise",
    "SkipIntake",
    "Speak",
    "Tell",
    "TellIncidentOver",
    "UndoCancel",
    "UndoResolution",
    "Write",
    "WriteCase",
    "check_agent",
    "decide",
    "returning_matter",
]
