"""The figures, counted by hand on small logs."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from handoff.conversations import events as log
from handoff.conversations.events import Unknown
from handoff.conversations.values import NOTHING_OWED, Case, EarlierEpisode, Status
from handoff.figures.catalogue import BY_ID, FIGURES, LIVE
from handoff.figures.episodes import Handoff
from handoff.figures.story import StoryFold, story_of
from handoff.figures.totals import DrillDown, Row, Totals, quantile_of
from handoff.figures.window import By, Rules, Window, window_of
from handoff.runtime.errors import BadInput
from tests.handoff.logs import START, Log, minute, random_draft

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
SHANGHAI = ZoneInfo("Asia/Shanghai")
#: Long after all logs here.
LATER = START + dt.timedelta(days=30)
HOURS_72 = 72 * 60


def breach_after_30_minutes(handoff: Handoff) -> dt.datetime | None:
    """A promise of half an hour for everybody."""
    return handoff.at + dt.timedelta(minutes=30)


RULES = Rules(
    lambda reason, chosen, lane: chosen or ("security" if reason == "security" else "general"), breach_after_30_minutes
)


def window(start: float = -60, end: float = 24 * 60, as_of: dt.datetime = LATER) -> Window:
    """A window in minutes after the beginning of the logs."""
    return Window(minute(start), minute(end), SHANGHAI, as_of)


def rows(figure: str, logs: Iterable[Log], by: By | None = None, of: Window | None = None) -> list[Row]:
    """The rows of one figure."""
    totals = Totals([BY_ID[figure]], of or window(), RULES, by)
    for each in logs:
        totals.add(story_of(each.id, each.events))
    return totals.rows(BY_ID[figure])


def value(figure: str, *logs: Log, of: Window | None = None) -> tuple[float | None, int]:
    """Value and denominator of a figure without groups."""
    (row,) = rows(figure, logs, of=of)
    return row.value, row.denominator


def helped(conversation_id: str = "c1", *, login: str = "zhou") -> Log:
    """Handoff at 0, claimed at 2, answered at 3, asked again at 5, answered at 9, resolved at 12."""
    opened = Log(conversation_id).customer(-1).bot(0, "escalate").handoff(0).desk(0)
    return opened.claim(2, login).agent(3, login).customer(5).agent(9, login).resolve(12, login)


def by_bot(conversation_id: str = "c1") -> Log:
    """The bot answers at 0, and the customer is content at 1."""
    return Log(conversation_id).customer(0).bot(0).end(1)


# --- the list ------------------------------------------------------------------------------------------------------------


def test_the_glossary_defines_every_figure_once() -> None:
    """Somebody would read a number that no line of the glossary defines, or look for one that does not exist."""
    section = GLOSSARY.read_text(encoding="utf-8").partition("## Figures")[2]
    assert re.findall(r"^\| `([a-z0-9_]+)` \|", section, re.MULTILINE) == [figure.id for figure in FIGURES]


def test_every_figure_has_a_function_or_a_quantile_of_its_own() -> None:
    """Two names would show the same number."""
    assert len({(figure.samples, figure.kind) for figure in FIGURES}) == len(FIGURES) == len(BY_ID)


def test_every_figure_is_told_in_both_languages() -> None:
    """A supervisor would read half a board in a foreign language."""
    chinese = re.compile("[一-鿿]")
    for figure in FIGURES:
        assert chinese.search(figure.zh)
        assert chinese.search(figure.definition_zh)
        assert not chinese.search(figure.en + figure.definition_en)


def test_containment_stands_next_to_the_recontact_rate() -> None:
    """The share that the bot solved would be read without the share that came back."""
    ids = [figure.id for figure in FIGURES]
    assert ids.index("came_back") == ids.index("solved_by_bot") + 1
    assert not {"came_back", "solved_by_bot", "solved_at_first_contact"} & set(LIVE)


# --- times ---------------------------------------------------------------------------------------------------------------


def test_times_of_a_helped_customer() -> None:
    """The board would count the desk's or the bot's first words as the answer."""
    assert value("first_response_median", helped()) == (180, 1)
    assert value("next_response_median", helped()) == (240, 1)
    assert value("resolution_median", helped()) == (720, 1)
    assert value("taken", helped()) == (1, 1)
    assert value("handoffs", helped()) == (1, 1)


def test_a_second_message_does_not_restart_the_wait_for_the_next_answer() -> None:
    """An impatient customer would make the agent look faster."""
    story = Log().handoff(0).claim(1).agent(2).customer(5).customer(8).agent(10).agent(11)
    assert value("next_response_median", story) == (300, 1)


def test_a_transfer_before_the_first_answer_keeps_the_clock() -> None:
    """A transfer would hide how long the customer waited for the first word."""
    story = Log().handoff(0).claim(2).transfer(4).claim(10, "wu").agent(12, "wu")
    (row,) = rows("first_response_median", [story], "agent")
    assert row == Row("wu", 720, None, 1)


def test_a_new_handoff_has_a_first_response_of_its_own() -> None:
    """A case that was returned to the bot and handed over again would count as answered at once."""
    story = Log().handoff(0).claim(1).agent(2).add(3, log.Returned()).handoff(10).claim(14).agent(15)
    assert value("first_response_median", story) == ((120 + 300) / 2, 2)


def test_an_open_case_that_comes_back_is_a_new_handoff_in_its_old_queue() -> None:
    """A customer who comes back after a day would look as if nobody had answered for a day."""
    story = Log().handoff(0, "dispute").claim(1).agent(2).transfer(3, queue="disputes").claim(4).end(1500, "idle")
    story.reopen(3000).handoff(3000, "dispute").claim(3004).agent(3005)
    (row,) = rows("first_response_median", [story], "queue", window(2900, 3100))
    assert row == Row("disputes", 300, None, 1)


def test_quantiles_are_interpolated() -> None:
    """The 90% of few cases would jump to the slowest one."""
    assert quantile_of([], 0.5) is None
    assert quantile_of([7], 0.9) == 7
    assert quantile_of([1, 2, 3, 4], 0.5) == 2.5
    assert quantile_of([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 0.9) == 90


# --- waiting -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("end", "waits"), [(-1, 0), (0.5, 1), (2, 1), (2.5, 0), (4, 0), (5, 1), (10, 1), (10.5, 0), (60, 0)])
def test_who_waits_at_a_moment(end: float, waits: int) -> None:
    """The queue of the past would not be the queue that supervisors saw."""
    story = Log().customer(-2).handoff(0).claim(2).transfer(4).claim(10, "wu").agent(12, "wu").resolve(20, "wu")
    assert value("waiting", story, of=window(-60, end))[0] == waits


def test_the_oldest_urgent_counts_lanes() -> None:
    """A victim whose money is leaving would be missing from the figure that is watched most."""
    lane = Log("c1").handoff(0, "security", "high", "money_moving")
    assert value("oldest_urgent", lane, Log("c2").handoff(2, "security", "urgent"), of=window(-1, 10)) == (600, 2)
    assert value("oldest_urgent", Log().handoff(0), of=window(-1, 10)) == (None, 0)
    assert value("oldest_urgent", Log().handoff(0).raised(5, "security", "urgent"), of=window(-1, 10)) == (600, 1)


ABANDONED: list[tuple[str, Callable[[Log], Log], tuple[float | None, int]]] = [
    ("cancelled", lambda story: story.handoff(0).add(3, log.Cancelled()), (1, 1)),
    ("taken", lambda story: story.handoff(0).claim(9), (0, 1)),
    ("still waiting", lambda story: story.handoff(0), (1, 1)),  # at the end of a day it has been silent for 10 minutes
    ("silent, then taken", lambda story: story.handoff(0).claim(10.5), (1, 1)),
    ("wrote meanwhile", lambda story: story.handoff(0).customer(9).claim(18), (0, 1)),
    ("silent, then wrote again", lambda story: story.handoff(0).customer(11).claim(12), (1, 1)),
    ("closed by a supervisor", lambda story: story.handoff(0).resolve(5), (0, 1)),
    ("cancelled and undone", lambda story: story.handoff(0).add(3, log.Cancelled()).add(3.1, undone()).claim(5), (0, 1)),
    ("cancelled after a transfer", lambda story: story.handoff(0).claim(2).transfer(3).add(5, log.Cancelled()), (0, 1)),
]


def undone() -> log.CancelUndone:
    """The customer waits again."""
    return log.CancelUndone(reason="user_request", priority="normal")


@pytest.mark.parametrize(
    ("story", "expected"), [(tell, expected) for _, tell, expected in ABANDONED], ids=[x[0] for x in ABANDONED]
)
def test_abandoned_waits(story: Callable[[Log], Log], expected: tuple[float | None, int]) -> None:
    """Customers who gave up would be invisible, or count twice."""
    assert value("abandoned", story(Log().customer(-1))) == expected


def test_a_wait_is_decided_in_one_window_only() -> None:
    """A wait across midnight would count on both days."""
    story = Log().customer(-1).handoff(0).customer(8).claim(16)
    assert value("abandoned", story, of=window(-5, 10)) == (None, 0)
    assert value("abandoned", story, of=window(10, 20)) == (0, 1)


def test_promises_are_kept_broken_or_neither() -> None:
    """A promise that ran out without an answer would not be counted until somebody answers."""
    kept, late = Log("a").handoff(0).claim(1).agent(30), Log("b").handoff(0).claim(1).agent(31)
    never, ended = Log("c").handoff(0), Log("d").handoff(0).add(5, log.Cancelled())
    assert value("within_promise", kept, late, never, ended) == (1 / 3, 3)
    assert value("within_promise", never, of=window(-5, 20, minute(20))) == (None, 0)
    assert [row.key for row in rows("within_promise", [late, never], "agent")] == ["zhou", None]


# --- ends ----------------------------------------------------------------------------------------------------------------


def test_solved_by_the_bot_and_who_came_back() -> None:
    """Containment would look good because those who came back are not shown."""
    back, gone = by_bot("a").reopen(60).customer(60).bot(60).end(61), by_bot("b")
    late = by_bot("c").reopen(1 + HOURS_72 + 1).customer(1 + HOURS_72 + 1).bot(1 + HOURS_72 + 1)
    handed = helped("d")
    assert value("solved_by_bot", back, gone, late, handed) == (4 / 5, 5)
    assert value("came_back", back, gone, late, handed) == (1 / 4, 4)


def test_thanks_are_neither_a_case_nor_a_return() -> None:
    """Every "thank you" would count as solved by the bot, and as a customer who was not helped."""
    thanked = by_bot().reopen(2).customer(2, "谢谢").bot(2, "chat").end(3, "closed")
    assert value("solved_by_bot", thanked) == (1, 1)
    assert value("came_back", thanked) == (0, 1)


def test_young_episodes_are_not_judged_yet() -> None:
    """Yesterday's customers would all look helped, because they had no time to come back."""
    assert value("came_back", by_bot(), of=window(as_of=minute(1 + HOURS_72 - 1))) == (None, 0)
    assert value("came_back", by_bot(), of=window(as_of=minute(1 + HOURS_72))) == (0, 1)
    assert value("solved_by_bot", by_bot(), of=window(as_of=minute(5))) == (1, 1)


