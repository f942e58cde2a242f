"""The clocks of duties on hand-computed cases.

The calendars here are written out, so that an edit of data/ changes no expectation.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from content.calendars import Calendar, load_calendars
from content.duties import Duty, load_duties
from handoff.cases.clocks import YES, DutyBook, clock_state, count
from handoff.conversations.care.case_values import CaseClock, CaseDecision, CaseFile, ClockPause, Extended

DATA = Path(__file__).parents[2] / "data"
CALENDARS: dict[str, Calendar] = load_calendars(DATA)
DUTIES: dict[str, Duty] = load_duties(DATA, CALENDARS)


def at(text: str) -> dt.datetime:
    """A moment: "2026-12-01 09:30 +08:00"."""
    return dt.datetime.strptime(text, "%Y-%m-%d %H:%M %z")


def utc(text: str) -> dt.datetime:
    """A moment in UTC with seconds: "2026-12-16 15:59:59"."""
    return dt.datetime.strptime(text + " +0000", "%Y-%m-%d %H:%M:%S %z")


def case_of(duty: str, claim: str, facts: dict[str, str] | None = None) -> CaseFile:
    """A new case with one active duty."""
    reason = DUTIES[duty].reasons[0]
    book = DutyBook((duty,), DUTIES, CALENDARS)
    start = at(claim)
    return CaseFile("C2345678", reason, start, 1, 1, start, "", start, "r", clocks=book.open_clocks(reason, start, facts or {}))


def book(duty: str) -> DutyBook:
    """The book with one active duty."""
    return DutyBook((duty,), DUTIES, CALENDARS)


def the(case: CaseFile, name: str) -> CaseClock:
    """One clock of a case."""
    return next(clock for clock in case.clocks if clock.name == name)


# duty, clock, claim on the wall clock of the customer, due in UTC; the days were counted by hand on a paper calendar.
OPENED = [
    # house rule: exact minutes and hours, over midnight, the year's end, and whatever the zone of the writing
    ("house_security", "first_word", "2026-11-30 23:58 +08:00", "2026-11-30 16:03:00"),
    ("house_security", "first_word", "2026-12-31 23:57 +08:00", "2026-12-31 16:02:00"),
    ("house_security", "first_word", "2026-10-01 10:00 +08:00", "2026-10-01 02:05:00"),
    ("house_security", "first_result", "2026-12-31 18:00 +08:00", "2027-01-01 10:00:00"),
    ("house_security", "first_result", "2026-02-28 12:30 +00:00", "2026-03-01 12:30:00"),
    ("house_security", "first_result", "2026-11-30 22:00 -05:00", "2026-12-02 03:00:00"),
    # China: 15 calendar days; holidays do not move them; day 0 is the Beijing date of the sentence
    ("cn_complaint", "decision", "2026-11-30 09:00 +08:00", "2026-12-15 15:59:59"),
    ("cn_complaint", "decision", "2026-11-30 00:00 +08:00", "2026-12-15 15:59:59"),
    ("cn_complaint", "decision", "2026-11-30 23:59 +08:00", "2026-12-15 15:59:59"),
    ("cn_complaint", "decision", "2026-11-30 16:30 +00:00", "2026-12-16 15:59:59"),  # 1 December in Beijing
    ("cn_complaint", "decision", "2026-11-30 15:59 +00:00", "2026-12-15 15:59:59"),
    ("cn_complaint", "decision", "2026-09-20 12:00 +08:00", "2026-10-05 15:59:59"),  # ends in National Day
    ("cn_complaint", "decision", "2026-02-13 10:00 +08:00", "2026-02-28 15:59:59"),
    ("cn_complaint", "decision", "2026-02-14 10:00 +08:00", "2026-03-01 15:59:59"),
    ("cn_complaint", "decision", "2026-12-20 10:00 +08:00", "2027-01-04 15:59:59"),
    ("cn_complaint", "decision", "2026-12-16 10:00 -08:00", "2027-01-01 15:59:59"),  # 17 December in Beijing
    ("cn_complaint", "decision", "2028-02-20 10:00 +08:00", "2028-03-06 15:59:59"),  # a leap year
    # United States: 10 business days in New York, 45 calendar days
    ("us_reg_e", "decide_or_credit", "2026-11-30 10:00 -05:00", "2026-12-15 04:59:59"),  # 14 December, 23:59:59
    ("us_reg_e", "decide_or_credit", "2026-11-20 10:00 -05:00", "2026-12-08 04:59:59"),  # over Thanksgiving: 7 December
    ("us_reg_e", "decide_or_credit", "2026-11-21 10:00 -05:00", "2026-12-08 04:59:59"),  # a Saturday: the same
    ("us_reg_e", "decide_or_credit", "2026-12-18 10:00 -05:00", "2027-01-06 04:59:59"),  # Christmas, New Year: 5 January
    ("us_reg_e", "decide_or_credit", "2026-06-26 10:00 -04:00", "2026-07-14 03:59:59"),  # 3 July observed: 13 July, summer time
    (
        "us_reg_e",
        "decide_or_credit",
        "2026-11-06 10:00 +08:00",
        "2026-11-21 04:59:59",
    ),  # 5 November in New York: Veterans Day out
    ("us_reg_e", "decide_or_credit", "2026-03-05 12:00 -05:00", "2026-03-20 03:59:59"),  # over the change to summer time
    ("us_reg_e", "decide", "2026-11-30 10:00 -05:00", "2027-01-15 04:59:59"),  # 14 January
    ("us_reg_e", "decide", "2026-09-30 10:00 -04:00", "2026-11-15 04:59:59"),  # the change to winter time lies between
    ("us_reg_e", "decide", "2026-01-17 10:00 -05:00", "2026-03-04 04:59:59"),
    # European Union: 15 business days, days of TARGET
    ("eu_psd2_complaint", "answer", "2026-11-30 10:00 +01:00", "2026-12-21 22:59:59"),
    ("eu_psd2_complaint", "answer", "2026-12-07 10:00 +01:00", "2026-12-29 22:59:59"),  # 25 December out
    ("eu_psd2_complaint", "answer", "2026-12-18 10:00 +01:00", "2027-01-12 22:59:59"),  # 25 December and 1 January out
    (
        "eu_psd2_complaint",
        "answer",
        "2026-03-20 10:00 +01:00",
        "2026-04-14 21:59:59",
    ),  # Good Friday, Easter Monday, summer time
    ("eu_psd2_complaint", "answer", "2026-04-24 23:30 +00:00", "2026-05-18 21:59:59"),  # 25 April in Berlin, 1 May out
    # United Kingdom: 5 business days
    ("uk_app", "reimburse", "2026-11-30 10:00 +00:00", "2026-12-07 23:59:59"),
    ("uk_app", "reimburse", "2026-12-24 10:00 +00:00", "2027-01-05 23:59:59"),  # 25 and 28 December, 1 January out
    ("uk_app", "reimburse", "2026-12-23 10:00 +00:00", "2027-01-04 23:59:59"),
    ("uk_app", "reimburse", "2026-04-01 10:00 +01:00", "2026-04-10 22:59:59"),  # Easter
    ("uk_app", "reimburse", "2026-08-28 18:00 +01:00", "2026-09-07 22:59:59"),  # summer bank holiday, 31 August
    ("uk_app", "reimburse", "2026-05-23 12:00 +01:00", "2026-06-01 22:59:59"),  # a Saturday, spring holiday on Monday
    ("uk_app", "reimburse", "2027-12-24 12:00 +00:00", "2028-01-04 23:59:59"),  # 27 and 28 December out; 2028 is unknown
]


@pytest.mark.parametrize(("duty", "name", "claim", "due"), OPENED)
def test_due_from_the_claim(duty: str, name: str, claim: str, due: str) -> None:
    """A customer's right would be missed by a day."""
    assert the(case_of(duty, claim), name).due_at == utc(due)


