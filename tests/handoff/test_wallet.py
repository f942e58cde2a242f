"""The desk's client of the wallet, against the sample wallet and its faults."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from contract.circuit_breaker import CircuitBreaker
from contract.wallet import FIRST_AID_ACTIONS, Action
from handoff.cases.wallet import Wallet, WalletAway, WalletConflict, WalletError, WalletNonsense, WalletUnknown
from tests.handoff.conftest import make_database
from tests.handoff.sample_wallet import SampleWallet, run_sample_wallet


@pytest.fixture(scope="module")
async def running(server: str) -> AsyncIterator[SampleWallet]:
    """One sample wallet for all tests."""
    with make_database(server, "sample_wallet_tests") as url:
        async with run_sample_wallet(url) as wallet:
            yield wallet


@pytest.fixture
async def sample(running: SampleWallet) -> AsyncIterator[SampleWallet]:
    """The sample wallet without faults."""
    await running.switch()
    yield running
    await running.switch()


async def test_the_customers_of_the_contract(sample: SampleWallet) -> None:
    """A demonstration would not find the customers that the documents name."""
    wallet = sample.client()
    first = await wallet.transactions("u-1001")
    assert [each.status for each in first if each.is_under_way] == ["with_bank", "processing"]
    assert [each.at for each in first] == sorted((each.at for each in first), reverse=True)
    assert len(await wallet.refunds("u-1001")) == 1
    assert (await wallet.benefits("u-1001")).points.balance == 1860
    assert (await wallet.limits("u-1001")).single == 20_000
    (newest, *_) = await wallet.transactions("u-1002")
    assert newest.authentication == "password_free"
    assert (await wallet.transaction("u-1002", newest.id)) == newest
    assert (await wallet.account("u-1003")).standing == "frozen"
    assert (await wallet.account("u-2042")).standing == "active"
    with pytest.raises(WalletAway, match="status_500"):
        await wallet.account("u-1005")
    with pytest.raises(WalletUnknown):
        await wallet.account("u-9")
    with pytest.raises(WalletUnknown):  # a transaction of another customer
        await wallet.transaction("u-1001", newest.id)


@pytest.mark.parametrize("action", FIRST_AID_ACTIONS)
async def test_an_action_is_done_once(sample: SampleWallet, action: str) -> None:
    """A second tap, or a lost answer, would act twice."""
    wallet, asked = sample.client(), Action(action, f"once-{action}", payee="p1" if action == "block_payee" else None)
    with pytest.raises(WalletUnknown):
        await wallet.action("u-2001", asked.key)
    first, *others = await asyncio.gather(*(wallet.act("u-2001", asked) for _ in range(5)))
    assert others == [first] * 4
    assert await wallet.action("u-2001", asked.key) == first
    assert [each["key"] for each in await sample.actions("u-2001")].count(asked.key) == 1
    with pytest.raises(WalletConflict):
        await wallet.act("u-2001", Action(action, asked.key, transaction="other"))


async def test_what_actions_do(sample: SampleWallet) -> None:
    """An action would be reported as done without an effect, or its reversal would have none."""
    wallet = sample.client()
    assert (await wallet.act("u-2002", Action("freeze_payments", "k1"))).state == "done"
    assert (await wallet.account("u-2002")).standing == "frozen"
    assert (await wallet.act("u-2002", Action("unfreeze_payments", "k2"))).state == "done"
    assert (await wallet.account("u-2002")).standing == "active"
    with_bank, processing = (each for each in await wallet.transactions("u-1001") if each.is_under_way)
    assert (await wallet.act("u-1001", Action("recall_transfer", "k3", transaction=with_bank.id))).state == "pending"
    assert (await wallet.act("u-1001", Action("recall_transfer", "k4", transaction=processing.id))).state == "done"
    assert (await wallet.transaction("u-1001", processing.id)).status == "recalled"
    again = await wallet.act("u-1001", Action("recall_transfer", "k5", transaction=processing.id))
    assert (again.state, again.why and again.why.code) == ("impossible", "not_under_way")


async def test_an_action_whose_answer_is_lost(sample: SampleWallet) -> None:
    """The desk would take a failed answer for an action that was not done, or for one that was."""
    wallet = sample.client()
    await sample.switch(fail_before=1)
    with pytest.raises(WalletAway) as before:
        await wallet.act("u-2003", Action("freeze_payments", "before"))
    assert before.value.may_have_acted
    with pytest.raises(WalletUnknown):
        await wallet.action("u-2003", "before")
    await sample.switch(fail_after=1)
    with pytest.raises(WalletAway) as after:
        await wallet.act("u-2003", Action("freeze_payments", "after"))
    assert after.value.may_have_acted
    assert (await wallet.action("u-2003", "after")).state == "done"


@pytest.mark.parametrize("answer", ["nonsense", "html", "array", "nan", "deep", "huge", "redirect", "other_subject", "empty"])
async def test_an_answer_that_breaks_the_contract(sample: SampleWallet, answer: str) -> None:
    """Another customer's data, or no data at all, would be shown as the customer's own."""
    wallet = sample.client()
    await sample.switch(answer=answer)
    for asked in (wallet.account, wallet.transactions, wallet.refunds, wallet.benefits, wallet.limits):
        with pytest.raises((WalletNonsense, WalletUnknown)):
            await asked("u-1001")
    with pytest.raises(WalletNonsense):
        await wallet.act("u-2004", Action("freeze_payments", f"n-{answer}"))


@pytest.mark.parametrize("answer", ["never", "drip"])
async def test_a_wallet_that_does_not_answer(sample: SampleWallet, answer: str) -> None:
    """A customer would wait as long as the wallet likes."""
    await sample.switch(answer=answer)
    started = time.monotonic()
    with pytest.raises(WalletAway, match="too_slow"):
        await sample.client(seconds=0.3).account("u-1001")
    assert time.monotonic() - started < 10


async def test_a_wallet_that_is_away(sample: SampleWallet) -> None:
    """An action that was never sent would be treated as one that may have been done."""
    wallet = Wallet(sample.client()._http, "http://127.0.0.1:9", "key")
    with pytest.raises(WalletAway) as gone:
        await wallet.act("u-1001", Action("freeze_payments", "gone"))
    assert not gone.value.may_have_acted
    with pytest.raises(WalletAway, match="not_connected"):
        await Wallet(sample.client()._http, None).account("u-1001")
    with pytest.raises(WalletAway, match="key_refused"):
        await sample.client(key="another").account("u-1001")


@pytest.mark.parametrize("subject", ["", "..", "u-1001/account", "u-1001?x=", "u 1", "用户", "u" * 101, "-u"])
async def test_a_subject_that_is_no_address(sample: SampleWallet, subject: str) -> None:
    """A subject could reach another customer's address."""
    with pytest.raises(WalletUnknown, match="bad_id"):
        await sample.client().account(subject)