FIRST_CONTACT: list[tuple[str, Log, float]] = [
    ("alone", helped(), 1),
    ("not solved", Log().handoff(0).claim(1).agent(2).resolve(3, outcome="not_solved"), 0),
    ("transferred", Log().handoff(0).claim(1).transfer(2).claim(3, "wu").resolve(5, "wu"), 0),
    ("two handoffs", Log().handoff(0).claim(1).add(2, log.Returned()).handoff(3).claim(4).resolve(5), 0),
    ("came back", helped().reopen(60).customer(60).bot(60), 0),
    ("thanked", helped().reopen(60).customer(60).bot(60, "chat"), 1),
]


@pytest.mark.parametrize(("story", "share"), [each[1:] for each in FIRST_CONTACT], ids=[each[0] for each in FIRST_CONTACT])
def test_solved_at_first_contact(story: Log, share: float) -> None:
    """A customer who was passed around or came back would count as helped."""
    assert value("solved_at_first_contact", story) == (share, 1)


def test_an_undone_resolution_never_happened() -> None:
    """A slip of the finger would count as a resolved case, twice with the real one."""
    story = (
        Log()
        .customer(0)
        .handoff(0)
        .claim(1)
        .agent(2)
        .resolve(3)
        .add(3.1, log.ResolutionUndone())
        .customer(5)
        .agent(9)
        .resolve(20)
    )
    assert value("resolution_median", story) == (20 * 60, 1)
    assert value("next_response_median", story) == (240, 1)
    assert value("waiting", story, of=window(-1, 4)) == (0, 0)
    open_again = Log().handoff(0).claim(1).resolve(3).add(3.1, log.ResolutionUndone())
    assert value("resolution_median", open_again) == (None, 0)


