"""What the desk owes this customer, as it stands in the log: one module for each subject.

A module holds its values, its event types, its commands with their rules, and its fold. To add a subject, write its module and
name it in `care.py`.
"""

from handoff.conversations.care.attachments import Attached, Attachment
from handoff.conversations.care.care import NO_CARE, RULES, Care, evolve_care
from handoff.conversations.care.identity import ActOnDevice, Identified, Identify, Identity
from handoff.conversations.care.incidents import IncidentOver, TellIncidentOver, ToldIncident

__all__ = [
    "NO_CARE",
    "RULES",
    "ActOnDevice",
    "Attached",
    "Attachment",
    "Care",
    "Identified",
    "Identify",
    "Identity",
    "IncidentOver",
    "TellIncidentOver",
    "ToldIncident",
    "evolve_care",
]
