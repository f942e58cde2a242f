"""First aid in the log: offers, questions, orders to the wallet and their results, proposals of agents."""

from handoff.conversations.care.first_aid.orders import (
    NO_FIRST_AID,
    OPEN_STATES,
    STEPS,
    FirstAid,
    FirstAidRequested,
    FirstAidResult,
    Order,
    OrderState,
    Proposal,
)
from handoff.conversations.care.first_aid.rules import (
    RULES,
    AskFirstAid,
    DecideFirstAid,
    FirstAidCommand,
    OfferFirstAid,
    ProposeFirstAid,
    RecordFirstAid,
    RequestFirstAid,
    WantFirstAid,
    is_action,
)

__all__ = [
    "NO_FIRST_AID",
    "OPEN_STATES",
    "RULES",
    "STEPS",
    "AskFirstAid",
    "DecideFirstAid",
    "FirstAid",
    "FirstAidCommand",
    "FirstAidRequested",
    "FirstAidResult",
    "OfferFirstAid",
    "Order",
    "OrderState",
    "Proposal",
    "ProposeFirstAid",
    "RecordFirstAid",
    "RequestFirstAid",
    "WantFirstAid",
    "is_action",
]
