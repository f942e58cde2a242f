"""The triage policy: `data/triage.yml` read, checked, and made into something `decide` can use."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, Dict, List, Literal, Optional, Pattern, Sequence, Tuple, Type, TypeVar

from pydantic import BaseModel, Extra, Field, ValidationError, root_validator, validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from content.short_reply import ShortReplies

Priority = Literal["urgent", "high", "normal"]
PRIORITIES: Tuple[str, ...] = ("urgent", "high", "normal")
#: The file of words that make a short reply what it is; it stands beside the policy.
SHORT_REPLIES = "short_replies.yml"


class ContentError(Exception):
    """An editor's file is wrong. The message names file, line and what to do."""

    def __init__(self, path: Path, line: Optional[int], problem: str) -> None:
        self.path, self.line, self.problem = path, line, problem
        where = f"{path}:{line}" if line else str(path)
        super().__init__(f"{where}: {problem}")


class _Strict(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False
        arbitrary_types_allowed = True


class IntentPolicy(_Strict):
    """What happens with one intent, and its names for people."""

    route: Literal["answer", "escalate", "feedback", "chat", "reject", "clarify"]
    zh: str
    en: str
    reason: Optional[str] = None
    article: Optional[str] = None
    offer_person: bool = False
    #: Where the case stands in the queue: `money_moving` goes before all others, whatever their priority.
    lane: Optional[Literal["money_moving"]] = None

    @root_validator(skip_on_failure=True)
    def _route_has_what_it_needs(cls, values: Dict[str, Any]) -> Dict[str, Any]:
        if (values["route"] == "escalate") != (values["reason"] is not None):
            raise ValueError("a reason belongs to route escalate, and only there: add or remove `reason`")
        if values["lane"] is not None and values["route"] != "escalate":
            raise ValueError("a lane belongs to route escalate: remove `lane`")
        if (values["route"] == "answer") != (values["article"] is not None):
            raise ValueError("an article belongs to route answer, and only there: add or remove `article`")
        return values


class ReasonPolicy(_Strict):
    """How urgent an escalation reason is, and its names for people."""

    priority: Priority
    zh: str
    en: str


class Promises(_Strict):
    """Error rates that the operator states; training computes the thresholds from them (bot/learning/calibration.py)."""

    #: By risk reason.
    missed_emergency: Dict[str, float]
    wrong_answer: float = Field(gt=0, lt=1)
    refused_in_scope: float = Field(gt=0, lt=1)
    certainty: float = Field(gt=0, lt=1)
    #: The default serves content that was published before the field existed.
    wrong_tentative_answer: float = Field(0.03, gt=0, lt=1)

    @validator("missed_emergency")
    def _shares(cls, value: Dict[str, float]) -> Dict[str, float]:
        wrong = [reason for reason, rate in value.items() if not 0 < rate < 1]
        if wrong:
            raise ValueError(f"a rate lies between 0 and 1: mend {', '.join(wrong)}")
        return value


class LargeTransaction(_Strict):
    """From which amount a transaction is a person's business."""

    threshold_cny: float = Field(gt=0)
    rates_date: str
    rates: Dict[str, float]
    #: From this number on an amount in a currency that has no rate is large, whatever it is worth. The default serves content
    #: that was published before the field existed: a thousand of anything is worth a look.
    without_rate: float = Field(1000, gt=0)
    information_only: Tuple[str, ...]
    topics: Tuple[str, ...]

    @validator("rates_date", pre=True)
    def _date_as_text(cls, value: Any) -> str:
        return str(value)

    @validator("rates")
    def _rates_are_positive(cls, value: Dict[str, float]) -> Dict[str, float]:
        wrong = [currency for currency, rate in value.items() if rate <= 0 or not re.fullmatch("[A-Z]{3,4}", currency)]
        if wrong or value.get("CNY") != 1:
            raise ValueError(f"rates need three or four capital letters and more than 0 CNY a unit, and CNY: 1; see {wrong}")
        return value


def _compile(value: Any) -> Pattern[str]:
    if isinstance(value, re.Pattern):
        return value
    try:
        return re.compile(str(value))
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error


class HumanFloor(_Strict):
    """How a request for a person is recognised."""

    intent: str
    patterns: Tuple[Pattern[str], ...]
    not_before: Pattern[str]
    not_after: Pattern[str]

    _patterns = validator("patterns", each_item=True, pre=True, allow_reuse=True)(_compile)
    _guards = validator("not_before", "not_after", pre=True, allow_reuse=True)(_compile)


class IncidentFloor(_Strict):
    """How one kind of incident is recognised.

    `unless` silences a match when it is found in the match or in the 80 characters on either side of it, across sentences.
    `replaces` names the common guards that `unless` stands for: they do not apply to this kind.
    """

    intent: str
    patterns: Tuple[Pattern[str], ...]
    unless: Optional[Pattern[str]] = None
    replaces: Tuple[Literal["negation", "hypothesis", "report", "within", "settled", "advice"], ...] = ()

    _patterns = validator("patterns", each_item=True, pre=True, allow_reuse=True)(_compile)
    _unless = validator("unless", pre=True, allow_reuse=True)(lambda value: None if value is None else _compile(value))


class Guards(_Strict):
    """What makes a sentence speak of an incident without stating one."""

    negation: Pattern[str]
    hypothesis: Pattern[str]
    report: Pattern[str]
    within: Pattern[str]
    settled: Pattern[str]
    advice: Pattern[str]

    _guards = validator("*", pre=True, allow_reuse=True)(_compile)


class Floor(_Strict):
    """The deterministic patterns that come before any model."""

    human: HumanFloor
    incidents: Tuple[IncidentFloor, ...]
    guards: Guards
    own_transaction: Pattern[str]

    _patterns = validator("own_transaction", pre=True, allow_reuse=True)(_compile)


class Policy(_Strict):
    """`data/triage.yml` and `data/short_replies.yml`, consistent in themselves. `version_hash` is the hash of both."""

    version: Literal[1]
    intents: Dict[str, IntentPolicy]
    #: Article -> intents: the doors that the article must have, in each language. The default serves content that was published
    #: before the field existed.
    required_doors: Dict[str, Tuple[str, ...]] = {}
    reasons: Dict[str, ReasonPolicy]
    risk_reasons: Tuple[str, ...]
    promises: Promises
    #: No article is guessed from this share of the threshold `risk` on, counted over all intents with route escalate.
    near_risk: float = Field(0.5, gt=0, le=1)
    large_transaction: LargeTransaction
    floor: Floor
    short_replies: ShortReplies
    version_hash: str = ""

    @validator("required_doors", each_item=False)
    def _doors_lead_to_a_person(cls, value: Dict[str, Tuple[str, ...]], values: Dict[str, Any]) -> Dict[str, Tuple[str, ...]]:
        intents = values.get("intents", {})
        for article, doors in value.items():
            for name in doors if intents else ():
                if name not in intents:
                    raise ValueError(f"{article}: `{name}` is not among `intents`: add it there or correct the name")
                if intents[name].route != "escalate":
                    raise ValueError(f"{article}: a door must lead to a person, and `{name}` has another route than escalate")
        return value

    @root_validator(skip_on_failure=True)
    def _names_are_known(cls, values: Dict[str, Any]) -> Dict[str, Any]:
        intents, reasons = values["intents"], values["reasons"]
        large = values["large_transaction"]
        used_intents = [*large.information_only, *large.topics, values["floor"].human.intent]
        used_intents += [incident.intent for incident in values["floor"].incidents]
        used_reasons = [intent.reason for intent in intents.values() if intent.reason] + list(values["risk_reasons"])
        for name in used_intents:
            if name not in intents:
                raise ValueError(f"`{name}` is not among `intents`: add it there or mend the name")
        for name in used_reasons:
            if name not in reasons:
                raise ValueError(f"`{name}` is not among `reasons`: add it there or mend the name")
        promised = values["promises"].missed_emergency
        if set(promised) != set(values["risk_reasons"]):
            raise ValueError("promises.missed_emergency needs a rate for each of risk_reasons, and for no other")
        for follow_up in values["short_replies"].follow_ups:
            for name in (follow_up.after, follow_up.intent):
                if name not in intents:
                    raise ValueError(f"short_replies.yml: `{name}` is not among `intents`: add it there or correct the name")
            if intents[follow_up.intent].route != "escalate":
                raise ValueError(f"short_replies.yml: the follow-up `{follow_up.intent}` must have route escalate")
        for incident in values["floor"].incidents:
            if intents[incident.intent].route != "escalate":
                raise ValueError(f"the floor's incident `{incident.intent}` must have route escalate")
        return values

    def priority_of(self, reason: str) -> str:
        """The priority of an escalation reason."""
        return self.reasons[reason].priority

    def is_more_urgent(self, reason: str, other: str) -> bool:
        """Whether a reason's priority is higher than another's; the order within a priority does not count."""
        return PRIORITIES.index(self.priority_of(reason)) < PRIORITIES.index(self.priority_of(other))

    def graver(self, reasons: Sequence[str]) -> str:
        """Of some reasons the one with the highest priority; within a priority the earlier in the file."""
        order = list(self.reasons)
        return min(reasons, key=lambda reason: (PRIORITIES.index(self.priority_of(reason)), order.index(reason)))

    def intents_of_route(self, *routes: str) -> List[str]:
        """The intents with one of these routes."""
        return [name for name, intent in self.intents.items() if intent.route in routes]

    def harmless_intents(self) -> List[str]:
        """The intents in which an amount is no transaction: those that only ask, foreign matter, and feedback."""
        return [*self.large_transaction.information_only, *self.intents_of_route("reject", "feedback")]

    def risk_intents(self) -> List[str]:
        """The intents whose probabilities make up the risk."""
        return [name for name, intent in self.intents.items() if intent.reason in self.risk_reasons]


def line_of(document: Any, location: Sequence[Any]) -> Optional[int]:
    """The line (from 1) of a pydantic error location in a ruamel document, as deep as the document goes."""
    node, line = document, None
    for key in location:
        position = getattr(node, "lc", None)
        if position is None:
            break
        try:
            line = (position.key(key) if isinstance(node, dict) else position.item(key))[0] + 1
            node = node[key]
        except (KeyError, IndexError, TypeError):
            break
    return line


def load_yaml(path: Path) -> Any:
    """A YAML file with its line numbers (ruamel's round-trip types).

    Raises ContentError when the file is missing, is not UTF-8, or is not YAML; duplicate keys are errors too.
    """
    try:
        return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ContentError(path, None, "the file is missing") from None
    except UnicodeDecodeError as error:
        raise ContentError(path, None, f"not UTF-8 ({error}): save it as UTF-8") from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ContentError(path, mark.line + 1 if mark else None, f"not YAML: {error.problem}") from error


_Model = TypeVar("_Model", bound=BaseModel)


def _load_mapping(path: Path, model: Type[BaseModel]) -> Dict[str, Any]:
    document = load_yaml(path)
    if not isinstance(document, dict):
        raise ContentError(path, 1, f"expected a mapping with {', '.join(f'`{name}`' for name in model.__fields__)}")
    return document


def _parse(model: Type[_Model], path: Path, document: Dict[str, Any], **more: Any) -> _Model:
    try:
        return model.parse_obj({**document, **more})
    except ValidationError as error:
        first = error.errors()[0]
        location = [part for part in first["loc"] if part != "__root__"]
        where = ".".join(str(part) for part in location)
        problem = f"{where}: {first['msg']}" if where else str(first["msg"])
        raise ContentError(path, line_of(document, location), problem) from error


def load_policy(path: Path) -> Policy:
    """Read and check a triage policy, and `short_replies.yml` beside it. Raises ContentError with file, line and fix."""
    document, replies = _load_mapping(path, Policy), path.with_name(SHORT_REPLIES)
    short_replies = _parse(ShortReplies, replies, _load_mapping(replies, ShortReplies))
    policy = _parse(Policy, path, document, short_replies=short_replies)
    digest = hashlib.sha256(path.read_bytes() + replies.read_bytes()).hexdigest()[:12]
    return policy.copy(update={"version_hash": digest})
