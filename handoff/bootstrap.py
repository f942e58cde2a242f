"""Puts the desk together: the only module that knows everything."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
from fastapi import FastAPI

from handoff.services.agent_desk import AgentDesk
from handoff.services.bot_pool import BotPool
from handoff.services.customers import Customers
from handoff.services.desk_policy import DeskPolicy, DeskPolicyError, load_desk_policy, read_yaml
from handoff.services.handoffs import Handoffs
from handoff.services.sign_in import SignIn
from handoff.services.turns import TurnWorker
from handoff.services.wakeups import Sweep, Wakeups
from handoff.services.watchdog import Watchdog
from handoff.settings import Settings
from handoff.storage.database import keep_embedded_server_running, make_pool, migrate, start_embedded_server
from handoff.storage.notifications import Notifications
from handoff.storage.transaction import PostgresStore
from handoff.web.app import make_app
from handoff.web.services import Services

logger = logging.getLogger(__name__)


def utc_now() -> dt.datetime:
    """The time, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def load_names(folder: Path) -> dict[str, Any]:
    """The names of intents and reasons for people, from the triage policy. Raises DeskPolicyError."""
    policy = read_yaml(folder / "triage.yml")
    try:
        return {
            kind: {name: {"zh": entry["zh"], "en": entry["en"]} for name, entry in policy[kind].items()}
            for kind in ("intents", "reasons")
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise DeskPolicyError(f"{folder / 'triage.yml'}: every intent and reason needs `zh` and `en` ({error})") from error


def load_canned_replies(folder: Path, policy: DeskPolicy) -> list[dict[str, Any]]:
    """The canned replies, each filled in once to see that it can be. Raises DeskPolicyError."""
    path = folder / "canned_replies.yml"
    replies: list[dict[str, Any]] = read_yaml(path)["canned_replies"]
    for reply in replies:
        try:
            for locale in ("zh", "en"):
                policy.fill(reply["text"][locale], locale, agent_name="")
                reply["title"][locale], reply["shortcut"], reply["id"]
        except Exception as error:
            raise DeskPolicyError(f"{path}: {reply.get('id', reply)}: {error}") from error
    return replies


def create_app(settings: Settings, now: Callable[[], dt.datetime] = utc_now) -> FastAPI:
    """The desk as an ASGI application; database, bot and workers are reached when it starts."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        policy = load_desk_policy(settings.data)
        names, canned_replies = load_names(settings.data), load_canned_replies(settings.data, policy)
        desk = secrets.randbelow(2**31)
        async with contextlib.AsyncExitStack() as stack:
            workers: list[Coroutine[Any, Any, None]] = []
            url = settings.database_url
            if url is None:
                folder = settings.var / "postgres"
                url = await asyncio.to_thread(start_embedded_server, folder)
                workers.append(keep_embedded_server_running(folder))
            await asyncio.to_thread(migrate, url)
            store = PostgresStore(await stack.enter_async_context(make_pool(url, settings.database_pool)))
            wakeups = Wakeups()
            notifications = Notifications(url, wakeups.wake_here, desk)
            wakeups.publish = notifications.publish
            handoffs = Handoffs(policy)
            sign_in = SignIn(store, policy, now, settings.demo)
            await sign_in.prepare_accounts()
            http = await stack.enter_async_context(aiohttp.ClientSession())
            bots = BotPool(settings.bot_urls.split(","), settings.bot_token, http)
            turns = TurnWorker(store, wakeups, policy, handoffs, bots, now, desk)
            app.state.services = Services(
                store=store,
                wakeups=wakeups,
                policy=policy,
                handoffs=handoffs,
                customers=Customers(store, wakeups, policy, handoffs, turns, now),
                agent_desk=AgentDesk(store, wakeups, policy, now),
                sign_in=sign_in,
                bots=bots,
                service_token=settings.service_token,
                names=names,
                canned_replies=canned_replies,
                now=now,
            )
            workers += [
                Watchdog(store, wakeups, policy, now).run(),
                notifications.run(),
                bots.watch(),
                Sweep(store, wakeups, now).run(),
            ]
            tasks = [asyncio.create_task(work) for work in workers]
            turning = asyncio.create_task(turns.run())
            try:
                yield
            finally:
                # The turns first: until they are over, this desk still lives in the eyes of the others.
                for ending in ([turning], tasks):
                    for task in ending:
                        task.cancel()
                    for error in await asyncio.gather(*ending, return_exceptions=True):
                        if isinstance(error, Exception):
                            logger.error("a worker had failed", exc_info=error)

    return make_app(lifespan, [origin for origin in settings.widget_origins.split(",") if origin])
