"""What customers read about first aid: the editors' texts of data/first_aid.yml with everything filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from content.canned_replies import ByLanguage
from content.desk_policy import DeskPolicy, file_locale
from content.first_aid import TARGETS, FirstAidPolicy
from contract.locales import TRADITIONAL
from contract.reply import Button
from contract.wallet import Why
from handoff.cases.first_aid.targets import Target
from handoff.conversations.care.first_aid import Order, OrderState

#: The beginning of all buttons of first aid. `first_aid:ACTION` asks; `first_aid:ACTION:confirm[:TARGET]` acts.
PREFIX = "first_aid:"
CANCEL = f"{PREFIX}cancel"
_CONFIRM = "confirm"


def ask_choice(action: str) -> str:
    """The button that asks before the action."""
    return f"{PREFIX}{action}"


def confirm_choice(action: str, target: str | None = None) -> str:
    """The button that acts."""
    return f"{PREFIX}{action}:{_CONFIRM}" if target is None else f"{PREFIX}{action}:{_CONFIRM}:{target}"


def read_choice(choice: str) -> tuple[str, bool, str | None]:
    """Action, whether it is confirmed, and the target of a pressed button."""
    action, _, rest = choice.removeprefix(PREFIX).partition(":")
    confirm, _, target = rest.partition(":")
    return action, confirm == _CONFIRM, target or None


class Words:
    """The texts in one customer's language, of the policy that is published now."""

    def __init__(self, policy: DeskPolicy, locale: str) -> None:
        self._policy, self._locale = policy, locale
        self.first_aid: FirstAidPolicy = policy.content.first_aid
        self.texts = self.first_aid.texts

    def fill(self, text: ByLanguage, **values: Any) -> str:
        """A text in the customer's language with facts and values filled in."""
        return self._policy.fill(text.of(file_locale(self._locale)), self._locale, **values)

    def label(self, action: str) -> str:
        """The name of an action; its id, if the editors removed it meanwhile."""
        found = self.first_aid.label_of(action)
        return self.fill(found) if found else action

    # --- offers -----------------------------------------------------------------------------------------------------------

    def ask_buttons(self, actions: Iterable[str]) -> tuple[Button, ...]:
        """A button for each action; a press asks first."""
        return tuple(Button(ask_choice(action), self.label(action)) for action in actions)

    def instructions(self, actions: Sequence[str]) -> str:
        """How the customer does it without the desk, in order."""
        steps = [self.fill(self.first_aid.actions[action].instruction) for action in actions]
        numbered = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
        return self.fill(self.texts.instructions, steps=numbered)

    def how_to_raise(self, level: int) -> str:
        """How the customer proves more of who they are."""
        return self.fill(self.texts.raise_assurance[str(level)])

    def too_little(self, action: str) -> str:
        """The action needs more assurance than the app has given."""
        how = self.how_to_raise(self.first_aid.actions[action].assurance)
        return self.fill(self.texts.too_little, label=self.label(action), how=how)

    # --- questions --------------------------------------------------------------------------------------------------------

    def question(self, action: str, targets: Sequence[Target] = ()) -> tuple[str, tuple[Button, ...]]:
        """The question before an action, with the buttons that act and the one that does not."""
        entry = self.first_aid.actions[action]
        cancel = Button(CANCEL, self.fill(self.texts.cancel))
        if action not in TARGETS:
            return self.fill(entry.confirm), (Button(confirm_choice(action), self.fill(entry.button)), cancel)
        if not targets:
            return self.fill(entry.nothing or self.texts.away), ()
        buttons = [
            Button(confirm_choice(action, target.id), self.fill(entry.button, target=self.target(target))) for target in targets
        ]
        if len(targets) == 1:
            text = self.fill(entry.confirm, target=self.target(targets[0]))
        else:
            text = self.fill(entry.choose or entry.confirm)
        return text, (*buttons, cancel)

    def target(self, target: Target) -> str:
        """The name of one thing."""
        if target.kind == "transaction":
            return self.fill(self.texts.transaction, at=target.at, name=target.name, amount=target.amount)
        if target.kind == "payee":
            return self.fill(self.texts.payee, name=target.name)
        return self.fill(self.texts.card, bank=target.name, last4=target.last4)

    def confirm_line(self, action: str) -> str:
        """The question for a page that has a confirmation of its own: about what an order without a target is about."""
        texts = self.texts
        named = {"transaction": texts.last_transaction, "payee": texts.last_payee, "card": texts.all_cards}
        target = self.fill(named[TARGETS[action]]) if action in TARGETS else ""
        return self.fill(self.first_aid.actions[action].confirm, target=target)

    # --- results ----------------------------------------------------------------------------------------------------------

    def result(self, order: Order) -> str:
        """What became of an order, truthfully."""
        label = self.label(order.action)
        if order.state is OrderState.DONE:
            entry = self.first_aid.actions.get(order.action) or self.first_aid.reversals.get(order.action)
            return self.fill(entry.done) if entry else label
        if order.state is OrderState.PENDING:
            return self.fill(self.texts.pending, label=label)
        if order.state is OrderState.IMPOSSIBLE:
            return self.fill(self.texts.impossible, label=label, why=self.why(order.why))
        if order.state is OrderState.UNKNOWN:
            return self.fill(self.texts.unknown, label=label)
        return self.fill(self.texts.in_progress, label=label)

    def why(self, why: Why | None) -> str:
        """The wallet's reason; it is a value and not a template, whatever it holds."""
        if why is None:
            return ""
        if file_locale(self._locale) == "en":
            return why.en
        return self._policy.content.traditional.convert(why.zh) if self._locale == TRADITIONAL else why.zh


def why_of(code: str, text: ByLanguage, policy: DeskPolicy) -> Why:
    """A reason of the desk's own, in both languages."""
    return Why(code, policy.fill(text.zh, "zh"), policy.fill(text.en, "en"))
