"""Ids of the buttons that the bot offers. The desk sends the id back when the customer presses the button."""

from __future__ import annotations

CHOICE_SOLVED, CHOICE_UNSOLVED, CHOICE_HUMAN = "solved", "unsolved", "human"
CHOICE_CANCEL_WAIT, CHOICE_KEEP_WAITING = "cancel_wait", "keep_waiting"
#: Prefix of a topic's button; the intent follows.
CHOICE_TOPIC = "topic:"
