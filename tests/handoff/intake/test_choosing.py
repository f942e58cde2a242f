"""A signed-in customer chooses among their own transactions; the wallet never delays a handoff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from contract.wallet import Transaction
from handoff.cases.care_desk import CareDesk
from handoff.cases.intake.choosing import Transactions
from handoff.cases.intake.intake_desk import IntakeDesk
from handoff.cases.wallet import WalletAway
from handoff.conversations.care.identity import Identify, Identity
from handoff.conversations.store import lock_conversation, save_conversation
from handoff.queue.handoffs import Handoffs
from tests.handoff.fake_bot import escalates
from tests.handoff.people import Customer, Json, of_type
from tests.handoff.running_desk import Desk


def paid(id_: str, amount: str, minutes_ago: int = 5) -> Transaction:
    """A payment to a shop."""
    at = dt.datetime(2026, 11, 30, 4, 0, tzinfo=dt.UTC) - dt.timedelta(minutes=minutes_ago)
    return Transaction(id_, "payment", "out", Decimal(amount), "CNY", "李小明", "succeeded", at, "password")


@dataclass
class WalletOfTests:
    """Answers with these transactions, or is away."""

    found: Sequence[Transaction] = ()
    is_away: bool = False
    asked: list[str] = field(default_factory=list)

    async def transactions(self, subject: str) -> Sequence[Transaction]:
        """The transactions."""
        self.asked.append(subject)
        if self.is_away:
            raise WalletAway("away")
        return self.found


async def waits_signed_in(
    desk: Desk, wallet: WalletOfTests, *, assurance: int = 2, amount_cny: float | None = None
) -> tuple[Customer, list[Json]]:
    """A signed-in customer with a dispute whose look-up is over, and the log."""
    customer = await desk.customer()
    desk.bot.will(escalates("user_request", "normal", "human_agent"))
    await customer.say("转人工，请帮我看看一笔钱")
    await desk.wait_for(customer, lambda log: any(event.get("kind") == "handoff" for event in log))
    await desk.turns_over()
    services, now = desk.services, desk.clock()
    transactions = Transactions(services.store, wallet, desk.clock)
    intake = IntakeDesk(services.policy, transactions)
    async with services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        draft.do(Identify(Identity("u-1002", assurance, now + dt.timedelta(hours=1))), now)
        await save_conversation(tx, draft)
    async with services.store.begin() as tx:
        draft = await lock_conversation(tx, customer.id)
        assert draft is not None
        handoffs = Handoffs(services.policy, care=CareDesk((intake,)))
        await handoffs.request(tx, draft, "dispute", "high", now, key="graver", intent="bill_dispute", amount_cny=amount_cny)
        await save_conversation(tx, draft)
    await transactions.finish()
    return customer, await desk.log(customer)


async def test_the_customer_picks_their_own_transaction(desk: Desk) -> None:
    """The case would name a transaction in the customer's words, and an agent would have to look for it."""
    wallet = WalletOfTests([paid("t-1", "500.00"), paid("t-2", "35.50", 30)])
    customer, log = await waits_signed_in(desk, wallet)
    (question,) = [event for event in log if event.get("kind") == "intake" and "哪一笔" in event["text"]]
    assert [button["label"] for button in question["buttons"]][:2] == [
        "11-30 11:55 -¥500.00 李*",
        "11-30 11:30 -¥35.50 李*",
    ]
    assert (await customer.press("intake:dispute_transaction:t-2")).status_code == 201
    (answer,) = [each for each in of_type(await desk.log(customer), "intake_answered") if each.get("option") == "t-2"]
    assert (answer["source"], answer["transaction"]["id"], answer["transaction"]["amount"]) == ("customer", "t-2", "35.50")
    assert wallet.asked == ["u-1002"]


async def test_the_only_transaction_with_the_amount_is_filled_in(desk: Desk) -> None:
    """The customer would be asked for what the wallet knows."""
    wallet = WalletOfTests([paid("t-1", "500.00"), paid("t-2", "35.50")])
    _, log = await waits_signed_in(desk, wallet, amount_cny=35.5)
    (answer,) = [each for each in of_type(log, "intake_answered") if each["question"] == "dispute_transaction"]
    assert (answer["source"], answer["option"], answer["assurance"]) == ("lookup", "t-2", 2)
    assert answer["transaction"]["counterparty"] == "李小明"


@pytest.mark.parametrize(
    ("wallet", "assurance", "asked"),
    [
        (WalletOfTests(is_away=True), 2, ["u-1002"]),
        (WalletOfTests([]), 2, ["u-1002"]),
        (WalletOfTests([paid("t-1", "500.00")]), 1, []),
    ],
    ids=["away", "no transactions", "too little assurance"],
)
async def test_without_a_look_up_the_customer_writes_it(
    desk: Desk, wallet: WalletOfTests, assurance: int, asked: list[str]
) -> None:
    """The question would never come, or a wallet would be asked on a proof that is not enough."""
    _, log = await waits_signed_in(desk, wallet, assurance=assurance)
    (question,) = [event for event in log if event.get("kind") == "intake" and "哪一笔" in event["text"]]
    assert [button["choice"].rpartition(":")[2] for button in question["buttons"]] == ["skip", "later"]
    assert wallet.asked == asked