# within, unit, calendar, zone, start, due in UTC, days left out, make-up days, unknown years
CHINA = "china"
COUNTED = [
    (1, "2026-11-30 10:00 +08:00", "2026-12-01 15:59:59", 0, (), ()),
    (3, "2026-11-30 10:00 +08:00", "2026-12-03 15:59:59", 0, (), ()),
    (1, "2026-09-24 10:00 +08:00", "2026-09-28 15:59:59", 1, (), ()),  # Mid-Autumn, Friday to Sunday
    (2, "2026-09-30 10:00 +08:00", "2026-10-09 15:59:59", 1, (), ()),  # National Day, 1 to 7 October
    (3, "2026-09-30 10:00 +08:00", "2026-10-10 15:59:59", 1, ("2026-10-10",), ()),  # Saturday the 10th is worked
    (4, "2026-09-30 10:00 +08:00", "2026-10-12 15:59:59", 2, ("2026-10-10",), ()),
    (1, "2026-02-13 10:00 +08:00", "2026-02-14 15:59:59", 0, ("2026-02-14",), ()),
    (2, "2026-02-13 10:00 +08:00", "2026-02-24 15:59:59", 1, ("2026-02-14",), ()),  # Spring Festival, 15 to 23 February
    (6, "2026-02-13 10:00 +08:00", "2026-02-28 15:59:59", 1, ("2026-02-14", "2026-02-28"), ()),
    (1, "2026-01-03 10:00 +08:00", "2026-01-04 15:59:59", 0, ("2026-01-04",), ()),
    (1, "2026-04-30 10:00 +08:00", "2026-05-06 15:59:59", 1, (), ()),
    (3, "2026-05-06 10:00 +08:00", "2026-05-09 15:59:59", 0, ("2026-05-09",), ()),
    (1, "2026-06-18 10:00 +08:00", "2026-06-22 15:59:59", 1, (), ()),  # Dragon Boat Festival
    (5, "2026-12-28 10:00 +08:00", "2027-01-04 15:59:59", 1, (), (2027,)),  # nobody knows whether 1 January 2027 is free
    (3, "2026-12-28 10:00 +08:00", "2026-12-31 15:59:59", 0, (), ()),
    (4, "2026-12-28 10:00 +08:00", "2027-01-01 15:59:59", 0, (), (2027,)),
    (2, "2027-05-10 10:00 +08:00", "2027-05-12 15:59:59", 0, (), (2027,)),
]


