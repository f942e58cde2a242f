"""The audit of first aid finds each kind of breach, and finds nothing in a correct conversation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.drill.aid_audit import DIFFERS, NO_END, SOMEBODY_ELSE, TWICE, WITHOUT_ORDER, Books, check_aid, unsettled
from tests.drill.records import AidRequest, Client, Deed, Entry, Place

ID = "c"
OWN, OTHER = "u-2001", "u-2002"


def entry(seq: int, type: str, by: str = "system", **data: Any) -> Entry:
    """An event of the log."""
    return Entry(seq, type, float(seq), by, "", data)


class Scene:
    """A signed-in customer who read their transfer's state and froze their payments."""

    def __init__(self) -> None:
        lookup = {
            "name": "transaction_status",
            "state": "several",
            "subject": OWN,
            "facts": {"transactions": [{"id": "t200100"}]},
        }
        self.log = [
            entry(1, "identified", subject=OWN, assurance=2),
            entry(2, "message", "customer", text="my transfer"),
            entry(3, "triage", "bot", turn_id="c.2", message_seq=2, decision={"lookup": lookup}),
            entry(4, "message", "bot", text="which", buttons=[{"choice": "transaction:t200100"}]),
            entry(5, "handoff_requested", "bot", reason="security", priority="urgent"),
            entry(6, "first_aid_requested", action="freeze_payments", key="customer:k", wallet_key="w", subject=OWN),
            entry(7, "first_aid_result", action="freeze_payments", key="customer:k", state="done"),
        ]
        asked = AidRequest("freeze_payments", "k", 6.0, 1, "done")
        self.client = Client(ID, "stream", subject=OWN, aid=[asked, replace(asked, key="other-tab")])
        deed = Deed(OWN, "w", "freeze_payments", "done")
        self.books = Books([deed], {"t200100": OWN, "t200200": OTHER})
        self.place = Place("queued", None)

    def breaches(self) -> set[str]:
        """The breached bars."""
        return {each.bar for each in check_aid([self.client], {ID: self.log}, self.books, {ID: self.place})}

    def set(self, seq: int, **data: Any) -> None:
        """Change what one event says."""
        self.log[seq - 1] = replace(self.log[seq - 1], data={**self.log[seq - 1].data, **data})


def test_a_correct_conversation_has_no_breach() -> None:
    """Each drill would fail."""
    assert Scene().breaches() == set()


def _twice(scene: Scene) -> None:
    order = {"action": "freeze_payments", "key": "customer:k2", "wallet_key": "w2", "subject": OWN}
    scene.log += [entry(8, "first_aid_requested", **order)]
    scene.log += [entry(9, "first_aid_result", action="freeze_payments", key="customer:k2", state="done")]
    scene.books.deeds.append(Deed(OWN, "w2", "freeze_payments", "done"))


def _not_ordered(scene: Scene) -> None:
    scene.books.deeds.append(Deed(OWN, "w3", "sign_out_devices", "done"))


def _for_somebody_else(scene: Scene) -> None:
    scene.books.deeds[0] = replace(scene.books.deeds[0], subject=OTHER)


def _not_done(scene: Scene) -> None:
    scene.books.deeds.clear()


def _done_after_all(scene: Scene) -> None:
    scene.set(7, state="impossible")
    scene.client.aid.clear()


def _only_pending(scene: Scene) -> None:
    scene.books.deeds[0] = replace(scene.books.deeds[0], state="pending")


def _answered_done(scene: Scene) -> None:
    scene.set(7, state="impossible")
    scene.books.deeds[0] = replace(scene.books.deeds[0], state="impossible")


def _never_ended(scene: Scene) -> None:
    del scene.log[6]
    scene.client.aid.clear()


def _unknown_and_nobody(scene: Scene) -> None:
    scene.set(7, state="unknown")
    scene.client.aid.clear()
    scene.place = Place("with_bot", None)


def _never_logged(scene: Scene) -> None:
    scene.client.aid.append(AidRequest("block_payee", "k9", 8.0, 1, "unknown"))


def _never_answered(scene: Scene) -> None:
    scene.client.aid[0].state = None


def _identified_as_another(scene: Scene) -> None:
    scene.set(1, subject=OTHER)


def _looked_up_another(scene: Scene) -> None:
    scene.set(3, decision={"lookup": {"state": "none", "subject": OTHER}})


def _shown_of_another(scene: Scene) -> None:
    scene.set(4, buttons=[{"choice": "transaction:t200200"}])


def _anonymous(scene: Scene) -> None:
    scene.client.subject = None


@pytest.mark.parametrize(
    ("change", "bar"),
    [
        (_twice, TWICE),
        (_not_ordered, WITHOUT_ORDER),
        (_for_somebody_else, WITHOUT_ORDER),
        (_not_done, DIFFERS),
        (_only_pending, DIFFERS),
        (_done_after_all, DIFFERS),
        (_answered_done, DIFFERS),
        (_never_ended, NO_END),
        (_unknown_and_nobody, NO_END),
        (_never_logged, NO_END),
        (_never_answered, NO_END),
        (_identified_as_another, SOMEBODY_ELSE),
        (_looked_up_another, SOMEBODY_ELSE),
        (_shown_of_another, SOMEBODY_ELSE),
        (_anonymous, SOMEBODY_ELSE),
    ],
)
def test_each_breach_is_found(change: Callable[[Scene], None], bar: str) -> None:
    """A drill would pass although the desk acted twice, lied about it, forgot it, or told somebody else's facts."""
    scene = Scene()
    change(scene)
    assert scene.breaches() == {bar}


def test_an_unknown_result_that_a_person_has_is_no_breach() -> None:
    """A drill would fail although somebody looks after the order."""
    scene = Scene()
    scene.set(7, state="unknown")
    scene.client.aid.clear()
    assert scene.breaches() == set()
    assert unsettled({ID: scene.log}) == 1