def test_an_end_by_the_idle_check_is_no_resolution_time() -> None:
    """A customer who walked away would make cases look as if they took a day."""
    assert value("resolution_median", Log().handoff(0).claim(1).agent(2).end(1442, "idle")) == (None, 0)


def test_ratings() -> None:
    """A customer who changed the rating would count twice."""
    rated = helped().rate(13, 2).rate(14, 5)
    assert value("rating", rated, helped("c2").rate(20, 2)) == (3.5, 2)
    # The window before the second rating keeps its number for ever.
    assert value("rating", rated, of=window(-60, 13.5)) == (2, 1)


def test_a_rating_after_thanks_belongs_to_the_case() -> None:
    """The agent's rating would count for the bot's episode of thanks."""
    story = helped().reopen(20).customer(20, "谢谢").bot(20, "chat").rate(21, 4)
    assert rows("rating", [story], "agent") == [Row("zhou", 4, 4, 1)]


def test_marks() -> None:
    """A mark that the agent took back would count, or a colleague's would be lost with it."""
    for mark in ("needless_handoff", "late_handoff", "wrong_article"):
        base = Log().handoff(0).claim(1)
        assert value(mark, base.mark(2, mark).resolve(5)) == (1, 1)
        assert value(mark, Log().handoff(0).claim(1).mark(2, mark).mark(3, mark, is_set=False).resolve(5)) == (0, 1)
        both = Log().handoff(0).claim(1).mark(2, mark, "wu").mark(3, mark).mark(4, mark, is_set=False).resolve(5)
        assert value(mark, both) == (1, 1)
    assert value("needless_handoff", Log().handoff(0).claim(1).mark(2, "needless_handoff")) == (None, 0)
    assert value("needless_handoff", by_bot()) == (None, 0)


