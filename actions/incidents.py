"""Which announced incident a question is about. The incident's words stand before the article's."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, List, Optional, Sequence

from contract.decision import Decision, Step
from contract.incident import Incident
from contract.locales import TRADITIONAL
from contract.routes import ANSWER
from contract.turn import Context
from language.recognition import written_as
from language.traditional import Traditional

#: Names by which customers call banks. A question that names another bank than the incident is not about the incident.
_BANKS = (
    "工商银行 工行 农业银行 农行 中国银行 建设银行 建行 交通银行 交行 招商银行 招行 邮储银行 邮政储蓄 中信银行 光大银行 "
    "民生银行 兴业银行 浦发银行 平安银行 华夏银行 广发银行 浙商银行 渤海银行 恒丰银行 北京银行 上海银行 江苏银行 宁波银行 "
    "南京银行 杭州银行 微众银行 网商银行 icbc hsbc citibank"
).split()
#: Rules that show an article again, or a part of it: the customer has read the incident.
_AGAIN = ("context.article",)


def incident_of(decision: Decision, text: str, incidents: Sequence[Incident]) -> Optional[Incident]:
    """The incident that answers a question; the latest one if there are several. `text`: the question, normalised."""
    if decision.route != ANSWER or decision.rule in _AGAIN:
        return None
    fitting = [each for each in incidents if decision.intent in each.intents and _is_about(each, text)]
    return fitting[-1] if fitting else None


def with_incident(decision: Decision, incident: Optional[Incident]) -> Decision:
    """The decision, which names the incident and says so in its trace."""
    if incident is None:
        return decision
    step = Step("incident", True, f"{incident.id}, version {incident.version}")
    return replace(decision, incident={"id": incident.id, "version": incident.version}, trace=(*decision.trace, step))


def announced(decision: Decision, context: Context, traditional: Traditional) -> List[Dict[str, str]]:
    """The bot's message with the words of the incident that the decision names, in the language of the answer."""
    named = decision.incident or {}
    key = (named.get("id"), named.get("version"))
    incident = next((each for each in context.incidents if (each.id, each.version) == key), None)
    if incident is None:
        return []
    written = written_as(context.locale)
    if written == TRADITIONAL:
        return [{"text": traditional.convert(incident.text["zh"])}]
    return [{"text": incident.text[written]}]


def _is_about(incident: Incident, text: str) -> bool:
    words = text.casefold()
    if not incident.banks or any(bank.casefold() in words for bank in incident.banks):
        return True
    return not any(bank in words for bank in _BANKS)
