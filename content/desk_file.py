"""The shapes of the desk's files: `data/desk.yml` (figures and texts) and `data/languages.yml`."""

from __future__ import annotations

from typing import Annotated, Dict, Literal, Tuple

import msgspec

from content.desk_duties import Duties
from content.sources import Strict
from content.staffing import Hours, Level, Name, Outcome, Person, Routing, Waiting, WorkQueue
from contract.priorities import Priority

FILE = "desk.yml"
LANGUAGES = "languages.yml"

_Count = Annotated[int, msgspec.Meta(gt=0)]
_Figure = Annotated[float, msgspec.Meta(gt=0)]
_Words = Annotated[str, msgspec.Meta(min_length=1)]


class Queue(Strict, frozen=True):
    """`queue`: the expected wait, and cases from one network address."""

    minutes_per_conversation: _Figure
    same_address: _Count


class Turns(Strict, frozen=True):
    """`turns`: the bot's deadline, and how many turns one desk process runs at the same time."""

    deadline_seconds: _Figure
    at_once: _Count


class Agents(Strict, frozen=True):
    """`agents`: capacity, presence, session length."""

    capacity: _Count
    online_within_seconds: _Count
    gone_after_seconds: _Count
    session_hours: _Count


class Idle(Strict, frozen=True):
    """`idle`: when a conversation without a word is closed."""

    with_bot_minutes: _Count
    assigned_minutes: _Count


class RequestRate(Strict, frozen=True):
    """So many requests `at_once`, and `per_minute` in the long run."""

    at_once: _Count
    per_minute: _Figure


class AddressLimits(Strict, frozen=True):
    """What one network address may do; `streams` are open at the same time."""

    conversations: RequestRate
    handoffs: RequestRate
    messages: RequestRate
    sign_ins: RequestRate
    streams: _Count
    attachments: RequestRate = RequestRate(at_once=60, per_minute=20)
    identities: RequestRate = RequestRate(at_once=240, per_minute=240)
    wrong_codes: RequestRate = RequestRate(at_once=20, per_minute=6)
    codes_sent: RequestRate = RequestRate(at_once=10, per_minute=1)


class TogetherLimits(Strict, frozen=True):
    """What all addresses together may do."""

    wrong_codes: RequestRate = RequestRate(at_once=300, per_minute=120)
    codes_sent: RequestRate = RequestRate(at_once=60, per_minute=30)


class PhoneLimits(Strict, frozen=True):
    """What one phone number may get, whoever asks."""

    codes_sent: RequestRate = RequestRate(at_once=3, per_minute=0.05)


class ConversationLimits(Strict, frozen=True):
    """What may happen in one conversation."""

    messages: RequestRate
    streams: _Count
    #: Attempts: what is refused counts as well, because looking at it takes time.
    attachments: RequestRate = RequestRate(at_once=15, per_minute=2)


class SignIns(Strict, frozen=True):
    """Wrong passwords: `at_once` are free, each further one doubles the pause."""

    at_once: _Count
    longest_pause_seconds: _Figure


class LoginLimits(Strict, frozen=True):
    """What may happen for one login: wrong passwords from one address, and searches, each over conversations and articles."""

    sign_ins: SignIns
    searches: RequestRate = RequestRate(at_once=60, per_minute=120)


class Limits(Strict, frozen=True, eq=False):
    """`limits`. Two of them are equal only if they are the same object, so that they can be a cache's key."""

    per_address: AddressLimits
    per_conversation: ConversationLimits
    per_login: LoginLimits
    together: TogetherLimits = TogetherLimits()
    per_phone: PhoneLimits = PhoneLimits()


class StillWaiting(Strict, frozen=True):
    """`still_waiting`: the sentences of the lines that say what changed. Of a list the desk takes one after the other."""

    call: _Words
    apology: Annotated[Tuple[_Words, ...], msgspec.Meta(min_length=2)]
    came_online: _Words
    first: _Words
    moved_up: _Words
    moved_back: _Words
    unchanged: Annotated[Tuple[_Words, ...], msgspec.Meta(min_length=3)]
    nobody: Annotated[Tuple[_Words, ...], msgspec.Meta(min_length=3)]
    estimate: _Words
    longer: _Words