def offered(login: str) -> log.Offered:
    """An offer to an agent."""
    return log.Offered(login=login, agent=login.title(), until=minute(100))


def test_offers() -> None:
    """An offer that a colleague took would count against the agent."""
    late = log.OfferEnded(login="zhou", agent="Zhou", why="late")
    missed = Log("a").handoff(0).add(1, offered("zhou")).add(2, late).add(2, offered("wu")).claim(3, "wu")
    voided = Log("b").handoff(0).add(1, offered("zhou")).claim(2, "li")
    assert value("offer_missed", missed, voided) == (0.5, 2)
    assert {row.key: row.value for row in rows("offer_missed", [missed, voided], "agent")} == {"zhou": 1, "wu": 0}


def test_transfers_are_the_agents_who_gave_away() -> None:
    """An agent whose laptop broke would look like one who passes customers on."""
    story = Log().handoff(0).claim(1).transfer(2).claim(3, "wu").transfer(4, "wu", "agent_gone").claim(5, "li")
    assert rows("transfers", [story], "agent") == [Row("zhou", 1, 1, 1)]
    assert [row.key for row in rows("taken", [story], "agent")] == ["li", "wu", "zhou"]


# --- groups --------------------------------------------------------------------------------------------------------------


def test_groups() -> None:
    """A report by reason, queue, day or hour would put cases into the wrong line."""
    first = Log("a").handoff(0, "security", "urgent").claim(1).agent(2)
    moved = Log("b").handoff(70).claim(71).transfer(72, queue="disputes").claim(75, "wu").agent(80, "wu")
    night = Log("c").handoff(24 * 60)
    assert {row.key: row.value for row in rows("first_response_median", [first, moved], "reason")} == {
        "security": 120,
        "user_request": 600,
    }
    assert [row.key for row in rows("first_response_median", [first, moved], "queue")] == ["disputes", "security"]
    of = window(0, 48 * 60)
    assert [(row.key, row.value) for row in rows("handoffs", [first, moved, night], "day", of)] == [
        ("2026-11-02", 2),
        ("2026-11-03", 1),
        ("2026-11-04", 0),
    ]
    hours = {row.key: row.value for row in rows("handoffs", [first, moved, night], "hour", of)}
    assert len(hours) == 24
    assert (hours["10"], hours["11"], hours["12"]) == (2, 1, 0)


