"""Puts the desk together: the only module that knows everything."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import structlog
import tomllib
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from content.bundle import DeskContent
from content.desk_policy import DeskPolicy
from content.published import PublishedContent
from content.sources import ContentError
from contract.locales import TRADITIONAL
from handoff import health
from handoff.accounts import routes as account_routes
from handoff.accounts.accounts import Accounts
from handoff.accounts.identity import routes as identity_routes
from handoff.accounts.identity.demo_signer import DemoSigner
from handoff.accounts.identity.key_source import key_source
from handoff.accounts.identity.proof import Proofs
from handoff.accounts.sign_in import SignIn
from handoff.cases import case_routes, promise_routes
from handoff.cases.attachments import routes as attachment_routes
from handoff.cases.attachments.desk import AttachmentDesk
from handoff.cases.attachments.pictures import Pictures
from handoff.cases.care_desk import CareDesk
from handoff.cases.care_watch import CareWatch
from handoff.cases.case_files import CaseFiles
from handoff.cases.case_services import Cases
from handoff.cases.first_aid import routes as first_aid_routes
from handoff.cases.first_aid.agents import AgentFirstAid
from handoff.cases.first_aid.care_subject import FirstAidCare
from handoff.cases.first_aid.ordering import Ordering
from handoff.cases.first_aid.settling import Settling
from handoff.cases.incidents import routes as incident_routes
from handoff.cases.incidents.board import IncidentBoard
from handoff.cases.incidents.closing import ClosingMessages
from handoff.cases.incidents.desk import IncidentDesk
from handoff.cases.intake.choosing import Transactions
from handoff.cases.intake.intake_desk import IntakeDesk
from handoff.cases.intake.watch import IntakeWatch
from handoff.cases.owed import OwedBoard
from handoff.cases.promise_keeper import PromiseKeeper
from handoff.cases.wallet import Wallet, open_wallet_session
from handoff.channels.web import WEB
from handoff.conversations import history_routes
from handoff.conversations.customers import Customers
from handoff.conversations.history import Histories
from handoff.conversations.sweep import Sweep
from handoff.figures import routes as figure_routes
from handoff.figures.live import LiveBoard
from handoff.figures.reports import Reports
from handoff.help import routes as help_routes
from handoff.help.centre import HelpCentre
from handoff.proof_pack import routes as proof_routes
from handoff.proof_pack.desk import ProofDesk
from handoff.queue import bot_routes, presence_routes, service_routes
from handoff.queue import routes as queue_routes
from handoff.queue.agent_desk import AgentDesk
from handoff.queue.agent_queue import AgentQueue
from handoff.queue.articles import routes as article_routes
from handoff.queue.articles.article_search import ArticleSearch
from handoff.queue.articles.suggestions import Suggestions
from handoff.queue.board import QueueBoard
from handoff.queue.callbacks import routes as callback_routes
from handoff.queue.callbacks.desk import CallbackDesk, CallbackSubject
from handoff.queue.callbacks.text_messages import TextMessages
from handoff.queue.case_work import CaseWork
from handoff.queue.handoffs import Handoffs
from handoff.queue.letting_go import LettingGo
from handoff.queue.presence_desk import PresenceDesk
from handoff.queue.promises import Promises
from handoff.queue.release import Release
from handoff.queue.router import Router
from handoff.queue.search import routes as search_routes
from handoff.queue.search.conversation_search import ConversationSearch
from handoff.queue.search.indexer import SearchIndexer
from handoff.queue.staffing_watch import StaffingWatch
from handoff.queue.watchdog import Watchdog
from handoff.runtime.app import make_app
from handoff.runtime.database import keep_embedded_server_running, make_pool, migrate_when_reachable, start_embedded_server
from handoff.runtime.hosts import AllowedHosts
from handoff.runtime.limits.limits import Limits
from handoff.runtime.limits.store import PostgresLimits
from handoff.runtime.logs import log_loop_faults
from handoff.runtime.metrics import Metrics
from handoff.runtime.notifications import Notifications
from handoff.runtime.page_build import build_pages
from handoff.runtime.page_routes import Pages
from handoff.runtime.schema import SchemaError
from handoff.runtime.settings import Settings
from handoff.runtime.transaction import Store, Transaction
from handoff.runtime.wakeups import Wakeups
from handoff.services import Services
from handoff.turns.bot_pool import BotPool, open_session
from handoff.turns.worker import TurnWorker
from handoff.workshop import editing_routes
from handoff.workshop.editing import Editing
from handoff.workshop.inbox import health_routes
from handoff.workshop.inbox import routes as inbox_routes
from handoff.workshop.inbox.desk import InboxDesk
from handoff.workshop.inbox.importing import LogImport
from handoff.workshop.inbox.worker import InboxWorker
from handoff.workshop.jobs import routes as job_routes
from handoff.workshop.jobs import trial_routes
from handoff.workshop.jobs.desk import JobDesk
from handoff.workshop.log import routes as log_routes
from handoff.workshop.log.openings import CaseOpenings
from handoff.workshop.publications import routes as publication_routes
from handoff.workshop.publications.desk import PublicationDesk
from handoff.workshop.reviews import routes as review_routes
from handoff.workshop.reviews.missed import MissedTurns
from handoff.workshop.reviews.reviews import Reviews
from handoff.workshop.waves import routes as wave_routes
from handoff.workshop.waves.desk import WaveDesk
from handoff.workshop.waves.proposals import WaveProposals
from handoff.workshop.waves.watch import WaveWatch
from language.recognition import language_of

logger = structlog.get_logger(__name__)

#: What a worker does until it is cancelled, from the beginning.
_Work = Callable[[], Coroutine[Any, Any, None]]
_AGAIN_SECONDS = 1.0
#: The channels by which customers reach this desk.
CHANNELS = (WEB,)
_PROJECT = Path(__file__).parents[1] / "pyproject.toml"
#: The test sets, whose sentences may not be learnt.
TESTS = Path(__file__).parents[1] / "tests" / "evaluation"


def utc_now() -> dt.datetime:
    """The time, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def version() -> str:
    """The project's version."""
    return str(tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"])


def published_content(models: Path) -> PublishedContent[DeskContent]:
    """The desk's part of what is published in a models folder. A newer version that cannot be read is logged, not used."""
    return PublishedContent(models, DeskContent, lambda error: logger.error("content.refused", why=str(error)))


def create_app(settings: Settings, now: Callable[[], dt.datetime] = utc_now) -> FastAPI:
    """The desk as an ASGI application; database, bot and workers are reached when it starts.

    Raises HostNameError, and PagesNotBuilt.
    """
    metrics = Metrics()
    metrics.desk.labels(version()).set(1)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        log_loop_faults()
        try:
            async with running(app):
                yield
        except Exception as error:
            logger.error("desk.failed", why=_harmless_text(error), exc_info=error)
            raise

    @contextlib.asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        published = published_content(settings.models)
        content = published.content
        policy = DeskPolicy(content)
        # Made now, so that no customer waits for it: the published content, and the tables of languages, which take 0.1 s.
        policy.text("cancelled", TRADITIONAL)
        language_of("預熱")
        desk = secrets.randbelow(2**31)
        async with contextlib.AsyncExitStack() as stack:
            workers: list[_Work] = []
            url = settings.database_url
            if url is None:
                folder = settings.var / "postgres"
                url = await asyncio.to_thread(start_embedded_server, folder)
                workers.append(functools.partial(keep_embedded_server_running, folder))
            await asyncio.to_thread(migrate_when_reachable, url)
            wakeups = Wakeups()
            pool = await stack.enter_async_context(make_pool(url, settings.database_pool))
            store = Store(pool, wakeups.wake)
            store.on_save = PromiseKeeper(policy).note
            notifications = Notifications(url, wakeups.wake_here, desk)
            wakeups.publish = notifications.publish
            board = QueueBoard(store, wakeups, policy, now)
            incident_board = IncidentBoard(store, wakeups, content, now)
            wallet = Wallet(
                await stack.enter_async_context(open_wallet_session()), settings.wallet_url or None, settings.wallet_key
            )
            settling = Settling(store, policy, wallet, lambda: handoffs, now)
            transactions = Transactions(store, wallet, now)
            intake = IntakeDesk(policy, transactions if wallet.is_connected else None)
            care = CareDesk(
                [
                    CaseFiles(policy),
                    FirstAidCare(policy, wallet, settling),
                    intake,
                    CallbackSubject(),
                    incident_board,
                ]
            )
            handoffs = Handoffs(policy, metrics, lambda: board.recent, care)
            limits = Limits(PostgresLimits(pool), policy, now, desk, settings.service_token, metrics)
            sign_in = SignIn(store, policy, now, settings.demo)
            await sign_in.prepare_accounts()
            await incident_board.refresh()  # before the first turn: the bot must know what is announced
            http = await stack.enter_async_context(open_session())
            demo_signer = _demo_signer(settings, now)
            identity_keys = demo_signer.keys if demo_signer else key_source(settings.identity_jwks, http, now)
            bots = BotPool(settings.bot_urls.split(","), settings.bot_token, http, metrics)
            indexer = SearchIndexer(store, now)
            articles = ArticleSearch(content, bots, now)
            reviews = Reviews(store, content, now)
            editing = Editing(store, settings.data, settings.models, settings.var, TESTS, now)
            waves = WaveDesk(store, content, now)
            turns = TurnWorker(
                store,
                wakeups,
                policy,
                handoffs,
                bots,
                now,
                desk,
                notifications.sees_the_living,
                metrics,
                incident_board.told_to_bot,
            )
            jobs = JobDesk(store, wakeups, now)
            inbox = InboxDesk(store, published, editing.examples, now)
            inbox_worker = InboxWorker(store, inbox, jobs, now)

            async def missed_rate(tx: Transaction) -> dict[str, Any] | None:
                found = await reviews.latest_bound(tx)
                return None if found is None else found.as_json()

            owed = OwedBoard(content, now)

            async def more_attention(tx: Transaction) -> list[dict[str, Any]]:
                return [*await waves.attention(tx), *await owed.attention(tx)]

            publications = PublicationDesk(store, jobs, content, settings.data, settings.models, missed_rate, now)
            openings = CaseOpenings(store, policy, handoffs, jobs, now)
            customers = Customers(store, policy, handoffs, turns, board, care, now)
            ordering = Ordering(store, wakeups, policy, wallet, settling, customers, now)
            texts = TextMessages(settings.sms_url, settings.sms_key, http)
            app.state.services = Services(
                store=store,
                wakeups=wakeups,
                policy=policy,
                handoffs=handoffs,
                customers=customers,
                attachments=AttachmentDesk(store, policy, customers, handoffs, Pictures(), now),
                incidents=IncidentDesk(store, policy, content, incident_board, now),
                incident_board=incident_board,
                cases=Cases.of(store, policy, now),
                histories=Histories(store, care, now),
                callbacks=CallbackDesk(store, policy, customers, texts, now, is_demo=settings.demo),
                board=board,
                search=ConversationSearch(store, indexer, now),
                articles=articles,
                help_centre=HelpCentre(store, content, articles, board, now),
                suggestions=Suggestions(store, policy, content, articles),
                presence=PresenceDesk(store, policy, now),
                agent_desk=AgentDesk(store, policy, now, care),
                agent_queue=AgentQueue(store, policy, board, now),
                case_work=CaseWork(store, policy, now),
                letting_go=LettingGo(store, policy, now),
                sign_in=sign_in,
                proofs=Proofs(identity_keys, settings.identity_audience, settings.identity_issuer, now),
                demo_signer=demo_signer,
                limits=limits,
                bots=bots,
                turns=turns,
                wallet=wallet,
                first_aid_orders=ordering,
                agent_first_aid=AgentFirstAid(store, policy, wallet, settling, ordering, now),
                metrics=metrics,
                service_token=settings.service_token,
                content=content,
                now=now,
                reports=Reports(store, content, now),
                live_board=LiveBoard(store, policy, content, now, more_attention, reviews.board_figures),
                jobs=jobs,
                proofs_of_cases=ProofDesk(store, content, now),
                case_openings=openings,
                missed_turns=MissedTurns(store, content, editing.sentences, openings),
                publications=publications,
                inbox=inbox,
                inbox_worker=inbox_worker,
                log_import=LogImport(store, settings.var, now),
                editing=editing,
                reviews=reviews,
                wave_proposals=WaveProposals(store, waves, editing.workbench, jobs, publications, settings.models, now),
            )
            workers += [
                Watchdog(store, policy, now).run,
                CareWatch(store, policy, now).run,
                IntakeWatch(store, intake, now).run,
                Promises(store, policy, handoffs, board, now).run,
                StaffingWatch(store, content, now, metrics).run,
                Router(store, wakeups, policy, now, metrics).run,
                board.run,
                notifications.run,
                bots.watch,
                identity_keys.run,
                Sweep(store, wakeups, now).run,
                limits.run,
                indexer.run,
                inbox_worker.run,
                settling.run,
                reviews.run,
                incident_board.run,
                ClosingMessages(store, wakeups, content, now).run,
                WaveWatch(store, content, bots, now).run,
                metrics.watch_loop,
                editing.warm,
            ]
            tasks = [asyncio.create_task(_keep_running(work, metrics)) for work in workers]
            turning = asyncio.create_task(_keep_running(turns.run, metrics))
            logger.info("desk.ready", version=version())
            try:
                yield
            finally:
                wakeups.close()
                await _end(turning)
                # This desk keeps its lock until its turns have ended. Without it other desks would take the turns over.
                await turns.finish()
                await settling.finish()
                await transactions.finish()
                await _end(*tasks)
                logger.info("desk.ended")

    widget_origins = [origin for origin in settings.widget_origins.split(",") if origin]
    routers = [
        *(channel.router for channel in CHANNELS),
        account_routes.router,
        help_routes.router,
        attachment_routes.router,
        incident_routes.router,
        identity_routes.router,
        history_routes.router,
        case_routes.router,
        proof_routes.router,
        promise_routes.router,
        callback_routes.router,
        queue_routes.router,
        presence_routes.router,
        service_routes.router,
        search_routes.router,
        article_routes.router,
        bot_routes.router,
        figure_routes.router,
        editing_routes.router,
        job_routes.router,
        trial_routes.router,
        publication_routes.router,
        log_routes.router,
        inbox_routes.router,
        health_routes.router,
        review_routes.router,
        first_aid_routes.router,
        wave_routes.router,
    ]
    hosts = AllowedHosts(settings.host, settings.hosts.split(","))
    pages = Pages.read(build_pages(settings.var))
    return make_app(lifespan, [*routers, health.router], pages, widget_origins, metrics, hosts)


def make_accounts(store: Store, policy: DeskPolicy, now: Callable[[], dt.datetime]) -> Accounts:
    """The accounts; what an account had goes back to the queue."""
    return Accounts(store, policy.agent_capacity, Release(store, policy, now))


def _demo_signer(settings: Settings, now: Callable[[], dt.datetime]) -> DemoSigner | None:
    """The app of demo mode. With a key set of the wallet its proofs would be worth nothing."""
    if not settings.demo or settings.identity_jwks:
        return None
    return DemoSigner(settings.var, settings.identity_audience, settings.identity_issuer, now)


def _harmless_text(error: Exception) -> str | None:
    """What an operator must read to help a desk that does not start; the texts of other exceptions may hold anything."""
    if isinstance(error, OperationalError):  # what the driver said of the connection, without a statement and its values
        return str(error.orig).strip()
    return str(error) if isinstance(error, (ContentError, SchemaError, OSError)) else None


async def _keep_running(work: _Work, metrics: Metrics) -> None:
    """Do a worker's work; after an unexpected fault, start it again: a desk without it would only look healthy."""
    while True:
        try:
            return await work()
        except Exception as error:
            metrics.worker_faults.inc()
            logger.error("worker.failed", exc_info=error)
            await asyncio.sleep(_AGAIN_SECONDS)


async def _end(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
