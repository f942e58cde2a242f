"""The desk's command line: `python -m handoff serve | rebuild | figures | turns | import-logs | prove | verify | ...`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import getpass
import json
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from content.desk_policy import DeskPolicy
from content.sources import ContentError
from handoff.accounts.accounts import Accounts
from handoff.accounts.agents import ROLES
from handoff.bootstrap import create_app, make_accounts, published_content, utc_now
from handoff.conversations.rebuild import find_differences, rewrite
from handoff.figures import command as figures_command
from handoff.figures.promises import desk_zone
from handoff.proof_pack import command as proof_command
from handoff.runtime.database import make_pool, migrate, start_embedded_server
from handoff.runtime.errors import DeskError
from handoff.runtime.hosts import HostNameError, is_loopback
from handoff.runtime.http_limits import limits_of_this_process
from handoff.runtime.logs import write_logs
from handoff.runtime.notifications import notify_once
from handoff.runtime.page_build import PagesNotBuilt
from handoff.runtime.schema import SchemaError
from handoff.runtime.server import DeskServer, make_config
from handoff.runtime.settings import Settings
from handoff.runtime.transaction import Store
from handoff.workshop.inbox.importing import LogImport
from handoff.workshop.log import command as turns_command

logger = structlog.get_logger(__name__)

#: How long a desk that ends waits for the requests in hand; streams and long polls end at once.
_REQUESTS_END_SECONDS = 2
_SERVICE_TOKEN_LENGTH = 16
_DEAD_PEER_MS = 30_000


def _serve(settings: Settings) -> int:
    if len(settings.service_token) < _SERVICE_TOKEN_LENGTH:
        print(f"settings: SERVICE_TOKEN needs at least {_SERVICE_TOKEN_LENGTH} characters", file=sys.stderr)
        return 1
    write_logs()
    if settings.demo and (settings.database_url is not None or not is_loopback(settings.host)):
        # Only an explicit DEMO=1 leads here: without it the desk is not in demo mode, and the supervisor does not start.
        logger.warning("desk.demo_in_earnest", own_database=settings.database_url is not None, host=settings.host)
    try:
        app = create_app(settings)
    except HostNameError as error:
        print(f"settings: DESK_HOSTS: {error}", file=sys.stderr)
        return 1
    except PagesNotBuilt as error:
        logger.error("desk.failed", why=str(error))
        return 1
    # What is loaded by now stays; looking through it, and through thousands of open streams, again and again for garbage took
    # 5% of a desk's time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    config = make_config(
        app,
        limits=limits_of_this_process(),
        host=settings.host,
        port=settings.port,
        # Always given: uvicorn's own default would trust every process on this machine to say whose request it is.
        forwarded_allow_ips=settings.forwarded_allow_ips,
        timeout_graceful_shutdown=_REQUESTS_END_SECONDS,
    )
    server = DeskServer(config, closing=lambda: app.state.services.wakeups.close())
    try:
        listeners = [_listen(settings.host, settings.port, shared=settings.own_port is not None)]
        if settings.own_port is not None:
            listeners.append(_listen(settings.host, settings.own_port))
    except OSError as error:
        logger.error("desk.failed", why=f"cannot listen on {settings.host}: {error}")
        return 1
    server.run(listeners)
    return 0 if server.started and not server.force_exit else 1


def _listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A bound socket; a shared port is served by all desks that bind it, and the kernel spreads connections over them."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    # Inherited by its connections. A phone that lost its network never says goodbye; with a comment line every 15 s on each
    # stream, the limits hear of it within a minute instead of a quarter of an hour.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_PEER_MS)
    listener.bind((host, port))
    return listener


async def _with_accounts(settings: Settings, act: Callable[[Accounts], Awaitable[None]]) -> None:
    """Do something with the accounts, and wake the desks that run: their agents and customers see it at once."""
    url = settings.database_url or start_embedded_server(settings.var / "postgres")
    migrate(url)
    changed: set[str] = set()
    async with make_pool(url, 1) as pool:
        policy = DeskPolicy(published_content(settings.models).content)
        await act(make_accounts(Store(pool, changed.update), policy, utc_now))
    await notify_once(url, changed)


async def _rebuild(settings: Settings, *, check_only: bool) -> int:
    """Compare every row with its log; make it anew unless `check_only`. The exit code is 1 when a row still differs."""
    url = settings.database_url or start_embedded_server(settings.var / "postgres")
    migrate(url)
    changed: set[str] = set()
    left = 0
    async with make_pool(url, 2) as pool:
        store = Store(pool, changed.update)
        async for difference in find_differences(store):
            columns = difference.columns
            is_rewritten = not check_only and bool(await rewrite(store, difference.conversation_id))
            left += not is_rewritten
            # Ids and names of columns only, never what customers wrote.
            print(f"{difference.conversation_id}\t{'rewritten' if is_rewritten else 'differs'}\t{' '.join(columns)}")
    await notify_once(url, changed)
    print(f"{left} rows differ from their logs" if left else "every row is what its log says")
    return 1 if left else 0


async def _print_figures(settings: Settings, options: argparse.Namespace) -> int:
    url = settings.database_url or start_embedded_server(settings.var / "postgres")
    migrate(url)
    content = published_content(settings.models).content()
    async with make_pool(url, 1) as pool:
        print(await figures_command.figures(Store(pool), content, options, utc_now()))
    return 0


async def _import_logs(settings: Settings, path: Path) -> int:
    """Import a log into the inbox; print the report as JSON."""
    url = settings.database_url or start_embedded_server(settings.var / "postgres")
    migrate(url)
    async with make_pool(url, 1) as pool:
        with path.open("rb") as file:
            report = await LogImport(Store(pool), settings.var, utc_now).read(file, path.name, "import-logs")
    print(json.dumps(report.as_json(), ensure_ascii=False))
    return 0


async def _print_turns(settings: Settings, options: argparse.Namespace) -> int:
    if settings.database_url is None and not (settings.var / "postgres").exists():
        return 0  # no desk ran here yet: the log is empty
    url = settings.database_url or start_embedded_server(settings.var / "postgres")
    migrate(url)
    zone = desk_zone(published_content(settings.models).content())
    async with make_pool(url, 1) as pool:
        await turns_command.print_turns(Store(pool), zone, options)
    return 0


async def _prove(settings: Settings, options: argparse.Namespace) -> int:
    """Make a proof pack; desks that run see the entry in the log."""
    url = settings.database_url or start_embedded_server(settings.var / "postgres")
    migrate(url)
    changed: set[str] = set()
    async with make_pool(url, 1) as pool:
        content = published_content(settings.models).content
        code = await proof_command.prove(Store(pool, changed.update), content, utc_now, options)
    await notify_once(url, changed)
    return code


async def _verify(options: argparse.Namespace) -> int:
    """Check a proof pack; with `--recorded` also against the log."""
    verdict = proof_command.check(options)
    if options.recorded:
        settings = Settings()
        url = settings.database_url or start_embedded_server(settings.var / "postgres")
        async with make_pool(url, 1) as pool:
            verdict = await proof_command.check_recorded(Store(pool), verdict)
    return proof_command.print_verdict(verdict)


async def _list_accounts(accounts: Accounts) -> None:
    for agent in await accounts.list():
        state = "disabled" if agent.is_disabled else "demo" if agent.is_demo else "enabled"
        seen = agent.last_seen_at.isoformat(timespec="seconds") if agent.last_seen_at else "-"
        print("\t".join((agent.login, agent.name, agent.role, state, f"{agent.load} conversations", f"seen {seen}")))


def _account_command(options: argparse.Namespace) -> Callable[[Accounts], Awaitable[None]]:
    """What a command does with the accounts; asks for the password where one is needed."""
    login = getattr(options, "login", "")
    if options.command in ("add-account", "set-password"):
        password = getpass.getpass()
        if options.command == "add-account":
            return lambda accounts: accounts.save(login, options.name, options.role, password)
        return lambda accounts: accounts.set_password(login, password)
    if options.command == "set-role":
        return lambda accounts: accounts.set_role(login, options.role)
    return {
        "remove-account": lambda accounts: accounts.remove(login),
        "disable-account": lambda accounts: accounts.disable(login),
        "enable-account": lambda accounts: accounts.enable(login),
        "list-accounts": _list_accounts,
    }[options.command]


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m handoff", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run one desk process")
    rebuild = commands.add_parser("rebuild", help="make the rows of conversations anew from their logs, where they differ")
    rebuild.add_argument("--check", action="store_true", help="change nothing; exit code 1 when a row differs")
    figures = commands.add_parser("figures", help="print the figures of a stretch of time")
    figures_command.add_arguments(figures)
    logs = commands.add_parser("import-logs", help="take the customers' texts of another system's log into the inbox, masked")
    logs.add_argument("file", type=Path, help="CSV with a header, or JSON lines")
    turns = commands.add_parser("turns", help="print the turns of the log as JSON lines")
    turns_command.add_arguments(turns)
    proof_command.add_prove_arguments(commands.add_parser("prove", help="make the proof pack of a case"))
    proof_command.add_verify_arguments(commands.add_parser("verify", help="check a proof pack; needs no database"))
    account = commands.add_parser("add-account", help="make or change an agent's account; asks for the password")
    account.add_argument("login")
    account.add_argument("--name", required=True)
    account.add_argument("--role", default="agent")
    role = commands.add_parser("set-role", help="change the role of an account")
    role.add_argument("login")
    role.add_argument("role", help=", ".join(ROLES))
    for command, text in (
        ("set-password", "change the password of an account; asks for it"),
        ("disable-account", "end the sessions of an account and refuse new ones"),
        ("enable-account", "let a disabled account sign in again"),
        ("remove-account", "delete an account"),
    ):
        commands.add_parser(command, help=text).add_argument("login")
    commands.add_parser("list-accounts", help="list all accounts")
    return parser.parse_args()


def main() -> int:
    """Run one command."""
    options = _read_options()
    try:
        if options.command == "verify":
            return asyncio.run(_verify(options))
        settings = Settings()
        if options.command == "prove":
            return asyncio.run(_prove(settings, options))
        if options.command == "serve":
            return _serve(settings)
        if options.command == "rebuild":
            return asyncio.run(_rebuild(settings, check_only=options.check))
        if options.command == "figures":
            return asyncio.run(_print_figures(settings, options))
        if options.command == "import-logs":
            return asyncio.run(_import_logs(settings, options.file))
        if options.command == "turns":
            return asyncio.run(_print_turns(settings, options))
        asyncio.run(_with_accounts(settings, _account_command(options)))
    except ValidationError as error:
        print(f"settings: {error}", file=sys.stderr)
        return 1
    except OperationalError as error:  # what the driver said, without a statement and its values
        print(f"the database is not reached: {str(error.orig).strip()}", file=sys.stderr)
        return 1
    except (DeskError, ContentError, SchemaError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