def test_the_reason_is_the_one_of_the_moment() -> None:
    """What was raised later would change the numbers of a day that is over."""
    story = Log().handoff(0).claim(1).agent(2).transfer(5).raised(6, "security", "urgent").claim(7).resolve(9)
    assert [row.key for row in rows("first_response_median", [story], "reason")] == ["user_request"]
    assert [row.key for row in rows("resolution_median", [story], "reason")] == ["security"]


# --- old and odd logs ----------------------------------------------------------------------------------------------------


def imported(status: Status, **more: object) -> log.StateImported:
    """What an update of the desk writes down."""
    fields = {
        "status": status,
        "episode": 1,
        "locale": "zh",
        "case": Case("dispute", "high", queued_at=minute(0)),
        "preview": "",
        "offered": (),
        "owed": NOTHING_OWED,
        "stretch_seq": 0,
        **more,
    }
    return log.StateImported(**fields)  # type: ignore[arg-type]


def test_an_import_that_agrees_with_the_log_changes_nothing() -> None:
    """Each case that was open at an update would count twice."""
    before = Log().customer(-1).handoff(0, "dispute", "high").claim(2)
    after = before.add(5, imported(Status.ASSIGNED, agent="zhou", agent_name="Zhou", assigned_at=minute(2))).agent(8).resolve(9)
    assert value("first_response_median", after) == (480, 1)
    assert value("handoffs", after) == (1, 1)
    assert value("taken", after) == (1, 1)


def test_an_import_fills_in_what_the_log_does_not_say() -> None:
    """A case that was open at an update, and whose log begins there, would be lost."""
    story = Log().add(5, imported(Status.QUEUED)).claim(6).agent(8).resolve(10)
    assert value("first_response_median", story) == (480, 1)
    assert rows("resolution_median", [story], "reason") == [Row("dispute", 600, None, 1)]
    over = Log().add(5, imported(Status.RESOLVED, resolved_at=minute(4), earlier=EarlierEpisode("solved", True, 1)))
    assert story_of("c1", over.events).episodes[0].resolution is not None
    assert story_of("c1", over.events).episodes[0].opened_at is None


def test_an_unknown_event_counts_nowhere() -> None:
    """A log that a newer version wrote would stop the report."""
    strange = Log().customer(-1).handoff(0).add(1, Unknown(name="teleported", data_version=1, data={})).claim(2).agent(3)
    assert value("first_response_median", strange) == (180, 1)
    assert not story_of("c1", strange.events).is_read
    assert rows("handoffs", [Log()]) == [Row(None, 0, 0, 0)]


