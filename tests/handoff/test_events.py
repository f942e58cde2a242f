"""The registry of events: what a log may hold, what customers see of it, and what becomes of entries of other versions."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest

from contract.reply import Button
from handoff.conversations.events import (
    CUSTOMER,
    SYSTEM,
    BotFailed,
    Cancelled,
    Event,
    HandoffRequested,
    Message,
    Note,
    Resolved,
    Transferred,
    Unknown,
    registry,
)
from handoff.conversations.events.registry import Body, data_of, event, internal, public, read_body, table, types
from handoff.conversations.rebuild import find_differences
from handoff.conversations.store import events_after, lock_conversation, save_conversation
from tests.handoff.running_desk import Desk, append

AT = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
DOCUMENT = Path(__file__).parents[2] / "docs" / "conversation.md"


def shown(body: Body) -> dict[str, Any] | None:
    """The data of an event that customers get; None where they get no event."""
    entry = Event("c1", 7, AT, SYSTEM, body)
    if not entry.is_public:
        return None
    envelope = {"seq", "type", "at", "by"}
    return {name: value for name, value in entry.as_json(for_customer=True).items() if name not in envelope}


WHAT_CUSTOMERS_SEE: list[tuple[Body, dict[str, Any] | None]] = [
    (Message(text="Hi", client_message_id="m1"), {"text": "Hi", "client_message_id": "m1"}),
    (
        Message(text="?", buttons=(Button("solved", "Yes"), Button("scam", "Scam", "door")), locale="en", article={"id": "a"}),
        {
            "text": "?",
            "buttons": [{"choice": "solved", "label": "Yes"}, {"choice": "scam", "label": "Scam", "kind": "door"}],
            "locale": "en",
            "article": {"id": "a"},
        },
    ),
    (
        HandoffRequested(reason="dispute", priority="high", topic="double_charge", amount_cny=66.0, stays_open=True),
        {"reason": "dispute", "priority": "high"},
    ),
    (Transferred(note="VIP", to="lin", why="agent"), {}),
    (Resolved(resolution="agent", note="done"), {"resolution": "agent"}),
    (Cancelled(), {}),
    (Note(text="careful"), None),
    (BotFailed(turn_id="c1.1", code="bot_too_slow", settled_seq=1), None),
    (Unknown(name="message", data_version=9, data={"text": "x"}), None),
]


@pytest.mark.parametrize(("body", "expected"), WHAT_CUSTOMERS_SEE, ids=lambda value: getattr(value, "type", ""))
def test_what_customers_see_of_an_event(body: Body, expected: dict[str, Any] | None) -> None:
    """A customer would read what agents write for each other, or miss a part of the contract."""
    assert shown(body) == expected


def test_an_event_says_who_did_it_and_when() -> None:
    """A page could not sort or sign what it shows."""
    assert Event("c1", 7, AT, CUSTOMER, Message(text="Hi")).as_json(for_customer=True) == {
        "text": "Hi",
        "seq": 7,
        "type": "message",
        "at": "2026-01-05T09:00:00+00:00",
        "by": {"kind": "customer", "name": ""},
    }


def test_an_internal_event_is_never_made_for_a_customer() -> None:
    """A new route that forgets to filter would send notes to customers."""
    with pytest.raises(ValueError, match="internal"):
        Event("c1", 7, AT, SYSTEM, Note(text="careful")).as_json(for_customer=True)


@pytest.fixture
def own_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """Types that the test registers are gone after it."""
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))


@pytest.mark.usefixtures("own_types")
def test_a_type_and_a_field_without_declaration_are_invisible() -> None:
    """A developer who adds an event or a field would publish it by forgetting a word."""

    @event("fund_frozen")
    class FundFrozen(Body):
        """Money was stopped."""

        text: str

    @event("news", is_public=True)
    class News(Body):
        """Something happened."""

        text: str = public()
        source: str
        rank: int | None = internal(default=None)

    assert shown(FundFrozen(text="x")) is None
    assert shown(News(text="x", source="y", rank=3)) == {"text": "x"}


@pytest.mark.usefixtures("own_types")
async def test_a_new_event_type_needs_only_its_class(desk: Desk) -> None:
    """A developer would have to edit SQL, routes and the documentation for an event, and customers could read it by mistake."""

    @event("fund_frozen")
    class FundFrozen(Body):
        """Money was stopped."""

        case: str = internal("of the wallet")
        amounts: tuple[float, ...] = ()

    @event("fund_released", is_public=True)
    class FundReleased(Body):
        """Money moves again."""

        text: str = public()
        case: str

    customer = await desk.waiting_customer()
    new = [FundFrozen(case="W-7", amounts=(5.0, 6.5)), FundReleased(text="OK", case="W-7")]
    async with desk.services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        before = draft.state.last_seq
        for body in new:
            append(draft, body, SYSTEM, AT)
        await save_conversation(tx, draft)
    async with desk.services.store.read() as tx:
        assert [entry.body for entry in await events_after(tx, customer.id, before)] == new

    agent = await desk.agent()
    by = {"at": AT.isoformat(), "by": {"kind": "system", "name": ""}}
    frozen = {"seq": before + 1, "type": "fund_frozen", "case": "W-7", "amounts": [5.0, 6.5], **by}
    released = {"seq": before + 2, "type": "fund_released", "text": "OK", **by}
    assert (await agent.log(customer))[-2:] == [frozen, {**released, "case": "W-7"}]
    assert await customer.events(after=before) == [released]
    assert [found async for found in find_differences(desk.services.store)] == []
    assert table().splitlines()[-2:] == [
        "| `fund_frozen` | 1 | `case` (of the wallet), `amounts` | internal | Money was stopped. |",
        "| `fund_released` | 1 | `text`, *`case`* | all | Money moves again. |",
    ]


@pytest.mark.usefixtures("own_types")
def test_a_version_without_upcasts_or_a_name_twice_is_refused() -> None:
    """Older logs would be read as they never were."""
    with pytest.raises(ValueError, match="upcasts"):
        event("news", version=2)(type("News", (Body,), {}))
    with pytest.raises(ValueError, match="two event types"):
        event("message")(type("Again", (Body,), {}))


UNREADABLE: list[tuple[str, int, Any]] = [
    ("fund_frozen", 1, {"amount": 5}),
    ("message", 3, {"text": "x"}),
    ("message", 0, {"text": "x"}),
    ("message", 1, {}),
    ("message", 1, {"text": 5}),
    ("message", 1, {"text": "x", "buttons": [{"choice": "a"}]}),
    ("message", 1, "x"),
    ("triage", 1, {"turn_id": "t", "decision": "answer", "silent": False, "message_seq": 1}),
    ("bot_failed", 1, {"turn_id": "turn", "code": "x"}),
    ("bot_failed", 1, {"turn_id": None, "code": "x"}),
    ("handoff_requested", 1, {}),
    ("state_imported", 1, {"status": "elsewhere"}),
]


@pytest.mark.parametrize(("name", "version", "data"), UNREADABLE)
def test_what_this_desk_cannot_read_is_kept_as_it_is(name: str, version: int, data: Any) -> None:
    """A log of a newer desk would stop this one, or lose what it cannot read."""
    body = read_body(name, version, data)
    assert body == Unknown(name=name, data_version=version, data=data)
    assert (body.type, body.version, data_of(body)) == (name, version, data)
    entry = Event("c1", 7, AT, SYSTEM, body)
    assert not entry.is_public
    told = entry.as_json(for_customer=False)
    assert (told["type"], told["name"], told["version"]) == ("unknown", name, version)


def test_a_field_of_a_newer_desk_is_no_obstacle_and_no_leak() -> None:
    """A desk could not be updated while another runs, or would show customers what it does not know."""
    body = read_body("message", 1, {"text": "x", "secret": "y"})
    assert isinstance(body, Message)
    assert shown(body) == {"text": "x"}


OLDER: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("bot_failed", {"turn_id": "c1.12", "code": "turn_lost"}, {"settled_seq": 12}),
    ("handoff_requested", {"reason": "security", "priority": "urgent"}, {"stays_open": True}),
    ("handoff_requested", {"reason": "unresolved", "priority": "normal"}, {"stays_open": False}),
    ("priority_raised", {"reason": "dispute", "priority": "high", "lane": "money_moving"}, {"stays_open": True}),
    ("assigned", {"agent": "Lin"}, {}),
    ("cancel_undone", {"reason": "dispute", "priority": "high"}, {}),
]


@pytest.mark.parametrize(("name", "data", "more"), OLDER)
def test_older_versions_are_read_as_the_present_one(name: str, data: dict[str, Any], more: dict[str, Any]) -> None:
    """A log of before the update would be unknown to the desk that wrote it."""
    body = read_body(name, 1, data)
    assert not isinstance(body, Unknown)
    assert data_of(body) == {**data, **more}


def test_every_version_has_its_line_in_the_documentation() -> None:
    """The page would describe another log than the one that is written."""
    page = DOCUMENT.read_text(encoding="utf-8")
    found = re.search(r"<!-- events: generated -->\n(.*?)\n<!-- end of events -->", page, re.DOTALL)
    assert found is not None
    assert found[1] == table(), "run: python -m handoff.conversations.events"


def test_every_type_says_what_happened() -> None:
    """The table would have a line that explains nothing."""
    assert [each.type for each in types() if not (each.__doc__ or "").strip().endswith((".", "`."))] == []
