"""What the sample wallet's actions do. An action is done once for each key; its effect and its result are one transaction."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from contract.wallet import Account, Action, ActionResult, Transaction, Why
from scripts.sample_wallet import store
from scripts.sample_wallet.store import Connection

#: A bank answers a recall after this time.
BANK_ANSWERS_AFTER = dt.timedelta(minutes=5)
#: Transfers that this network carries are there at once, and final.
_FINAL_RAIL = "instant"
_RECENT_TRANSACTIONS = 50

ALREADY_ARRIVED = Why("already_arrived", "钱已经到对方账户，无法撤回。", "The money has reached the payee.")
RAIL_IS_FINAL = Why("rail_is_final", "这类转账即时到账，无法撤回。", "This kind of transfer is instant and cannot be recalled.")
NOT_UNDER_WAY = Why("not_under_way", "这笔交易已经结束，无需撤回。", "This transaction is over; there is nothing to recall.")
NO_TRANSFER = Why("no_transfer", "没有可以撤回的转账。", "There is no transfer to recall.")
NO_CARD = Why("no_card", "没有找到这张银行卡。", "The card was not found.")
NO_PAYEE = Why("no_payee", "没有指定要拉黑的收款方。", "No payee was named.")
ASKED_THE_BANK = Why("bank_was_asked", "已向银行发出撤回请求，等银行答复。", "The bank was asked to recall it.")


class KeyReused(Exception):
    """The key was used for another action."""


async def act(connection: Connection, subject: str, action: Action, now: dt.datetime) -> ActionResult | None:
    """Do an action once, or tell its result again; None for an unknown customer. Raises KeyReused."""
    async with connection.transaction():
        account = await store.find_account(connection, subject, lock=True)
        if account is None:
            return None
        known = await store.find_action(connection, subject, action.key)
        if known is not None:
            if known[0] != action:
                raise KeyReused
            return known[1]
        state, why = await _DO[action.action](connection, subject, account, action, now)
        result = ActionResult(action.key, action.action, state, now.replace(microsecond=0), why)
        await store.save_action(connection, subject, action, result)
        return result


async def result_of(connection: Connection, subject: str, key: str, now: dt.datetime) -> ActionResult | None:
    """What became of an action; None if it never arrived. A bank that was asked long enough ago has answered."""
    async with connection.transaction():
        if await store.find_account(connection, subject, lock=True) is None:
            return None
        known = await store.find_action(connection, subject, key)
        if known is None:
            return None
        action, result = known
        if result.state != "pending" or now - result.at < BANK_ANSWERS_AFTER:
            return result
        recalled = replace(result, state="done", why=None, at=now.replace(microsecond=0))
        # The transfer that was meant when the action came: a newer one may be there now.
        meant = replace(action, transaction=await store.find_target(connection, subject, key))
        transaction = await _transaction_of(connection, subject, meant)
        if transaction is not None:
            await store.save_transaction(connection, subject, replace(transaction, status="recalled", expected_at=None))
        await store.save_action(connection, subject, action, recalled)
        return recalled


Now = dt.datetime
_Done = tuple[str, "Why | None"]


async def _freeze(connection: Connection, subject: str, account: Account, action: Action, now: Now) -> _Done:
    if account.standing != "frozen":
        await store.save_account(connection, subject, replace(account, standing="frozen", since=now))
    return "done", None


async def _unfreeze(connection: Connection, subject: str, account: Account, action: Action, now: Now) -> _Done:
    if account.standing != "active":
        await store.save_account(connection, subject, replace(account, standing="active", since=now))
    return "done", None


async def _set_cards(connection: Connection, subject: str, account: Account, card: str | None, state: str) -> _Done:
    if not any(card in (None, each.id) for each in account.cards):
        return "impossible", NO_CARD
    cards = tuple(replace(each, state=state) if card in (None, each.id) else each for each in account.cards)
    await store.save_account(connection, subject, replace(account, cards=cards))
    return "done", None


async def _report_lost(connection: Connection, subject: str, account: Account, action: Action, now: Now) -> _Done:
    return await _set_cards(connection, subject, account, action.card, "lost")


async def _reactivate(connection: Connection, subject: str, account: Account, action: Action, now: Now) -> _Done:
    return await _set_cards(connection, subject, account, action.card, "active")


async def _sign_out(connection: Connection, subject: str, account: Account, action: Action, now: Now) -> _Done:
    await store.save_account(connection, subject, replace(account, devices=0))
    return "done", None


async def _stop_password_free(
    connection: Connection, subject: str, account: Account, action: Action, now: dt.datetime
) -> _Done:
    await store.save_account(connection, subject, replace(account, password_free=False))
    return "done", None


async def _allow_password_free(
    connection: Connection, subject: str, account: Account, action: Action, now: dt.datetime
) -> _Done:
    await store.save_account(connection, subject, replace(account, password_free=True))
    return "done", None


async def _payee_of(connection: Connection, subject: str, action: Action) -> str | None:
    if action.payee is not None or action.transaction is None:
        return action.payee
    transaction = await store.find_transaction(connection, subject, action.transaction)
    return transaction.payee_id if transaction else None


async def _block(connection: Connection, subject: str, account: Account, action: Action, now: Now) -> _Done:
    payee = await _payee_of(connection, subject, action)
    if payee is None:
        return "impossible", NO_PAYEE
    await store.block_payee(connection, subject, payee)
    return "done", None


async def _unblock(connection: Connection, subject: str, account: Account, action: Action, now: Now) -> _Done:
    payee = await _payee_of(connection, subject, action)
    if payee is None:
        return "impossible", NO_PAYEE
    await store.unblock_payee(connection, subject, payee)
    return "done", None


async def _transaction_of(connection: Connection, subject: str, action: Action) -> Transaction | None:
    """The transaction that the action names, else the newest outgoing transfer."""
    if action.transaction is not None:
        return await store.find_transaction(connection, subject, action.transaction)
    recent = await store.newest_transactions(connection, subject, _RECENT_TRANSACTIONS)
    return next((each for each in recent if each.kind == "transfer" and each.direction == "out"), None)


async def _recall(connection: Connection, subject: str, account: Account, action: Action, now: Now) -> _Done:
    transaction = await _transaction_of(connection, subject, action)
    if transaction is None:
        return "impossible", NO_TRANSFER
    if transaction.rail == _FINAL_RAIL:
        return "impossible", RAIL_IS_FINAL
    if transaction.status == "succeeded":
        return "impossible", ALREADY_ARRIVED
    if not transaction.is_under_way:
        return "impossible", NOT_UNDER_WAY
    if transaction.status == "with_bank":
        await store.save_target(connection, subject, action.key, transaction.id)
        return "pending", ASKED_THE_BANK
    await store.save_transaction(connection, subject, replace(transaction, status="recalled", expected_at=None))
    return "done", None


_DO = {
    "freeze_payments": _freeze,
    "unfreeze_payments": _unfreeze,
    "report_card_lost": _report_lost,
    "reactivate_card": _reactivate,
    "sign_out_devices": _sign_out,
    "recall_transfer": _recall,
    "block_payee": _block,
    "unblock_payee": _unblock,
    "stop_password_free": _stop_password_free,
    "allow_password_free": _allow_password_free,
}