def test_a_customer_of_the_bot_alone_has_no_agent_and_no_reason() -> None:
    """The bot's customers would be put on an agent's account."""
    assert rows("solved_by_bot", [by_bot()], "agent") == [Row(None, 1, 1, 1)]
    assert rows("first_response_median", [by_bot()], "agent") == []


# --- windows -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-02", "2026-11-02"),
        ("2026-11-03", "2026-11-02"),
        ("2026-12-02", "2026-12-03"),
        ("2025-01-01", "2026-11-03"),
        ("", "2026-11-03"),
        ("2026-02-30", "2026-11-03"),
        ("2026-11-02T10:00:00", "2026-11-03"),
        ("0001-01-01", "2026-11-03"),
        ("2026-11-02", "9999-12-31T23:59:59-14:00"),
        ("'; drop", "2026-11-03"),
    ],
)
def test_windows_that_are_refused(start: str, end: str) -> None:
    """A typing error would show an empty report, or an internal error."""
    now = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    with pytest.raises(BadInput) as refusal:
        window_of(start, end, SHANGHAI, now)
    assert refusal.value.code == "bad_window"


def test_a_window_of_dates_is_in_the_desks_zone_and_ends_now() -> None:
    """The day of a report would begin at 8 in the morning."""
    now = dt.datetime(2026, 11, 2, 12, 0, tzinfo=dt.UTC)
    found = window_of("2026-11-02", "2026-11-03", SHANGHAI, now)
    assert found.start == dt.datetime(2026, 11, 1, 16, 0, tzinfo=dt.UTC)
    assert found.end == now
    assert found.days() == ["2026-11-02"]
    assert not found.contains(found.end)
    assert found.contains(found.start)


def test_a_day_on_which_the_clocks_change_has_its_own_length() -> None:
    """The hour that comes twice would be counted on two days, or on none."""
    berlin = ZoneInfo("Europe/Berlin")
    found = window_of("2026-10-25", "2026-10-26", berlin, LATER)
    assert found.end - found.start == dt.timedelta(hours=25)
    assert found.days() == ["2026-10-25"]


# --- properties over random logs -----------------------------------------------------------------------------------------


def random_log(number: int) -> Log:
    """A log that the desk could have written."""
    made = Log()
    draft = random_draft(number)
    made.id, made.events = draft.state.id, draft.events
    return made


RANDOM = [random_log(number) for number in range(300)]
TWO_DAYS = Window(minute(0), minute(0) + dt.timedelta(days=2), SHANGHAI, LATER)


def all_rows(logs: Iterable[Log], by: By | None = None, of: Window = TWO_DAYS) -> dict[str, list[Row]]:
    """The rows of all figures by id."""
    totals = Totals(FIGURES, of, RULES, by)
    for each in logs:
        totals.add(story_of(each.id, each.events))
    return {figure.id: totals.rows(figure) for figure in FIGURES}


def test_the_fold_agrees_with_the_state() -> None:
    """Figures would count another history than the one that the desk shows."""
    kinds: set[str] = set()
    for number in range(400):
        draft = random_draft(number)
        fold = StoryFold(draft.state.id)
        for event in draft.events:
            fold.add(event)
        state = draft.state
        kinds |= {event.type for event in draft.events}
        if not draft.events:
            continue
        assert fold.status is state.status
        assert fold.episode.number == state.episode
        assert (fold.episode.resolution is not None) == (state.status is Status.RESOLVED)
        handoff = fold.handoff
        assert (handoff is not None) == (state.status in (Status.QUEUED, Status.ASSIGNED))
        if handoff is None:
            continue
        assert handoff.at == state.case.queued_at
        assert (handoff.last_facts.reason, handoff.last_facts.priority, handoff.last_facts.lane) == (
            state.case.reason,
            state.case.priority,
            state.case.lane,
        )
        assert (handoff.first_response.at if handoff.first_response else None) == state.case.first_response_at
        assert handoff.waits_at(state.updated_at) == (state.status is Status.QUEUED)
        assert handoff.holder_at(state.updated_at) == (state.agent if state.status is Status.ASSIGNED else None)
        assert handoff.last_facts.queue == state.handling.queue
    assert {"resolution_undone", "cancel_undone", "reopened", "transferred", "rated", "marked", "priority_raised"} <= kinds


