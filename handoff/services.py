"""What the routes work with, put together by the bootstrap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy
from handoff.accounts.identity.demo_signer import DemoSigner
from handoff.accounts.identity.proof import Proofs
from handoff.accounts.sign_in import SignIn
from handoff.cases.attachments.desk import AttachmentDesk
from handoff.cases.case_services import Cases
from handoff.cases.first_aid.agents import AgentFirstAid
from handoff.cases.first_aid.ordering import Ordering
from handoff.cases.incidents.board import IncidentBoard
from handoff.cases.incidents.desk import IncidentDesk
from handoff.cases.wallet import Wallet
from handoff.conversations.customers import Customers
from handoff.conversations.history import Histories
from handoff.figures.live import LiveBoard
from handoff.figures.reports import Reports
from handoff.help.centre import HelpCentre
from handoff.proof_pack.desk import ProofDesk
from handoff.queue.agent_desk import AgentDesk
from handoff.queue.agent_queue import AgentQueue
from handoff.queue.articles.article_search import ArticleSearch
from handoff.queue.articles.suggestions import Suggestions
from handoff.queue.board import QueueBoard
from handoff.queue.callbacks.desk import CallbackDesk
from handoff.queue.case_work import CaseWork
from handoff.queue.handoffs import Handoffs
from handoff.queue.letting_go import LettingGo
from handoff.queue.presence_desk import PresenceDesk
from handoff.queue.search.conversation_search import ConversationSearch
from handoff.runtime.limits.limits import Limits
from handoff.runtime.metrics import Metrics
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import Wakeups
from handoff.turns.bot_pool import BotPool
from handoff.turns.worker import TurnWorker
from handoff.workshop.editing import Editing
from handoff.workshop.inbox.desk import InboxDesk
from handoff.workshop.inbox.importing import LogImport
from handoff.workshop.inbox.worker import InboxWorker
from handoff.workshop.jobs.desk import JobDesk
from handoff.workshop.log.openings import CaseOpenings
from handoff.workshop.publications.desk import PublicationDesk
from handoff.workshop.reviews.missed import MissedTurns
from handoff.workshop.reviews.reviews import Reviews
from handoff.workshop.waves.proposals import WaveProposals


@dataclass(frozen=True)
class Services:
    """Everything that a route may need."""

    store: Store
    wakeups: Wakeups
    policy: DeskPolicy
    handoffs: Handoffs
    customers: Customers
    attachments: AttachmentDesk
    incidents: IncidentDesk
    incident_board: IncidentBoard
    histories: Histories
    cases: Cases
    callbacks: CallbackDesk
    agent_desk: AgentDesk
    presence: PresenceDesk
    agent_queue: AgentQueue
    case_work: CaseWork
    letting_go: LettingGo
    board: QueueBoard
    search: ConversationSearch
    articles: ArticleSearch
    suggestions: Suggestions
    sign_in: SignIn
    proofs: Proofs
    demo_signer: DemoSigner | None
    limits: Limits
    help_centre: HelpCentre
    bots: BotPool
    turns: TurnWorker
    #: The wallet's own systems; not connected where WALLET_URL is unset.
    wallet: Wallet
    service_token: str
    #: The published content, from which the policy reads too.
    content: Callable[[], DeskContent]
    now: Callable[[], dt.datetime]
    reports: Reports
    live_board: LiveBoard
    jobs: JobDesk
    proofs_of_cases: ProofDesk
    publications: PublicationDesk
    case_openings: CaseOpenings
    inbox: InboxDesk
    inbox_worker: InboxWorker
    log_import: LogImport
    editing: Editing
    reviews: Reviews
    missed_turns: MissedTurns
    wave_proposals: WaveProposals
    first_aid_orders: Ordering
    agent_first_aid: AgentFirstAid
    metrics: Metrics = field(default_factory=Metrics)
