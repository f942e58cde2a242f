"""The words for what was looked up (`data/lookups.yml`), with the customer's own facts."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Dict, List, Mapping, Optional
from zoneinfo import ZoneInfo

from content.lookups import Lookups, LookupTexts, SharedTexts
from contract.lookup import AWAY, CHOICE_TRANSACTION, FOUND, NONE, REFUSED, SEVERAL, Lookup

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_SIGNS = {"CNY": "¥"}


class LookupWords:
    """The words of one look-up in one language of the files. Times are told in the zone of the file, as of the look-up."""

    def __init__(self, lookups: Lookups, lookup: Lookup, locale: str) -> None:
        self._lookup, self._texts = lookup, lookups.lookups[lookup.name]
        self._own: Dict[str, str] = self._texts.words(locale)
        self._shared: SharedTexts = lookups.shared[locale]
        self._zone = ZoneInfo(lookups.zone)
        self._now = _time(lookup.at) or dt.datetime.min.replace(tzinfo=dt.timezone.utc)

    def above_the_article(self) -> str:
        """What the customer reads above the article's words; empty if there is nothing to say."""
        lookup = self._lookup
        if lookup.state == REFUSED:
            return fill(self._shared.texts["needs_assurance"], {"step": self._shared.steps[max(lookup.needs, 1) - 1]})
        if lookup.state == AWAY:
            return self._shared.texts["away"]
        if lookup.state == FOUND:
            return self._found(lookup.facts)
        return self._own["none"] if lookup.state == NONE else ""

    def question(self) -> str:
        """The question which of several transactions it is."""
        offered = self._offered()
        text = self._own["several" if self._lookup.facts.get("is_exact") is not False else "not_found"]
        return fill(text, {"count": str(len(offered))})

    def buttons(self) -> List[Dict[str, str]]:
        """A button for each transaction that fits."""
        return [
            {"choice": f"{CHOICE_TRANSACTION}{each['id']}", "label": fill(self._own["button"], {"what": self._what(each)})}
            for each in self._offered()
        ]

    def none_of_these(self) -> Optional[str]:
        """The label of the button for a customer who means another transaction; None if the editors wrote none."""
        return self._own.get("none_of_these")

    def _offered(self) -> List[Mapping[str, Any]]:
        return list(self._lookup.facts["transactions"]) if self._lookup.state == SEVERAL else []

    def _found(self, facts: Mapping[str, Any]) -> str:
        name, own = self._lookup.name, self._own
        if name == "transaction_status":
            return self._state_of(facts["transaction"])
        if name == "refund_status":
            return "\n".join(self._state_of(each) for each in facts["refunds"])
        if name == "coupon_status":
            lines = [
                f"- {fill(own['coupon'], {'title': each['title'], 'expires': self._date(each['expires_at'])})}"
                for each in facts["coupons"]
            ]
            return "\n".join([fill(own["found"], {"count": str(facts["count"])}), "", *lines])
        if name == "points":
            text = fill(own["found"], {"balance": f"{facts['balance']:,}"})
            if facts["expiring"] and facts["expires_at"]:
                values = {"expiring": f"{facts['expiring']:,}", "expires": self._date(facts["expires_at"])}
                text = self._joined(text, fill(own["expiring"], values))
            return text
        if name == "limits":
            return self._limits(facts)
        return fill(own[facts["standing"]], {"since": self._moment(facts["since"])})

    def _limits(self, facts: Mapping[str, Any]) -> str:
        def money(amount: Any) -> str:
            return _money(amount, facts["currency"])

        def left(most: Any, used: Any) -> str:
            return money(max(Decimal(most) - Decimal(used), Decimal(0)))

        daily, used = facts["daily"], facts["daily_used"]
        values = {"single": money(facts["single"]), "daily": money(daily), "used": money(used), "left": left(daily, used)}
        text = fill(self._own["found"], values)
        if facts["monthly"] is None or facts["monthly_used"] is None:
            return text
        monthly, used = facts["monthly"], facts["monthly_used"]
        values = {"monthly": money(monthly), "used": money(used), "left": left(monthly, used)}
        return self._joined(text, fill(self._own["monthly"], values))

    def _joined(self, one: str, other: str) -> str:
        """Two sentences: Chinese ones stand together."""
        return one + other if one.endswith("。") else f"{one} {other}"

    def _state_of(self, facts: Mapping[str, Any]) -> str:
        """The sentence for a transaction or a refund that is shown."""
        status, expected = facts["status"], _time(facts.get("expected_at"))
        if status in ("processing", "with_bank"):
            if expected is None:
                status = "no_time"
            elif expected <= self._now:
                status = "overdue"
        elif status == "succeeded" and facts.get("direction") == "in":
            status = "received"
        values = {"what": self._what(facts), "expected": self._moment(facts["expected_at"]) if expected else ""}
        return fill(self._own[status], values)

    def _what(self, facts: Mapping[str, Any]) -> str:
        kind: str = facts.get("kind") or "what"
        name = f"{kind}_{facts['direction']}" if kind in ("transfer", "payment") else kind
        amount = _money(facts["amount"], facts["currency"])
        return fill(self._own[name], {"amount": amount, "name": facts["name"], "time": self._moment(facts["at"])})

    def _moment(self, text: Any) -> str:
        moment = _time(text)
        if moment is None:
            return ""
        local, today = moment.astimezone(self._zone), self._now.astimezone(self._zone).date()
        days = (local.date() - today).days
        near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get(days)
        name = near or ("this_year" if local.year == today.year else "other_year")
        return fill(self._shared.texts[name], {**self._parts(local), "clock": local.strftime("%H:%M")})

    def _date(self, text: Any) -> str:
        moment = _time(text)
        return fill(self._shared.texts["date"], self._parts(moment.astimezone(self._zone))) if moment else ""

    def _parts(self, local: dt.datetime) -> Dict[str, str]:
        return {"year": str(local.year), "month": self._shared.months[local.month - 1], "day": str(local.day)}


def anonymous_hint(lookups: Lookups, name: str, locale: str) -> str:
    """How an anonymous customer gets an answer about their own account."""
    texts: Optional[LookupTexts] = lookups.lookups.get(name)
    return texts.words(locale)["anonymous"] if texts else ""


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with its `{names}` filled in, once: a value with braces stays as it is."""
    return _PLACEHOLDER.sub(lambda match: values.get(match.group(1), match.group(0)), text)


def _money(amount: Any, currency: str) -> str:
    try:
        number = f"{Decimal(amount):,.2f}"
    except InvalidOperation:
        number = str(amount)
    sign = _SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{currency} {number}"


def _time(text: Any) -> Optional[dt.datetime]:
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00")) if isinstance(text, str) else None