@pytest.mark.parametrize("by", ["reason", "queue", "agent", "day", "hour"])
def test_groups_add_up_to_the_total(by: By) -> None:
    """A supervisor would add up the lines and get another number than the total."""
    totals, groups = all_rows(RANDOM), all_rows(RANDOM, by)
    for figure in FIGURES:
        (total,), parts = totals[figure.id], groups[figure.id]
        assert sum(row.denominator for row in parts) == total.denominator > 0
        if total.numerator is not None:
            assert sum(row.numerator or 0 for row in parts) == total.numerator
        if figure.kind == "longest" and total.value is not None:
            assert max(row.value or 0 for row in parts) == total.value
        if figure.unit == "share" and total.value is not None:
            assert 0 < total.value < 1


def test_days_counted_alone_add_up_to_both() -> None:
    """A report of a month would not be the sum of its days. Ratings and marks may change until the end of a window."""
    middle = TWO_DAYS.start + dt.timedelta(days=1)
    total = all_rows(RANDOM)
    halves = [all_rows(RANDOM, of=replace(TWO_DAYS, end=middle)), all_rows(RANDOM, of=replace(TWO_DAYS, start=middle))]
    for figure in set(BY_ID) - {"waiting", "oldest_urgent", "rating", "late_handoff", "needless_handoff", "wrong_article"}:
        (whole,), parts = total[figure], [half[figure][0] for half in halves]
        assert sum(row.denominator for row in parts) == whole.denominator
        assert sum(row.numerator or 0 for row in parts) == (whole.numerator or 0)


def test_the_order_of_conversations_does_not_matter() -> None:
    """The numbers would depend on how the database returns the log."""
    shuffled = random.Random(1).sample(RANDOM, len(RANDOM))
    assert all_rows(RANDOM, "agent") == all_rows(shuffled, "agent")


@pytest.mark.parametrize("by", [None, "reason", "queue", "agent"])
def test_recomputing_yesterday_tomorrow_gives_the_same(by: By | None) -> None:
    """The number that a supervisor reported would be another one the next day."""
    day = replace(TWO_DAYS, end=TWO_DAYS.start + dt.timedelta(hours=12))
    slow = {"came_back", "solved_at_first_contact"}
    for first, figures in (
        (day.end + dt.timedelta(seconds=11), set(BY_ID) - slow),  # a cancel or a resolution can be undone for 10 s
        (day.end + dt.timedelta(hours=72), slow),
    ):
        known = [Log(each.id) for each in RANDOM]
        for kept, whole in zip(known, RANDOM, strict=True):
            kept.events = [event for event in whole.events if event.at <= first]
        then, now = all_rows(known, by, replace(day, as_of=first)), all_rows(RANDOM, by, day)
        assert {figure: then[figure] for figure in figures} == {figure: now[figure] for figure in figures}


def test_a_drill_down_lists_what_a_row_counts() -> None:
    """A click on a number would open other conversations than it counts."""
    stories = [story_of(each.id, each.events) for each in RANDOM]
    groups = all_rows(RANDOM, "agent")
    for figure in FIGURES:
        for row in groups[figure.id]:
            found = DrillDown(figure, TWO_DAYS, RULES, "agent", (row.key,))
            for story in stories:
                found.add(story)
            assert found.total == row.denominator == len(found.latest)
            if figure.kind == "share":
                assert sum(each.is_counted for each in found.latest) == row.numerator