async def test_the_circuit(sample: SampleWallet) -> None:
    """Each customer would wait for a wallet that is away, or no customer would be answered when it is back."""
    clock = [0.0]
    wallet = sample.client(breaker=CircuitBreaker(failures=3, open_seconds=10, clock=lambda: clock[0]))
    await sample.switch(status=500)
    for _ in range(5):  # one customer's own trouble
        with pytest.raises(WalletAway, match="status_500"):
            await wallet.account("u-1001")
    with pytest.raises(WalletAway, match="status_500"):
        await wallet.account("u-1002")
    await sample.switch()
    with pytest.raises(WalletAway, match="circuit_open"):
        await wallet.account("u-1001")
    clock[0] = 11
    assert (await wallet.account("u-1001")).standing == "active"
    assert (await wallet.account("u-1002")).standing == "active"


async def test_any_failure_is_a_wallet_error(sample: SampleWallet) -> None:
    """A status that nobody expects would crash the caller."""
    for status in (400, 401, 403, 405, 410, 418, 429, 451, 500, 502, 503, 599):
        await sample.switch(status=status)
        with pytest.raises(WalletError):
            await sample.client().account("u-1001")


async def test_the_customers_stay_while_the_run_lasts(server: str) -> None:
    """A restarted sample wallet would forget what was frozen, or a new demonstration would begin with yesterday's payments."""
    with make_database(server, "sample_wallet_restart") as url:
        async with run_sample_wallet(url, run="a") as wallet:
            await wallet.client().act("u-1002", Action("freeze_payments", "k"))
        async with run_sample_wallet(url, run="a") as wallet:
            assert (await wallet.client().account("u-1002")).standing == "frozen"
        async with run_sample_wallet(url, run="b") as wallet:
            assert (await wallet.client().account("u-1002")).standing == "active"
            assert (await wallet.client().action("u-1002", "k")).state == "done"
