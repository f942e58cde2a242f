"""Compile `data/` into one bundle: read every file, check each and all together."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import List

from content.articles import article_files, load_articles
from content.bundle import Bundle, Content, DeskContent, decode_part
from content.calendars import calendar_files, load_calendars
from content.canned_replies import FILE as CANNED_REPLIES
from content.canned_replies import load_canned_replies
from content.desk_duties import check_duties
from content.desk_file import FILE as DESK
from content.desk_file import LANGUAGES, DeskFile, LanguagesFile
from content.desk_policy import DeskPolicy, check_desk_content
from content.duties import duty_files, load_duties
from content.facts import FILE as FACTS
from content.facts import load_facts
from content.first_aid import FILE as FIRST_AID
from content.first_aid import load_first_aid
from content.help_centre import FILE as HELP_CENTRE
from content.help_centre import load_help_centre
from content.intake import FILE as INTAKE
from content.intake import load_intake
from content.lookups import FILE as LOOKUPS
from content.lookups import load_lookups
from content.promises import FILE as PROMISES
from content.promises import check_promises, load_promises
from content.replies import FILE as REPLIES
from content.replies import load_replies
from content.short_replies import FILE as SHORT_REPLIES
from content.sources import load_mapping, shaped
from content.staffing_check import check_staffing
from content.traditional_words import load_traditional_words
from content.triage_policy import FILE as TRIAGE
from content.triage_policy import load_policy
from language.traditional import FILE as TRADITIONAL_WORDS

#: The files of a content folder, relative to it; `articles/*.md`, `calendars/*.yml` and `duties/*.yml` belong to it too.
FILES = (
    TRIAGE,
    SHORT_REPLIES,
    FACTS,
    REPLIES,
    TRADITIONAL_WORDS,
    DESK,
    LANGUAGES,
    CANNED_REPLIES,
    FIRST_AID,
    HELP_CENTRE,
    INTAKE,
    PROMISES,
    LOOKUPS,
)
#: The YAML files whose texts customers may read; what they promise is looked at.
_SPOKEN = (DESK, REPLIES, LANGUAGES, FIRST_AID, HELP_CENTRE, INTAKE, LOOKUPS)


def content_files(folder: Path) -> List[Path]:
    """All files that make up the content in a folder, sorted."""
    folders = (article_files(folder / "articles"), calendar_files(folder), duty_files(folder))
    return sorted([*(folder / name for name in FILES), *(path for files in folders for path in files)])


def compile_content(folder: Path, *, is_past: bool = False) -> Bundle:
    """The bundle of a content folder such as `data/`.

    Raises ContentError with file, line and fix for the first fault, also between files: an answer without an article, an
    article without an intent, an article without a door that the policy asks for, a reason without words in `desk.yml`, a queue
    with a skill that does not exist.

    `is_past`: the folder was published before. It is not held to rules that later versions of the program brought. What an
    older version published must be readable, to compare with it and to roll back to it.
    """
    triage = folder / TRIAGE
    policy = load_policy(triage)
    facts = load_facts(folder / FACTS)
    articles = load_articles(folder / "articles", facts, policy, triage)
    replies = load_replies(folder / REPLIES, facts, policy)
    traditional = load_traditional_words(folder / TRADITIONAL_WORDS)
    desk = shaped(DeskFile, folder / DESK, load_mapping(folder / DESK, DeskFile))
    languages = shaped(LanguagesFile, folder / LANGUAGES, load_mapping(folder / LANGUAGES, LanguagesFile)).languages
    canned_replies = load_canned_replies(folder / CANNED_REPLIES, facts, policy)
    calendars = load_calendars(folder)
    duties = load_duties(folder, calendars)
    promises = load_promises(folder / PROMISES, calendars)
    if not is_past:
        check_promises(promises, folder, _SPOKEN, facts, articles, canned_replies)
    digest = hashlib.sha256()
    for path in content_files(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    bundle = Bundle(
        revision=digest.hexdigest()[:12],
        policy=policy,
        articles=articles.all,
        replies=replies,
        traditional=traditional,
        facts=facts,
        desk=desk,
        languages=languages,
        calendars=calendars,
        duties=duties,
        promises=promises,
        canned_replies=canned_replies,
        first_aid=load_first_aid(folder / FIRST_AID, facts, policy),
        lookups=load_lookups(folder / LOOKUPS, facts, policy),
        intake=load_intake(folder / INTAKE, facts, policy),
        help_centre=load_help_centre(folder / HELP_CENTRE, facts, articles.ids()),
    )
    desk_content = decode_part(DeskContent, bundle.encoded(), folder)
    check_desk_content(desk_content, folder)
    check_staffing(desk_content, folder)
    check_duties(desk.duties, duties, policy.reasons, facts, folder / DESK)
    return bundle


def load_content(folder: Path) -> Content:
    """The bot's part of a content folder, as it would be published. Raises ContentError."""
    return decode_part(Content, compile_content(folder).encoded(), folder)


def load_desk_content(folder: Path) -> DeskContent:
    """The desk's part of a content folder, as it would be published. Raises ContentError."""
    return decode_part(DeskContent, compile_content(folder).encoded(), folder)


def load_desk_policy(folder: Path) -> DeskPolicy:
    """The desk policy of a content folder, as it would be published. Raises ContentError."""
    content = load_desk_content(folder)
    return DeskPolicy(lambda: content)
