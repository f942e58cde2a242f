"""Look-ups (`data/lookups.yml`): which articles' answers carry the customer's own facts, and the words for them.

`{{ names }}` are facts, filled in when the content is compiled. `{names}` are of the customer, filled in when the bot answers.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Mapping, Optional, Tuple
from zoneinfo import ZoneInfo

import msgspec

from content.sources import ContentError, FieldError, Strict, line_of, load_mapping, parse_yaml, read_text, shaped
from content.templates import fill_checked
from content.triage_policy import Policy
from contract.locales import FILE_LOCALES
from contract.lookup import LOOKUPS, TRANSACTION_STATUS
from contract.wallet.transactions import KINDS

FILE = "lookups.yml"
MOST_ASSURANCE = 3
_PLACEHOLDER = re.compile(r"\{([a-z_]*)\}")
_MONTHS = 12

_WHAT = frozenset({"amount", "name", "time"})
_STATE = frozenset({"what", "expected"})
#: The texts that all look-ups share, and the placeholders that each may have.
_SHARED: Mapping[str, FrozenSet[str]] = {
    "away": frozenset(),
    "needs_assurance": frozenset({"step"}),
    "today": frozenset({"clock"}),
    "yesterday": frozenset({"clock"}),
    "tomorrow": frozenset({"clock"}),
    "this_year": frozenset({"month", "day", "clock"}),
    "other_year": frozenset({"year", "month", "day", "clock"}),
    "date": frozenset({"year", "month", "day"}),
}
#: The texts of each look-up.
_TEXTS: Mapping[str, Mapping[str, FrozenSet[str]]] = {
    TRANSACTION_STATUS: {
        **dict.fromkeys(
            (
                "transfer_out", "transfer_in", "payment_out", "payment_in", "top_up", "withdrawal", "refund",
            ),
            _WHAT,
        ),
        **dict.fromkeys(("processing", "with_bank", "no_time", "overdue", "succeeded", "received"), _STATE),
        **dict.fromkeys(("failed", "returned", "recalled"), _STATE),
        "several": frozenset({"count"}),
        "not_found": frozenset({"count"}),
        "button": frozenset({"what"}),
        "none_of_these": frozenset(),
    },
    "refund_status": {
        "what": _WHAT,
        **dict.fromkeys(("requested", "approved", "with_bank", "no_time", "overdue", "succeeded", "rejected"), _STATE),
    },
    "coupon_status": {"found": frozenset({"count"}), "coupon": frozenset({"title", "expires"})},
    "points": {"found": frozenset({"balance"}), "expiring": frozenset({"expiring", "expires"})},
    "limits": {
        "found": frozenset({"single", "daily", "used", "left"}),
        "monthly": frozenset({"monthly", "used", "left"}),
    },
    "account_standing": dict.fromkeys(("active", "restricted", "frozen"), frozenset({"since"})),
}  # fmt: skip
#: Texts that may be empty: there is nothing to say about an account in order.
_MAY_BE_EMPTY = frozenset({"active"})
#: Texts that may be missing: the button then has the label for "not solved".
_MAY_BE_MISSING = frozenset({"none_of_these"})
#: Texts that every look-up has.
_OF_EACH: Mapping[str, FrozenSet[str]] = {"none": frozenset(), "anonymous": frozenset()}


class LookupTexts(Strict, frozen=True):
    """One look-up: the assurance that it needs, and its words by locale. `kinds`: by intent, which transactions are meant."""

    assurance: int
    zh: Dict[str, str]
    en: Dict[str, str]
    kinds: Dict[str, Tuple[str, ...]] = {}

    def __post_init__(self) -> None:
        if not 0 <= self.assurance <= MOST_ASSURANCE:
            raise FieldError("assurance", f"must be from 0 to {MOST_ASSURANCE}")

    def words(self, locale: str) -> Dict[str, str]:
        """The texts of a locale of the files."""
        return self.en if locale == "en" else self.zh


class StatedQuestion(Strict, frozen=True):
    """A question that a signed-in customer can ask in known words alone, as regular expressions on normalised text.

    `asks`, `about`: one of each must be in the text. `unless`: none of these. `names`: a person, once. `words`: all else.
    """

    asks: Tuple[str, ...]
    about: Tuple[str, ...]
    names: Tuple[str, ...]
    words: Tuple[str, ...]
    unless: Tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in ("asks", "about", "names", "words", "unless"):
            for pattern in getattr(self, field):
                try:
                    is_blank = re.compile(pattern).fullmatch("") is not None
                except re.error as error:
                    raise FieldError(field, f"`{pattern}` is no regular expression: {error}") from None
                if is_blank:
                    raise FieldError(field, f"`{pattern}` matches everything")
            if field != "unless" and not getattr(self, field):
                raise FieldError(field, "is empty")


class SharedTexts(Strict, frozen=True):
    """Words of all look-ups in one language. `steps`: how to reach an assurance, from 1 to 3; `months`: their names."""

    texts: Dict[str, str]
    steps: Tuple[str, ...]
    months: Tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.steps) != MOST_ASSURANCE:
            raise FieldError("steps", f"needs {MOST_ASSURANCE} entries: how to reach assurance 1, 2 and 3")
        if len(self.months) != _MONTHS:
            raise FieldError("months", f"needs {_MONTHS} names")


class Lookups(Strict, frozen=True):
    """`data/lookups.yml`. `zone`: of the times that customers read. `handoffs`: intent -> look-up; `questions`: by intent."""

    zone: str = "Asia/Shanghai"
    shared: Dict[str, SharedTexts] = {}
    lookups: Dict[str, LookupTexts] = {}
    handoffs: Dict[str, str] = {}
    questions: Dict[str, StatedQuestion] = {}

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (OSError, ValueError, LookupError):
            raise FieldError("zone", f"`{self.zone}` is no time zone, such as Asia/Shanghai") from None


#: Of a bundle that was published before there were look-ups.
NO_LOOKUPS = Lookups()


def load_lookups(path: Path, facts: Mapping[str, Mapping[str, Any]], policy: Policy) -> Lookups:
    """The look-ups, facts filled in. Raises ContentError with the line: an unknown look-up, intent, text or placeholder."""
    lookups: Lookups = shaped(Lookups, path, load_mapping(path, Lookups))
    document = parse_yaml(path, read_text(path))

    def fail(location: List[Any], problem: str) -> ContentError:
        return ContentError(path, line_of(document, location), f"{'.'.join(str(each) for each in location)}: {problem}")

    for locale in FILE_LOCALES:
        if locale not in lookups.shared:
            raise ContentError(path, line_of(document, ["shared"]), f"no texts for `{locale}` under `shared`")
        _check_texts(lookups.shared[locale].texts, _SHARED, ["shared", locale, "texts"], fail)
    for name in lookups.lookups:
        if name not in LOOKUPS:
            raise fail(["lookups", name], f"there is no look-up `{name}`: {', '.join(LOOKUPS)}")
    for name in LOOKUPS:
        if name not in lookups.lookups:
            raise ContentError(path, line_of(document, ["lookups"]), f"the look-up `{name}` is missing under `lookups`")
        _check_lookup(name, lookups.lookups[name], policy, fail)
    for intent, name in lookups.handoffs.items():
        known = policy.intents.get(intent)
        if known is None or known.route != "escalate":
            raise fail(["handoffs", intent], f"`{intent}` is no intent with the route escalate in triage.yml")
        if name not in LOOKUPS or name == TRANSACTION_STATUS:
            raise fail(["handoffs", intent], f"`{name}` cannot go with a handoff")
    for intent in lookups.questions:
        known = policy.intents.get(intent)
        if known is None or known.route != "answer":
            raise fail(["questions", intent], f"`{intent}` is no intent with the route answer in triage.yml")
    return _filled(lookups, facts, path)


def _check_lookup(name: str, lookup: LookupTexts, policy: Policy, fail: Any) -> None:
    for intent, kinds in lookup.kinds.items():
        if intent not in policy.intents:
            raise fail(["lookups", name, "kinds", intent], f"`{intent}` is not in triage.yml")
        for kind in kinds:
            if kind not in KINDS:
                raise fail(["lookups", name, "kinds", intent], f"there is no kind `{kind}`: {', '.join(KINDS)}")
    for locale in FILE_LOCALES:
        _check_texts(lookup.words(locale), {**_TEXTS[name], **_OF_EACH}, ["lookups", name, locale], fail)


def _check_texts(texts: Mapping[str, str], known: Mapping[str, FrozenSet[str]], place: List[Any], fail: Any) -> None:
    for name, text in texts.items():
        if name not in known:
            raise fail([*place, name], f"there is no text `{name}`: {', '.join(known)}")
        if not text.strip() and name not in _MAY_BE_EMPTY:
            raise fail([*place, name], "the text is empty")
        without_facts = re.sub(r"\{\{.*?\}\}", "", text)
        for placeholder in _PLACEHOLDER.findall(without_facts):
            if placeholder not in known[name]:
                allowed = ", ".join(f"{{{each}}}" for each in sorted(known[name])) or "none"
                raise fail([*place, name], f"unknown placeholder {{{placeholder}}}; allowed: {allowed}")
        if re.sub(_PLACEHOLDER, "", without_facts).count("{") or re.sub(_PLACEHOLDER, "", without_facts).count("}"):
            raise fail([*place, name], "a brace stands alone")
    missing = next((name for name in known if name not in texts and name not in _MAY_BE_MISSING), None)
    if missing is not None:
        raise fail(place, f"the text `{missing}` is missing")


def _filled(lookups: Lookups, facts: Mapping[str, Mapping[str, Any]], path: Path) -> Lookups:
    def fill(texts: Mapping[str, str], locale: str, place: str) -> Dict[str, str]:
        return {name: fill_checked(text, facts[locale], path, place=f"{place}.{name}") for name, text in texts.items()}

    shared = {
        locale: msgspec.structs.replace(each, texts=fill(each.texts, locale, f"shared.{locale}.texts"))
        for locale, each in lookups.shared.items()
    }
    filled = {
        name: msgspec.structs.replace(
            each, zh=fill(each.zh, "zh", f"lookups.{name}.zh"), en=fill(each.en, "en", f"lookups.{name}.en")
        )
        for name, each in lookups.lookups.items()
    }
    return msgspec.structs.replace(lookups, shared=shared, lookups=filled)


def check_lookup_name(name: Optional[str]) -> Optional[str]:
    """What is wrong with a look-up that an article names; None if nothing is."""
    if name is None or name in LOOKUPS:
        return None
    return f"there is no look-up `{name}`: use one of {', '.join(LOOKUPS)}, or remove the line"
