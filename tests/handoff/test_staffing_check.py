"""The check of what data/desk.yml says about people: one thing broken at a time in a copy of the file."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec
import pytest

from content.bundle import DeskContent
from content.compiler import compile_content, load_desk_content
from content.desk_file import DeskFile
from content.sources import ContentError, load_mapping, shaped
from content.staffing_check import check_staffing
from tests.handoff.conftest import DATA


@pytest.fixture(scope="module")
def content() -> DeskContent:
    """The editors' content, which has no faults."""
    return load_desk_content(DATA)


def line_with(part: str) -> int:
    """The line of desk.yml, from 1, on which a text begins."""
    text = (DATA / "desk.yml").read_text(encoding="utf-8")
    return text[: text.index(part)].count("\n") + 1


def checked(content: DeskContent, folder: Path, old: str, new: str) -> None:
    """Check a copy of desk.yml with one text replaced."""
    text = (DATA / "desk.yml").read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in desk.yml"
    path = folder / "desk.yml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    desk = shaped(DeskFile, path, load_mapping(path, DeskFile))
    check_staffing(msgspec.structs.replace(content, desk=desk), folder)


SERVICE_SATURDAY = 'sat: ["09:00-18:00"]'

BROKEN = {
    # what: (in the file, instead, the error message after "desk.yml:<line of the text>: ")
    "unknown reason": (
        "reasons: [dispute, large_transaction]",
        "reasons: [disputes, large_transaction]",
        r"queues\.disputes\.reasons\.0: there is no reason `disputes`: did you mean `dispute`\? .*triage\.yml",
    ),
    "unknown skill of a queue": (
        "skills: [security], hours: always",
        "skills: [securty], hours: always",
        r"queues\.security\.skills\.0: there is no skill `securty`: did you mean `security`\? .*or add it to `skills`",
    ),
    "unknown language of a queue": (
        "skills: [security], hours: always",
        "languages: [zh, cn], skills: [security], hours: always",
        r"queues\.security\.languages\.1: there is no language `cn`: .*such as zh or en",
    ),
    "unknown hours": (
        "en: General, hours: service",
        "en: General, hours: servic",
        r"queues\.general\.hours: there is no entry in `hours` `servic`: did you mean `service`\?",
    ),
    "queue without hours": ("en: General, hours: service,", "en: General,", r"queues\.general\.hours: field required"),
    "unknown calendar": (
        "calendar: china",
        "calendar: chinese",
        r"hours\.service\.calendar: there is no calendar `chinese`: did you mean `china`\? .*data/calendars/chinese\.yml",
    ),
    "unknown zone": (
        "zone: Asia/Shanghai",
        "zone: Asia/Shangai",
        r"hours\.always\.zone: there is no time zone `Asia/Shangai`: did you mean `Asia/Shanghai`\?",
    ),
    "a folder of zones": ("zone: Asia/Shanghai", "zone: Asia", r"hours\.always\.zone: there is no time zone `Asia`"),
    "a path as zone": ("zone: Asia/Shanghai", "zone: ../../etc/passwd", r"hours\.always\.zone: there is no time zone"),
    "no default queue": (", is_default: true", "", r"queues: no queue has `is_default: true`: give it to"),
    "two default queues": (
        "large_transaction], skills: [disputes], hours: service",
        "large_transaction], skills: [disputes], hours: service, is_default: true",
        r"queues\.general\.is_default: `disputes` is the default queue already: remove",
    ),
    "reason in two queues": (
        "en: General, hours: service",
        "en: General, reasons: [unresolved, dispute], hours: service",
        r"queues\.general\.reasons\.1: `dispute` is a reason of the queue `disputes` already",
    ),
    "reason twice in one queue": (
        "reasons: [dispute, large_transaction]",
        "reasons: [dispute, dispute]",
        r"queues\.disputes\.reasons\.1: `dispute` stands here twice",
    ),
    "overlapping intervals": (
        SERVICE_SATURDAY,
        'sat: ["09:00-12:00", "11:59-18:00"]',
        r'hours\.service\.week\.sat\.1: "11:59-18:00" overlaps "09:00-12:00"',
    ),
    "the same interval twice": (
        SERVICE_SATURDAY,
        'sat: ["09:00-12:00", "09:00-12:00"]',
        r"hours\.service\.week\.sat\.1: .*overlaps",
    ),
    "an interval inside another": (
        SERVICE_SATURDAY,
        'sat: ["09:00-18:00", "10:00-11:00"]',
        r"hours\.service\.week\.sat\.1: .*overlaps",
    ),
    "empty interval": (
        SERVICE_SATURDAY,
        'sat: ["09:00-09:00"]',
        r'hours\.service\.week\.sat\.0: "09:00-09:00" is empty: remove it',
    ),
    "interval past midnight": (
        SERVICE_SATURDAY,
        'sat: ["22:00-02:00"]',
        r'hours\.service\.week\.sat\.0: "22:00-02:00" ends before it begins: .*"22:00-24:00" here and "00:00-02:00" on',
    ),
    "hour 25": (SERVICE_SATURDAY, 'sat: ["09:00-25:00"]', r'hours\.service\.week\.sat\.0: "09:00-25:00" is no interval'),
    "after 24:00": (SERVICE_SATURDAY, 'sat: ["09:00-24:01"]', r'hours\.service\.week\.sat\.0: "09:00-24:01" is no interval'),
    "one digit": (SERVICE_SATURDAY, 'sat: ["9:00-18:00"]', r'hours\.service\.week\.sat\.0: "9:00-18:00" is no interval: write'),
    "long dash": (SERVICE_SATURDAY, 'sat: ["09:00–18:00"]', r"hours\.service\.week\.sat\.0: .*is no interval"),
    "full-width digits": (SERVICE_SATURDAY, 'sat: ["０9:00-18:00"]', r"hours\.service\.week\.sat\.0: .*is no interval"),
    "no interval at all": (SERVICE_SATURDAY, 'sat: [""]', r'hours\.service\.week\.sat\.0: "" is no interval'),
    "a text and no list": (SERVICE_SATURDAY, 'sat: "09:00-18:00"', r"hours\.service\.week\.sat: must be a list"),
    "bad interval on holidays": (
        'holidays: ["09:00-18:00"]',
        'holidays: ["18:00-09:00"]',
        r"hours\.service\.holidays\.0: .*ends before it begins",
    ),
    "bad interval on make-up days": (
        'holidays: ["09:00-18:00"]',
        'workdays: ["08:00-08:00"]',
        r"hours\.service\.workdays\.0: .*is empty",
    ),
    "level of nothing": (
        "urgent: {first_response_minutes: 2,",
        "urgent: {first_response_minutes: 0,",
        r"levels\.urgent\.first_response_minutes: must be greater than 0",
    ),
    "level shorter than nothing": (
        "urgent: {first_response_minutes: 2,",
        "urgent: {first_response_minutes: -1,",
        r"levels\.urgent\.first_response_minutes: must be greater than 0",
    ),
    "endless level": (
        "next_response_minutes: 3,",
        "next_response_minutes: .inf,",
        r"levels\.urgent\.next_response_minutes: must be a number of at most one year",
    ),
    "level that is no number": (
        "next_response_minutes: 3,",
        "next_response_minutes: .nan,",
        r"levels\.urgent\.next_response_minutes: must be",
    ),
    "resolution before the first response": (
        "resolution_minutes: 240",
        "resolution_minutes: 1",
        r"levels\.urgent\.resolution_minutes: a case cannot be resolved in 1 minutes, before its first response is due \(2\)",
    ),
    "unknown priority": (
        "  high: {first",
        "  hihg: {first",
        r"levels\.hihg: the name: unexpected value; permitted: 'urgent', 'high', 'normal'",
    ),
    "unknown day": (
        SERVICE_SATURDAY,
        'saturday: ["09:00-18:00"]',
        r"hours\.service\.week\.saturday: the name: unexpected value; permitted: 'mon', 'tue'",
    ),
    "a number as login": (
        "people: {}",
        "people: {7: {skills: [], languages: [zh]}}",
        r"people\.7: the name: Expected `str`, got `int`: write a text, in quotes",
    ),
    "unknown clock in pauses": (
        "resolution_minutes: 240, pauses: [resolution]",
        "resolution_minutes: 240, pauses: [resolutoin]",
        r"levels\.urgent\.pauses\.0: unexpected value; permitted: 'first_response', 'next_response', 'resolution'",
    ),
    "unknown skill of everyone": (
        "everyone: {skills: [security, disputes]",
        "everyone: {skills: [security, disputs]",
        r"everyone\.skills\.1: there is no skill `disputs`: did you mean `disputes`\?",
    ),
    "person with an unknown skill": (
        "people: {}",
        "people: {ming: {skills: [cooking], languages: [zh]}}",
        r"people\.ming\.skills\.0: there is no skill `cooking`: correct the name, or add it to `skills`",
    ),
    "person with an unknown language": (
        "people: {}",
        "people: {ming: {skills: [], languages: [chinese]}}",
        r"people\.ming\.languages\.0: there is no language `chinese`",
    ),
    "person without capacity": (
        "people: {}",
        "people: {ming: {skills: [], languages: [zh], capacity: 0}}",
        r"people\.ming\.capacity: must be greater than 0",
    ),
    "outcome with an unknown reason": (
        "en: Account protected, reasons: [security]",
        "en: Account protected, reasons: [secure]",
        r"outcomes\.account_protected\.reasons\.0: there is no reason `secure`: did you mean `security`\?",
    ),
    "lines out of order": (
        "said_after_minutes: [3, 10, 30]",
        "said_after_minutes: [3, 30, 10]",
        r"waiting\.said_after_minutes\.2: 10 comes after 30: write the minutes in ascending order",
    ),
    "endless routing time": (
        "silent_after_minutes: 10",
        "silent_after_minutes: .inf",
        r"routing\.silent_after_minutes: must be a number of at most one year",
    ),
}