@pytest.mark.parametrize(("within", "start", "due", "left_out", "worked", "unknown"), COUNTED)
def test_business_days_in_china(
    within: int, start: str, due: str, left_out: int, worked: tuple[str, ...], unknown: tuple[int, ...]
) -> None:
    """Holidays and make-up working days would move a due date, or an unknown year would look like a known one."""
    counted = count(at(start), within, "business_days", "Asia/Shanghai", CALENDARS[CHINA])
    assert (counted.due_at, len(counted.skipped), counted.worked, counted.unknown_years) == (
        utc(due),
        left_out,
        worked,
        unknown,
    )


def test_notices_before_a_planned_step() -> None:
    """A notice would be given too late: 5 business days before, over National Day, and 30 calendar days before."""
    stop = count(at("2026-10-12 10:00 +08:00"), 5, "business_days", "Asia/Shanghai", CALENDARS[CHINA], is_before=True)
    assert stop.due_at == utc("2026-09-29 15:59:59")  # 10, 9, 8 October; 30, 29 September
    assert stop.worked == ("2026-10-10",)
    terms = count(at("2027-01-15 00:00 +08:00"), 30, "calendar_days", "Asia/Shanghai", is_before=True)
    assert terms.due_at == utc("2026-12-16 15:59:59")


@pytest.mark.parametrize(
    ("claim", "complex_due", "special_due"),
    [
        ("2026-11-30 09:00 +08:00", "2026-12-30 15:59:59", "2027-01-29 15:59:59"),
        ("2026-12-20 09:00 +08:00", "2027-01-19 15:59:59", "2027-02-18 15:59:59"),
        ("2026-01-31 23:59 +08:00", "2026-03-02 15:59:59", "2026-04-01 15:59:59"),
        ("2028-01-31 16:00 +00:00", "2028-03-02 15:59:59", "2028-04-01 15:59:59"),  # 1 February in Beijing, a leap year
    ],
)
def test_extensions_count_from_the_claim(claim: str, complex_due: str, special_due: str) -> None:
    """An extension would begin on the day of its approval and not with the customer's sentence."""
    clock = the(case_of("cn_complaint", claim), "decision")
    longer = book("cn_complaint").extended(clock, 30, Extended("complex", "", "", "boss"))
    longest = book("cn_complaint").extended(longer, 60, Extended("special", "", "", "boss", "agent"))
    assert (longer.due_at, longest.due_at) == (utc(complex_due), utc(special_due))