class DeskTexts(Strict, frozen=True):
    """`texts` in one language: templates, which the desk fills when it sends them."""

    wait: Dict[str, str]
    opens: Dict[str, str]
    place_first: str
    place: str
    place_urgent: str
    nobody_online: str
    nobody_online_urgent: str
    urgent: str
    still_waiting: StillWaiting
    added: str
    handoff: Dict[str, str]
    lanes: Dict[str, str]
    advice: Dict[str, str]
    raised: str
    confirm_cancel: str
    button_cancel_wait: str
    button_keep_waiting: str
    kept_waiting: str
    cancelled: str
    assigned: str
    returned: str
    requeued: str
    resolved: str
    #: To a customer whose closed matter goes to a person after all. Bundles of older versions do not have it.
    looked_back: str = ""
    #: After a picture, while the bot has the conversation, and while the customer waits for a person.
    picture_with_bot: str = ""
    picture_waiting: str = ""
    #: To those who asked during an incident, if the supervisor who closes it writes nothing else.
    incident_over: str = ""
    #: Call-backs: the text message with the code, and what the chat says. Bundles of older versions do not have them.
    callback_code: str = ""
    callback_booked: str = ""
    callback_cancelled: str = ""


class Reviews(Strict, frozen=True):
    """`reviews`: the daily blind samples of bot-answered turns (docs/workshop.md).

    `bound`: the share of missed emergencies that `days` days of reviews show not to be exceeded, with `certainty`, if nothing
    was missed. At most `per_day_most` turns are drawn. A day counts after `due_days`, reviewed or not. A turn is kept for
    `claim_minutes` for the person who opened it. `roles`: the accounts that review.
    """

    bound: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.005
    certainty: Annotated[float, msgspec.Meta(ge=0.5, lt=1)] = 0.95
    days: Annotated[int, msgspec.Meta(ge=1, le=92)] = 28
    per_day_most: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 60
    due_days: Annotated[int, msgspec.Meta(ge=1, le=28)] = 3
    claim_minutes: _Count = 10
    roles: Tuple[Literal["agent", "supervisor", "editor"], ...] = ("supervisor", "editor")


class Publish(Strict, frozen=True):
    """`publish`: the two rights. What is live says so, not the draft: a draft cannot do away with its own second person."""

    needs_second_person: bool = True


class Waves(Strict, frozen=True):
    """`waves`: groups of alike messages that are shown to supervisors and editors (docs/workshop.md).

    A wave has messages of at least `least` conversations. `false_alarms_per_day`: how many quiet topics may be shown by chance.
    The messages of the last `history_days` say what is usual. A wave is over after `over_after_minutes` without a message.
    """

    least: Annotated[int, msgspec.Meta(ge=3, le=1000)] = 4
    false_alarms_per_day: Annotated[float, msgspec.Meta(gt=0, le=10)] = 0.1
    history_days: Annotated[int, msgspec.Meta(ge=1, le=92)] = 14
    over_after_minutes: Annotated[int, msgspec.Meta(ge=30, le=10080)] = 120


#: The largest picture that data/desk.yml can allow, in MiB: the connection takes no larger body.
MOST_MEGABYTES = 20


class Attachments(Strict, frozen=True):
    """`attachments`: the pictures that customers send. `megapixels`: what one picture may hold when it is decoded."""

    megabytes: Annotated[int, msgspec.Meta(ge=1, le=MOST_MEGABYTES)] = 10
    per_hour: Annotated[int, msgspec.Meta(ge=1, le=100)] = 5
    per_conversation: Annotated[int, msgspec.Meta(ge=1, le=500)] = 50
    megapixels: Annotated[int, msgspec.Meta(ge=1, le=60)] = 40


class DeskFile(Strict, frozen=True):
    """`data/desk.yml`."""

    version: Literal[1]
    queue: Queue
    queues: Dict[str, WorkQueue]
    hours: Dict[str, Hours]
    levels: Dict[Priority, Level]
    skills: Dict[str, Name]
    everyone: Person
    people: Dict[str, Person]
    routing: Routing
    outcomes: Dict[str, Outcome]
    waiting: Waiting
    turns: Turns
    agents: Agents
    idle: Idle
    limits: Limits
    texts: Dict[str, DeskTexts]
    reviews: Reviews = Reviews()
    publish: Publish = Publish()
    waves: Waves = Waves()
    duties: Duties = Duties()
    attachments: Attachments = Attachments()


class Language(Strict, frozen=True):
    """A language that the desk recognises and nobody here writes: its names and two lines for customers."""

    zh: _Words
    en: _Words
    text: _Words
    #: What a victim must do at once. It is told in every case, because the bot misses emergencies in foreign languages.
    stop: _Words


class LanguagesFile(Strict, frozen=True):
    """`data/languages.yml`."""

    version: Literal[1]
    languages: Dict[str, Language]