#: Faults whose message names another line than the replaced one: that of the section, or of the second of two entries.
ELSEWHERE = {
    BROKEN["no default queue"][2]: "queues:\n",
    BROKEN["two default queues"][2]: "  general: {zh",
}


@pytest.mark.parametrize(("old", "new", "problem"), BROKEN.values(), ids=BROKEN)
def test_a_fault_is_named_with_its_line_and_the_fix(
    content: DeskContent, tmp_path: Path, old: str, new: str, problem: str
) -> None:
    """An editor's slip would be published, and cases would wait in a queue that nobody serves."""
    with pytest.raises(ContentError) as raised:
        checked(content, tmp_path, old, new)
    line = line_with(ELSEWHERE.get(problem, old))
    assert re.search(rf"desk\.yml:{line}: {problem}", str(raised.value)), raised.value


def test_a_missing_level_is_named(content: DeskContent, tmp_path: Path) -> None:
    """Cases of a priority without a level would have no clock, and nobody would notice that they wait."""
    text = (DATA / "desk.yml").read_text(encoding="utf-8")
    (level,) = re.findall(r"  high: \{first.*\n", text)
    with pytest.raises(ContentError, match=r"desk\.yml:\d+: levels: there is no level for the priority `high`: add it"):
        checked(content, tmp_path, level, "")


