"""What the agents' routes and streams work with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Protocol

from fastapi import Depends, Request

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy
from handoff.accounts.sign_in import SignIn
from handoff.cases.incidents.board import IncidentBoard
from handoff.queue.agent_desk import AgentDesk
from handoff.queue.agent_queue import AgentQueue
from handoff.queue.articles.article_search import ArticleSearch
from handoff.queue.articles.suggestions import Suggestions
from handoff.queue.board import QueueBoard
from handoff.queue.case_work import CaseWork
from handoff.queue.handoffs import Handoffs
from handoff.queue.letting_go import LettingGo
from handoff.queue.presence_desk import PresenceDesk
from handoff.queue.search.conversation_search import ConversationSearch
from handoff.runtime.limits.limits import Limits
from handoff.runtime.metrics import Metrics
from handoff.runtime.transaction import Store
from handoff.runtime.wakeups import Wakeups


class QueueServices(Protocol):
    """Everything that the agents' routes and streams may use."""

    @property
    def store(self) -> Store:
        """Opens transactions."""

    @property
    def wakeups(self) -> Wakeups:
        """Wake-ups of this process."""

    @property
    def metrics(self) -> Metrics:
        """Figures of this process."""

    @property
    def policy(self) -> DeskPolicy:
        """How the desk behaves and what it says."""

    @property
    def sign_in(self) -> SignIn:
        """The agents' sessions."""

    @property
    def agent_desk(self) -> AgentDesk:
        """The agents' use cases."""

    @property
    def incident_board(self) -> IncidentBoard:
        """What is announced now."""

    @property
    def presence(self) -> PresenceDesk:
        """The presence of agents."""

    @property
    def agent_queue(self) -> AgentQueue:
        """The queue as an agent sees it."""

    @property
    def case_work(self) -> CaseWork:
        """Marks, links, and who looks."""

    @property
    def letting_go(self) -> LettingGo:
        """Transfers, returns, resolutions."""

    @property
    def handoffs(self) -> Handoffs:
        """Handing over."""

    @property
    def board(self) -> QueueBoard:
        """The queue as this desk shows it."""

    @property
    def limits(self) -> Limits:
        """Rate limits."""

    @property
    def search(self) -> ConversationSearch:
        """Search over all conversations."""

    @property
    def articles(self) -> ArticleSearch:
        """Articles by meaning and by words."""

    @property
    def suggestions(self) -> Suggestions:
        """Articles and canned replies for a customer's last message."""

    @property
    def content(self) -> Callable[[], DeskContent]:
        """The content that is published now: canned replies, and names of intents and reasons."""

    @property
    def now(self) -> Callable[[], dt.datetime]:
        """The clock: aware times in UTC."""


async def _services(request: Request) -> QueueServices:
    # Asynchronous, because FastAPI runs other dependencies in a thread, at a millisecond each.
    services: QueueServices = request.app.state.services
    return services


DeskServices = Annotated[QueueServices, Depends(_services)]