@pytest.mark.parametrize(
    ("claim", "due"),
    [("2026-11-30 10:00 +01:00", "2027-01-20 22:59:59"), ("2026-03-02 10:00 +01:00", "2026-04-22 21:59:59")],
)
def test_the_exceptional_answer_in_the_union(claim: str, due: str) -> None:
    """35 business days would forget the closing days of Christmas and Easter."""
    clock = the(case_of("eu_psd2_complaint", claim), "answer")
    assert book("eu_psd2_complaint").extended(clock, 35, Extended("exceptional", "", "", "boss")).due_at == utc(due)


@pytest.mark.parametrize(
    ("fact", "decide_or_credit", "decide"),
    [
        ("new_account", "2026-12-30 04:59:59", "2027-03-01 04:59:59"),  # 20 business days, 25 December out; 90 days
        ("point_of_sale", "2026-12-15 04:59:59", "2027-03-01 04:59:59"),
        ("foreign", "2026-12-15 04:59:59", "2027-03-01 04:59:59"),
    ],
)
def test_facts_lengthen_the_american_clocks(fact: str, decide_or_credit: str, decide: str) -> None:
    """A new account, a point of sale or a foreign transfer would have the shorter time."""
    case = case_of("us_reg_e", "2026-11-30 10:00 -05:00")
    changed = case.with_clocks(book("us_reg_e").after_facts(case, {fact: YES}))
    assert the(changed, "decide_or_credit").due_at == utc(decide_or_credit)
    assert the(changed, "decide").due_at == utc(decide)
    assert changed.with_clocks(book("us_reg_e").after_facts(changed, {fact: "no"})) == case


def test_clocks_that_begin_with_the_decision() -> None:
    """The correction (1 business day) and the news of the result (3) would count from the claim, or not at all."""
    case = case_of("us_reg_e", "2026-11-30 10:00 -05:00", {"error_found": YES})
    decided = at("2026-12-24 16:00 -05:00")
    begun = {
        clock.name: clock.due_at for clock in book("us_reg_e").step_clocks(case, "decision", decided, {"error_found": YES})
    }
    assert begun == {"correct": utc("2026-12-29 04:59:59"), "tell": utc("2026-12-31 04:59:59")}
    without = book("us_reg_e").step_clocks(case, "decision", decided, {})
    assert [clock.name for clock in without] == ["tell"]
    told = CaseDecision("upheld", "", "agent", "", decided)
    later = CaseFile(**{**{f: getattr(case, f) for f in case.__dataclass_fields__}, "decisions": (told,)})
    assert the(later.with_clocks(book("us_reg_e").after_facts(later, {"error_found": YES})), "correct").due_at == utc(
        "2026-12-29 04:59:59"
    )


@pytest.mark.parametrize(
    ("claim", "due"),
    [
        ("2026-11-30 10:00 +01:00", "2026-12-01 22:59:59"),
        ("2026-12-04 10:00 +01:00", "2026-12-07 22:59:59"),  # a Friday
        ("2026-12-05 10:00 +01:00", "2026-12-07 22:59:59"),  # a Saturday
        ("2026-12-24 10:00 +01:00", "2026-12-28 22:59:59"),
        ("2026-04-02 10:00 +02:00", "2026-04-07 21:59:59"),  # Easter
        ("2026-12-31 10:00 +01:00", "2027-01-04 22:59:59"),
    ],
)
def test_refund_by_the_end_of_the_next_business_day(claim: str, due: str) -> None:
    """The refund of an unauthorised payment would be due on a day on which no bank works, or without the customer's claim."""
    assert case_of("eu_psd2_unauthorised", claim).clocks == ()
    case = case_of("eu_psd2_unauthorised", claim, {"unauthorised": YES})
    assert the(case, "refund").due_at == utc(due)
    lifted = book("eu_psd2_unauthorised").after_facts(case, {"unauthorised": YES, "payer_fraud_reported": YES})
    assert [clock.lifted_by for clock in lifted] == ["payer_fraud_reported"]
    assert not lifted[0].is_owed


