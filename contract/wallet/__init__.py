"""What the wallet's own systems answer (docs/wallet.md): accounts, transactions, refunds, coupons, limits, and actions.

Desk and bot read the wallet through these shapes. `from_json` checks every field and raises `ContractError`; unknown fields are
ignored, because a wallet may tell more. Every answer names its `subject`: an answer about another customer is an error.
"""

from contract.wallet.account import Account, Benefits, Card, Coupon, Limits, Points
from contract.wallet.actions import ACTIONS, FIRST_AID_ACTIONS, REVERSALS, Action, ActionResult, Why
from contract.wallet.transactions import Refund, Transaction, read_refunds, read_transaction, read_transactions
from contract.wallet.values import as_text, is_id

__all__ = [
    "ACTIONS", "FIRST_AID_ACTIONS", "REVERSALS", "Account", "Action", "ActionResult", "Benefits", "Card", "Coupon", "Limits",
    "Points", "Refund", "Transaction", "Why", "as_text", "is_id", "read_refunds", "read_transaction", "read_transactions",
]  # fmt: skip
