"""The policy (`triage.yml`, the figures of `desk.yml`, the calendars) as forms: one field, one value, one explanation.

A field's path is `<file>:<keys with dots>` (`policy_values`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from content.calendars import FOLDER as CALENDARS
from content.desk_file import FILE as DESK
from content.editing.policy_words import CLOCKS, DAYS, FIELDS, PRIORITIES, ROUTES, SECTIONS, UNITS, Words
from content.triage_policy import FILE as TRIAGE
from contract.priorities import LANES

Field = Dict[str, Any]
Choice = Dict[str, str]
_ROLES: Mapping[str, Tuple[str, str]] = {
    "agent": ("客服", "Agent"),
    "supervisor": ("主管", "Supervisor"),
    "editor": ("编辑", "Editor"),
}
_GUARDS: Mapping[str, Tuple[str, str]] = {
    "negation": ("否定", "Negation"),
    "hypothesis": ("假设和担心", "Hypothesis"),
    "report": ("转述别人的事", "Report"),
    "within": ("匹配内部的否定", "Negation within a match"),
    "settled": ("早已解决", "Settled long ago"),
    "advice": ("打听和常识", "Asking for advice"),
}
_DESK_SECTIONS = {
    "routing": ("routing",),
    "waiting": ("waiting",),
    "desk": ("queue", "turns", "agents", "idle"),
    "workshop": ("reviews", "publish", "waves"),
}


def sections(
    triage: Mapping[str, Any], desk: Mapping[str, Any], calendars: Mapping[str, Mapping[str, Any]]
) -> List[Dict[str, Any]]:
    """All sections with their fields, from the files as plain data."""
    intents = _choices(triage["intents"])
    reasons = _choices(triage["reasons"])
    fields: Dict[str, List[Field]] = {
        "intents": list(_intents(triage)),
        "reasons": list(_reasons(triage)),
        "promises": [*_promises(triage), _field(TRIAGE, "risk_reasons", "choices", triage["risk_reasons"], choices=reasons)],
        "amounts": list(_amounts(triage, intents)),
        "floor": list(_floor(triage)),
        "queues": list(_queues(desk, reasons)),
        "hours": list(_hours(desk, calendars)),
        "calendars": [field for name, each in calendars.items() for field in _calendar(name, each)],
        "levels": list(_levels(desk)),
        **{section: list(_figures(desk, keys)) for section, keys in _DESK_SECTIONS.items()},
    }
    return [
        {"id": id_, "zh": words[0], "en": words[1], "fields": fields[id_]} for id_, words in SECTIONS.items() if fields[id_]
    ]


def _field(file: str, path: str, kind: str, value: Any, *, words: Optional[Words] = None, **more: Any) -> Field:
    zh, en, explain_zh, explain_en = words or FIELDS.get(path, (path, path, "", ""))
    last = path.rpartition(".")[2]
    unit = next((names for end, names in UNITS.items() if last.endswith(end)), None)
    found = {
        "path": f"{file}:{path}",
        "kind": kind,
        "zh": zh,
        "en": en,
        "explain_zh": explain_zh,
        "explain_en": explain_en,
        "value": value,
    }
    if unit:
        found["unit"] = {"zh": unit[0], "en": unit[1]}
    return {**found, **more}


def _choices(named: Mapping[str, Any]) -> List[Choice]:
    return [{"value": name, "zh": str(each.get("zh", name)), "en": str(each.get("en", name))} for name, each in named.items()]


def _pairs(words: Mapping[str, Tuple[str, str]]) -> List[Choice]:
    return [{"value": name, "zh": zh, "en": en} for name, (zh, en) in words.items()]


def destination_of(intent: Mapping[str, Any]) -> str:
    """Where an intent leads, as one value: `answer:<article>`, `escalate:<reason>`, or its route."""
    route = str(intent.get("route"))
    return (
        f"{route}:{intent.get({'answer': 'article', 'escalate': 'reason'}[route])}"
        if route in ("answer", "escalate")
        else route
    )


def _intents(triage: Mapping[str, Any]) -> Iterator[Field]:
    for name, intent in triage["intents"].items():
        zh, en = str(intent.get("zh", name)), str(intent.get("en", name))
        articles = dict.fromkeys([str(intent.get("article") or name), name])
        destinations: List[Choice] = [
            {"value": f"answer:{id_}", "zh": f"用文章 {id_} 回答", "en": f"Answer with {id_}"} for id_ in articles
        ]
        destinations += [
            {"value": f"escalate:{each['value']}", "zh": f"转人工：{each['zh']}", "en": f"To a person: {each['en']}"}
            for each in _choices(triage["reasons"])
        ]
        path = f"intents.{name}"
        explain = (
            "回答文章、转人工，还是别的。改了要重新训练。",
            "An article, a person, or something else. A change trains a new model.",
        )
        yield _field(
            TRIAGE, f"{path}.destination", "choice", destination_of(intent),
            words=(f"{zh}：去向", f"{en}: destination", *explain), choices=destinations + _pairs(ROUTES),
        )  # fmt: skip
        names = "按钮和控制台里的名字。", "The name on buttons and in the console."
        yield _field(TRIAGE, f"{path}.zh", "text", zh, words=(f"{zh}：中文名", f"{en}: Chinese name", *names))
        yield _field(TRIAGE, f"{path}.en", "text", en, words=(f"{zh}：英文名", f"{en}: English name", *names))
        if intent.get("route") == "answer":
            offer = "回答下面是否总有“找人工”按钮。", "Whether the answer always has a button for a person."
            words = (f"{zh}：附人工按钮", f"{en}: offer a person", *offer)
            yield _field(TRIAGE, f"{path}.offer_person", "bool", bool(intent.get("offer_person", False)), words=words)
        if intent.get("route") == "escalate":
            lane = "钱还追得回来的，排在所有人前面。", "Money can still be stopped: before all others in the queue."
            lanes = [{"value": "", "zh": "普通排队", "en": "No lane"}]
            lanes += [{"value": each, "zh": "钱正在转出", "en": "Money is moving"} for each in LANES]
            words = (f"{zh}：通道", f"{en}: lane", *lane)
            yield _field(TRIAGE, f"{path}.lane", "choice", str(intent.get("lane") or ""), words=words, choices=lanes)


def _reasons(triage: Mapping[str, Any]) -> Iterator[Field]:
    for name, reason in triage["reasons"].items():
        zh, en = str(reason.get("zh", name)), str(reason.get("en", name))
        urgent = "两个原因并存时，更急的算数。", "Of two reasons the more urgent one counts."
        words = (f"{zh}：优先级", f"{en}: priority", *urgent)
        yield _field(
            TRIAGE, f"reasons.{name}.priority", "choice", reason.get("priority"), words=words, choices=_pairs(PRIORITIES)
        )
        stays = (
            "客户没再说话、会话结束后，案件是否还开着。",
            "Whether the case stays open when the conversation closes because nobody wrote.",
        )
        words = (f"{zh}：案件保留", f"{en}: stays open", *stays)
        yield _field(TRIAGE, f"reasons.{name}.stays_open", "bool", bool(reason.get("stays_open", False)), words=words)
        names = "控制台里的名字。", "The name in the console."
        yield _field(TRIAGE, f"reasons.{name}.zh", "text", zh, words=(f"{zh}：中文名", f"{en}: Chinese name", *names))
        yield _field(TRIAGE, f"reasons.{name}.en", "text", en, words=(f"{zh}：英文名", f"{en}: English name", *names))


def _promises(triage: Mapping[str, Any]) -> Iterator[Field]:
    for name, rate in triage["promises"].get("missed_emergency", {}).items():
        reason = triage["reasons"].get(name, {})
        zh, en = str(reason.get("zh", name)), str(reason.get("en", name))
        words = (
            f"漏掉“{zh}”的比例",
            f"Missed: {en}",
            "这类紧急情况里，模型最多可以放过这个比例。数字越小，转人工越多。改了要重新训练。",
            "At most this share of these emergencies may pass the model. A change trains a new one.",
        )
        yield _field(TRIAGE, f"promises.missed_emergency.{name}", "rate", rate, words=words)
    for name in ("wrong_answer", "wrong_tentative_answer", "refused_in_scope", "certainty"):
        if name in triage["promises"]:
            yield _field(TRIAGE, f"promises.{name}", "rate", triage["promises"][name])
    if "near_risk" in triage:
        yield _field(TRIAGE, "near_risk", "rate", triage["near_risk"])


def _amounts(triage: Mapping[str, Any], intents: List[Choice]) -> Iterator[Field]:
    large = triage["large_transaction"]
    for name, kind in (("threshold_cny", "number"), ("without_rate", "number"), ("rates_date", "date")):
        if name in large:
            value = large[name].isoformat() if isinstance(large[name], dt.date) else large[name]
            yield _field(TRIAGE, f"large_transaction.{name}", kind, value, min=0)
    for name in ("information_only", "topics"):
        yield _field(TRIAGE, f"large_transaction.{name}", "choices", large[name], choices=intents)
    for currency, rate in large["rates"].items():
        words = (f"汇率 {currency}", f"Rate of {currency}", f"1 {currency} 等于多少元。", f"CNY for one {currency}.")
        yield _field(TRIAGE, f"large_transaction.rates.{currency}", "number", rate, words=words, min=0)


def _floor(triage: Mapping[str, Any]) -> Iterator[Field]:
    floor = triage["floor"]
    explain = (
        "正则表达式，匹配到就转人工，不看模型。改前请先加一条安全用例。",
        "Regular expressions: a match goes to a person, whatever the model says. Add a safety case first.",
    )
    yield _field(
        TRIAGE,
        "floor.human.patterns",
        "patterns",
        floor["human"]["patterns"],
        words=("客户要找人工", "The customer asks for a person", *explain),
    )
    for name, zh, en in (("not_before", "前面有这些就不算", "Not after"), ("not_after", "后面有这些就不算", "Not before")):
        yield _field(
            TRIAGE,
            f"floor.human.{name}",
            "pattern",
            floor["human"][name],
            words=(f"要找人工：{zh}", f"A person: {en}", *explain),
        )
    for incident in floor["incidents"]:
        intent = triage["intents"].get(incident["intent"], {})
        zh, en = str(intent.get("zh", incident["intent"])), str(intent.get("en", incident["intent"]))
        path = f"floor.incidents.{incident['intent']}"
        yield _field(TRIAGE, f"{path}.patterns", "patterns", incident["patterns"], words=(zh, en, *explain))
        if "unless" in incident:
            unless = "匹配附近有这些就不算。", "A match does not count near one of these."
            yield _field(
                TRIAGE, f"{path}.unless", "pattern", incident["unless"], words=(f"{zh}：除非", f"{en}: unless", *unless)
            )
    for name, pattern in floor["guards"].items():
        words = _GUARDS.get(name, (name, name))
        guard = "这样的句子提到事故，但没有说自己出了事。", "Such a sentence speaks of an incident without stating one."
        yield _field(
            TRIAGE, f"floor.guards.{name}", "pattern", pattern, words=(f"排除：{words[0]}", f"Guard: {words[1]}", *guard)
        )
    yield _field(TRIAGE, "floor.own_transaction", "pattern", floor["own_transaction"])


def _queues(desk: Mapping[str, Any], reasons: List[Choice]) -> Iterator[Field]:
    skills, hours = _choices(desk["skills"]), [{"value": name, "zh": name, "en": name} for name in desk["hours"]]
    for name, queue in desk["queues"].items():
        zh, en = str(queue.get("zh", name)), str(queue.get("en", name))
        path = f"queues.{name}"
        explained = {
            "reasons": ("哪些原因的会话进这个队列。", "The reasons whose cases wait here."),
            "skills": ("客服要会的，全部都要。", "What an agent must know, all of it."),
            "hours": ("这个队列的工作时间。", "When people work on this queue."),
        }
        yield _field(
            DESK,
            f"{path}.reasons",
            "choices",
            queue.get("reasons", []),
            words=(f"{zh}：原因", f"{en}: reasons", *explained["reasons"]),
            choices=reasons,
        )
        yield _field(
            DESK,
            f"{path}.skills",
            "choices",
            queue.get("skills", []),
            words=(f"{zh}：技能", f"{en}: skills", *explained["skills"]),
            choices=skills,
        )
        yield _field(
            DESK,
            f"{path}.hours",
            "choice",
            queue.get("hours"),
            words=(f"{zh}：时间", f"{en}: hours", *explained["hours"]),
            choices=hours,
        )
        for locale, language in (("zh", "中文名"), ("en", "英文名")):
            words = (f"{zh}：{language}", f"{en}: name ({locale})", "控制台里的名字。", "The name in the console.")
            yield _field(DESK, f"{path}.{locale}", "text", queue.get(locale, ""), words=words)


def _hours(desk: Mapping[str, Any], calendars: Mapping[str, Any]) -> Iterator[Field]:
    explain = "写成 09:00-18:00，最晚到 24:00；没有就是休息。", "As 09:00-18:00, at most until 24:00; nothing is a day off."
    for name, hours in desk["hours"].items():
        for day, (zh, en) in DAYS.items():
            words = (f"{name}：{zh}", f"{name}: {en}", *explain)
            yield _field(DESK, f"hours.{name}.week.{day}", "time", hours["week"].get(day, []), words=words)
        if "holidays" in hours:
            yield _field(
                DESK,
                f"hours.{name}.holidays",
                "time",
                hours["holidays"],
                words=(f"{name}：节假日", f"{name}: holidays", *explain),
            )
        if "calendar" in hours:
            choices = [
                {"value": each, "zh": str(value.get("zh", each)), "en": str(value.get("en", each))}
                for each, value in calendars.items()
            ]
            words = (f"{name}：节假日表", f"{name}: calendar", "按哪张节假日表休息。", "The calendar of its holidays.")
            yield _field(DESK, f"hours.{name}.calendar", "choice", hours["calendar"], words=words, choices=choices)


def _calendar(name: str, calendar: Mapping[str, Any]) -> Iterator[Field]:
    file = f"{CALENDARS}/{name}.yml"
    for year, block in calendar.get("years", {}).items():
        for number, holiday in enumerate(block.get("holidays", [])):
            for key, zh, en in (("first", "第一天", "first day"), ("last", "最后一天", "last day")):
                title = f"{year} {holiday.get('zh', '')}：{zh}", f"{year} {holiday.get('en', '')}: {en}"
                words = (*title, "写成 2026-01-31。", "As 2026-01-31.")
                yield _field(file, f"years.{year}.holidays.{number}.{key}", "date", _day(holiday.get(key)), words=words)
        words = (
            f"{year} 调休上班",
            f"{year}: make-up working days",
            "要上班的周末，写成 2026-01-31。",
            "Weekend days on which people work.",
        )
        yield _field(file, f"years.{year}.workdays", "dates", [_day(each) for each in block.get("workdays", [])], words=words)


def _levels(desk: Mapping[str, Any]) -> Iterator[Field]:
    for name, level in desk["levels"].items():
        zh, en = PRIORITIES.get(name, (name, name))
        for clock, words in CLOCKS.items():
            explain = "按队列的工作时间计算。", "In minutes of the queue's opening hours."
            title = (f"{zh}：{words[0]}", f"{en}: {words[1].lower()}", *explain)
            yield _field(DESK, f"levels.{name}.{clock}_minutes", "number", level[f"{clock}_minutes"], words=title, min=1)
        pauses = "等客户回复时停表的时限。", "The clocks that stand still while the customer owes an answer."
        title = (f"{zh}：停表", f"{en}: pauses", *pauses)
        yield _field(DESK, f"levels.{name}.pauses", "choices", level.get("pauses", []), words=title, choices=_pairs(CLOCKS))


def _figures(desk: Mapping[str, Any], keys: Sequence[str]) -> Iterator[Field]:
    for key in keys:
        for path, value in _leaves(desk.get(key, {}), key):
            if path.endswith("roles"):
                yield _field(DESK, path, "choices", value, choices=_pairs(_ROLES))
            elif isinstance(value, bool):
                yield _field(DESK, path, "bool", value)
            elif isinstance(value, list):
                yield _field(DESK, path, "list", value)
            elif isinstance(value, str):
                yield _field(DESK, path, "text", value)
            else:
                is_share = isinstance(value, float) and 0 < value < 1 and path.split(".")[0] == "reviews"
                yield _field(
                    DESK, path, "rate" if is_share else "integer" if isinstance(value, int) else "number", value, min=0
                )


def _leaves(value: Any, path: str) -> Iterator[Tuple[str, Any]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(each, f"{path}.{name}")
    else:
        yield path, value


def _day(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value or "")