def test_hours_in_which_nobody_works_are_named(content: DeskContent, tmp_path: Path) -> None:
    """Deadlines of a queue would never come, and its customers would wait for ever."""
    text = (DATA / "desk.yml").read_text(encoding="utf-8")
    (week,) = re.findall(r"week: \{.*08:00.*\}", text)
    for closed in ("week: {}", "week: {mon: []}"):
        with pytest.raises(ContentError, match=r"desk\.yml:\d+: hours\.service\.week: nobody works on any day"):
            checked(content, tmp_path, week, closed)


def test_hours_of_holidays_need_a_calendar(content: DeskContent, tmp_path: Path) -> None:
    """An editor would believe that holidays count, and no day would be one."""
    with pytest.raises(ContentError, match=r"hours\.service\.holidays: without a calendar no day has these intervals"):
        checked(content, tmp_path, "    calendar: china\n", "")


def test_a_queue_that_nobody_can_serve_is_named(content: DeskContent, tmp_path: Path) -> None:
    """Cases of the queue would be offered to nobody."""
    with pytest.raises(ContentError, match=r"queues\.disputes: neither `everyone` nor anybody .*needs \(disputes\)"):
        checked(content, tmp_path, "everyone: {skills: [security, disputes]", "everyone: {skills: [security]")
    one = "people: {ming: {skills: [disputes], languages: [zh]}}"
    only_ming = (DATA / "desk.yml").read_text(encoding="utf-8").replace("skills: [security, disputes]", "skills: [security]")
    (tmp_path / "desk.yml").write_text(only_ming.replace("people: {}", one), encoding="utf-8")
    desk = shaped(DeskFile, tmp_path / "desk.yml", load_mapping(tmp_path / "desk.yml", DeskFile))
    check_staffing(msgspec.structs.replace(content, desk=desk), tmp_path)


def test_a_reason_without_an_outcome_is_named(content: DeskContent, tmp_path: Path) -> None:
    """Agents could not resolve an urgent case, because it needs an outcome."""
    text = (DATA / "desk.yml").read_text(encoding="utf-8")
    start, end = text.index("outcomes:\n"), text.index("waiting:\n")
    narrowed = "outcomes:\n  stopped: {zh: 已止付, en: Stopped, reasons: [security]}\n\n"
    with pytest.raises(ContentError, match=r"outcomes: no outcome fits .*dispute.*: add one without `reasons`"):
        checked(content, tmp_path, text[start:end], narrowed)


SOUND = [
    (SERVICE_SATURDAY, 'sat: ["09:00-12:00", "12:00-18:00"]'),
    (SERVICE_SATURDAY, 'sat: ["13:00-18:00", "09:00-12:00"]'),
    (SERVICE_SATURDAY, "sat: []"),
    (SERVICE_SATURDAY, 'sat: ["00:00-24:00"]'),
    ("zone: Asia/Shanghai", "zone: America/New_York"),
    ("zone: Asia/Shanghai", "zone: UTC"),
    ("people: {}", "people: {ming: {skills: [], languages: []}}"),
    ("people: {}", "people: {ming: {skills: [security], languages: [zh, zh-Hant, en, ja], capacity: 3}}"),
    ("said_after_minutes: [3, 10, 30]", "said_after_minutes: []"),
]


@pytest.mark.parametrize(("old", "new"), SOUND)
def test_what_is_sound_passes(content: DeskContent, tmp_path: Path, old: str, new: str) -> None:
    """The check would refuse what an editor may write."""
    checked(content, tmp_path, old, new)


def test_publishing_makes_the_check(tmp_path: Path) -> None:
    """The check would exist, and nobody would call it."""
    data = Path(shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("nlu", "calibration")))
    text = (data / "desk.yml").read_text(encoding="utf-8")
    (data / "desk.yml").write_text(text.replace("calendar: china", "calendar: mars"), encoding="utf-8")
    with pytest.raises(ContentError, match="there is no calendar `mars`"):
        compile_content(data)
