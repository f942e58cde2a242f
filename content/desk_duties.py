"""What `data/desk.yml` says about cases: which reasons open one, which duties count, and how due dates are explained."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Dict, Iterable, Mapping, Sequence, Tuple

import msgspec

from content.duties import Duty
from content.sources import ContentError, FieldError, Strict, line_of, load_yaml
from content.staffing import Name
from content.templates import fill_checked
from contract.locales import FILE_LOCALES

#: The texts of an explanation, and what each is filled with, with values to try them with.
EXPLANATIONS: Mapping[str, Mapping[str, Any]] = {
    "rule": {"duty": "", "clock": "", "length": ""},
    "rule_before": {"duty": "", "clock": "", "length": ""},
    "from_claim": {"start": "", "zone": ""},
    "from_decision": {"start": "", "zone": ""},
    "from_take_back": {"start": "", "zone": ""},
    "from_merged": {"start": "", "zone": "", "case": ""},
    "day_zero": {},
    "skipped": {"days": ""},
    "worked": {"days": ""},
    "paused": {"days": ""},
    "is_paused": {"since": ""},
    "latest": {"length": ""},
    "extended": {"extension": "", "by": ""},
    "lifted": {"fact": ""},
    "not_begun": {},
    "unknown_years": {"years": ""},
    "due": {"due": ""},
    "weekend": {},
    "promised": {"words": "", "start": "", "due": "", "zone": ""},
    "minutes": {"count": 1},
    "hours": {"count": 1},
    "calendar_days": {"count": 1},
    "business_days": {"count": 1},
    "end_of_next_business_day": {"count": 1},
    "day": {"year": 2026, "month": 1, "day": 1, "date": ""},
    "days": {"first": "", "last": ""},
    "named_days": {"days": "", "name": ""},
    "join": {},
}


class Duties(Strict, frozen=True):
    """`duties` of `data/desk.yml`.

    `reasons`: handoffs with these reasons open a case. `active`: the ids of the duties that count. A clock is `near` when less
    than `near_share` of its time is left. `reopen_days`: a customer who comes back with a closed matter within this time opens
    the same case again. `remind_before_minutes`: a follow-up comes to the agents so long before it is due. `decisions`: how a
    case can be decided. `complaint_words`: who is named in a sentence with one of these is complained of. `explanations`: the
    sentences that explain a due date, by language. `texts`: what the desk says, by language.
    """

    reasons: Tuple[str, ...] = ()
    active: Tuple[str, ...] = ()
    near_share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.2
    reopen_days: Annotated[int, msgspec.Meta(ge=0, le=400)] = 30
    remind_before_minutes: Annotated[int, msgspec.Meta(ge=0, le=10080)] = 120
    decisions: Dict[str, Name] = {}
    complaint_words: Tuple[str, ...] = ()
    explanations: Dict[str, Dict[str, str]] = {}
    texts: Dict[str, Dict[str, str]] = {}

    def __post_init__(self) -> None:
        if self.reasons and not self.decisions:
            raise FieldError("decisions", "name at least one decision with which a case can end")


#: The desk's texts about cases, and what each is filled with.
TEXTS: Mapping[str, Mapping[str, Any]] = {"follow_up": {"case": ""}}


def check_duties(
    section: Duties, duties: Mapping[str, Duty], reasons: Iterable[str], facts: Mapping[str, Any], path: Path
) -> None:
    """Check `duties` of the desk's file with the duties and the triage policy. Raises ContentError with line and fix."""
    if section == Duties():
        return
    document = load_yaml(path)

    def known(field: str, names: Sequence[str], those: Iterable[str], kind: str, home: str) -> None:
        for number, name in enumerate(names):
            if name not in those:
                close = next(iter(difflib.get_close_matches(name, list(those), n=1)), None)
                fix = f"did you mean `{close}`? Correct the name, " if close else "correct the name, "
                line = line_of(document, ["duties", field, number])
                raise ContentError(path, line, f"duties.{field}.{number}: there is no {kind} `{name}`: {fix}{home}")

    known("reasons", section.reasons, reasons, "reason", "or add the reason to triage.yml")
    known("active", section.active, duties, "duty", "or add it to a file in data/duties/")
    for name in section.active:
        for reason in duties[name].reasons:
            if reason not in section.reasons:
                problem = f"duties.active: duty `{name}` is for `{reason}`, which opens no case: add it to `duties.reasons`"
                raise ContentError(path, line_of(document, ["duties", "active"]), problem)
    for field, needed in (("explanations", EXPLANATIONS), ("texts", TEXTS)):
        for locale in FILE_LOCALES:
            texts = getattr(section, field).get(locale, {})
            for name, values in needed.items():
                place = ["duties", field, locale, name]
                if name not in texts:
                    line = line_of(document, ["duties", field, locale])
                    raise ContentError(path, line, f"{'.'.join(place)} is missing")
                try:
                    fill_checked(texts[name], {**facts[locale], **values}, path, place=".".join(place))
                except ContentError as error:
                    raise ContentError(path, line_of(document, place), error.problem) from error