PAUSES = [
    # pause from, until, due: days at whose end the clock stands still do not count
    ("2026-12-02 12:00 +00:00", "2026-12-03 12:00 +00:00", "2026-12-08 23:59:59"),
    ("2026-12-02 09:00 +00:00", "2026-12-02 17:00 +00:00", "2026-12-07 23:59:59"),  # within one day
    ("2026-12-04 12:00 +00:00", "2026-12-07 12:00 +00:00", "2026-12-08 23:59:59"),  # over a weekend: Friday only
    ("2026-12-01 12:00 +00:00", "2026-12-15 12:00 +00:00", "2026-12-21 23:59:59"),
    ("2026-12-01 12:00 +00:00", "2027-03-15 12:00 +00:00", "2027-01-21 23:59:59"),  # never later than 35 business days
]


@pytest.mark.parametrize(("start", "end", "due"), PAUSES)
def test_pauses_where_the_duty_allows_them(start: str, end: str, due: str) -> None:
    """A pause would count, or would lead past the 35th business day."""
    rules = book("uk_app")
    paused = rules.paused(the(case_of("uk_app", "2026-11-30 10:00 +00:00"), "reimburse"), at(start))
    assert paused.due_at == utc("2027-01-21 23:59:59")
    assert clock_state(paused, at(start), 0.2) == "paused"
    assert rules.resumed(paused, at(end)).due_at == utc(due)


def test_a_merged_case_counts_from_the_earliest_sentence() -> None:
    """Merging would give the desk more time, or the older case a later due date."""
    rules = book("cn_complaint")
    later = case_of("cn_complaint", "2026-12-10 10:00 +08:00")
    earlier = at("2026-12-01 23:00 +08:00")
    merged = rules.merged(later, earlier, "C7654321")
    assert [clock.due_at for clock in merged] == [utc("2026-12-16 15:59:59")]
    assert merged[0].merged_from == "C7654321"
    assert rules.merged(case_of("cn_complaint", "2026-11-30 10:00 +08:00"), earlier, "C7654321") == ()


def test_a_calendar_that_becomes_known_moves_the_date_once() -> None:
    """A due date would stay provisional for ever, or move although nothing new is known."""
    case = case_of("uk_app", "2027-12-24 12:00 +00:00")
    assert the(case, "reimburse").unknown_years == (2028,)
    assert book("uk_app").recounted(case) == ()
    england = CALENDARS["england"]
    known = Calendar(1, "", "", {**england.years, 2028: england.years[2026].__class__("notice", ())})
    rules = DutyBook(("uk_app",), DUTIES, {**CALENDARS, "england": known})
    (moved,) = rules.recounted(case)
    assert (moved.due_at, moved.unknown_years) == (utc("2028-01-04 23:59:59"), ())
    assert rules.recounted(case.with_clocks((moved,))) == ()


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-30 10:00 +08:00", "running"),
        ("2026-12-12 10:00 +08:00", "running"),
        ("2026-12-13 10:00 +08:00", "near"),
        ("2026-12-15 23:59 +08:00", "near"),
        ("2026-12-16 00:00 +08:00", "breached"),
    ],
)
def test_a_breach_is_seen_before_it_happens(moment: str, state: str) -> None:
    """Supervisors would hear of a deadline when it is over."""
    assert clock_state(the(case_of("cn_complaint", "2026-11-30 10:00 +08:00"), "decision"), at(moment), 0.2) == state


def test_pauses_of_exact_clocks_add_their_length() -> None:
    """A pause of a clock in hours would be rounded to days."""
    pauses = [ClockPause(at("2026-12-01 10:00 +08:00"), at("2026-12-01 13:30 +08:00"))]
    assert count(at("2026-12-01 09:00 +08:00"), 24, "hours", "Asia/Shanghai", None, pauses).due_at == utc("2026-12-02 04:30:00")
