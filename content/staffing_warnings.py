"""Faults of the staffing that publishing cannot see: years without holidays, people without accounts.

They do not stop the desk. The desk logs these warnings when it starts, and the supervisors' board shows them.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Collection
from typing import Dict, List, Set, Tuple

import msgspec

from content.bundle import DeskContent
from content.calendars import FOLDER

#: The codes of all warnings.
CODES = (_MISSING, _ENDS, _PERSON) = ("calendar_missing", "calendar_ends", "unknown_person")
#: So long before a year begins, its holidays should be known.
_AHEAD = dt.timedelta(days=30)


class StaffingWarning(msgspec.Struct, frozen=True):
    """One warning: its code, what it is about (a year or a login), and the text for supervisors."""

    code: str
    about: str
    zh: str
    en: str

    def as_json(self) -> Dict[str, str]:
        """What the board shows."""
        return {"code": self.code, "zh": self.zh, "en": self.en}


def calendar_warnings(content: DeskContent, now: dt.datetime) -> List[StaffingWarning]:
    """Years that a queue's calendar does not know: this one, or the next one within 30 days of its start. `now` is aware."""
    warnings: List[StaffingWarning] = []
    for name, zone in _calendars_in_use(content):
        calendar, here = content.calendars[name], now.astimezone(zoneinfo.ZoneInfo(zone))
        path = f"data/{FOLDER}/{name}.yml"
        if not calendar.covers(here.year):
            warnings.append(_missing(path, here.year))
        if (here + _AHEAD).year > here.year and not calendar.covers(here.year + 1):
            warnings.append(_ends(path, here.year + 1))
    # Two zones may see the same year.
    return list(dict.fromkeys(warnings))


def _calendars_in_use(content: DeskContent) -> List[Tuple[str, str]]:
    used: Set[Tuple[str, str]] = set()
    for queue in content.desk.queues.values():
        hours = content.desk.hours[queue.hours]
        if hours.calendar is not None:
            used.add((hours.calendar, hours.zone))
    return sorted(used)


def _missing(path: str, year: int) -> StaffingWarning:
    return StaffingWarning(
        _MISSING,
        str(year),
        f"{path} 没有 {year} 年的节假日和调休安排：现在按普通星期计算营业时间和时限，节假日可能算错。请按官方通知补录并发布。",
        f"{path} has no holidays of {year}: opening hours and deadlines count its days as ordinary days of the week, which may "
        "be wrong. Enter the official notice and publish.",
    )


def _ends(path: str, year: int) -> StaffingWarning:
    return StaffingWarning(
        _ENDS,
        str(year),
        f"{path} 还没有 {year} 年的节假日和调休安排，新年将至。请按官方通知补录并发布。",
        f"{path} has no holidays of {year} yet, and the year begins soon. Enter the official notice and publish.",
    )


def people_warnings(content: DeskContent, logins: Collection[str]) -> List[StaffingWarning]:
    """People in `data/desk.yml` who have no account. `logins`: those of all accounts."""
    return [
        StaffingWarning(
            _PERSON,
            login,
            f"data/desk.yml 的 people 里有 {login}，但没有这个账号：请改正登录名，或者新建账号。",
            f"`people` in data/desk.yml names {login}, and there is no such account: correct the login, or add the account.",
        )
        for login in content.desk.people
        if login not in logins
    ]
