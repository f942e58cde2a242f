"""What first aid needs of the wallet; `handoff.cases.wallet.Wallet` implements it."""

from __future__ import annotations

from typing import Protocol

from contract.wallet import Account, Action, ActionResult, Transaction


class OrderingWallet(Protocol):
    """Each method raises WalletError (`handoff.cases.wallet`)."""

    @property
    def is_connected(self) -> bool:
        """Whether a wallet is configured."""

    async def account(self, subject: str) -> Account:
        """The standing of a customer, with their cards."""

    async def transactions(self, subject: str) -> tuple[Transaction, ...]:
        """The recent transactions, the newest first."""

    async def act(self, subject: str, action: Action) -> ActionResult:
        """Ask for an action. The same key is done once, however often it is asked for."""

    async def action(self, subject: str, key: str) -> ActionResult:
        """What became of an action. WalletUnknown: it never arrived."""
