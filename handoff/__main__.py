"""The desk's command line: `python -m handoff serve | check | add-account LOGIN`."""

from __future__ import annotations

import argparse
import asyncio
import gc
import getpass
import socket
import sys
from pathlib import Path

from pydantic import ValidationError

from handoff.bootstrap import create_app, load_names, utc_now
from handoff.domain.errors import DeskError
from handoff.logs import write_logs
from handoff.services.canned_replies import load_canned_replies
from handoff.services.desk_policy import DeskPolicyError, load_desk_policy
from handoff.services.sign_in import SignIn
from handoff.settings import Settings
from handoff.storage.database import make_pool, migrate, start_embedded_server
from handoff.storage.transaction import PostgresStore
from handoff.web.http_limits import limits_of_this_process
from handoff.web.server import DeskServer, make_config

#: How long a desk that ends waits for the requests in hand; streams and long polls end at once.
_REQUESTS_END_SECONDS = 2
_SERVICE_TOKEN_LENGTH = 16


def _serve(settings: Settings) -> int:
    if len(settings.service_token) < _SERVICE_TOKEN_LENGTH:
        print(f"settings: SERVICE_TOKEN needs at least {_SERVICE_TOKEN_LENGTH} characters", file=sys.stderr)
        return 1
    write_logs()
    app = create_app(settings)
    # What is loaded by now stays; looking through it, and through thousands of open streams, again and again for garbage took
    # 5% of a desk's time.
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    config = make_config(
        app,
        limits=limits_of_this_process(),
        host=settings.host,
        port=settings.port,
        timeout_graceful_shutdown=_REQUESTS_END_SECONDS,
    )
    server = DeskServer(config, closing=lambda: app.state.services.wakeups.close())
    if settings.own_port is None:
        server.run()
    else:
        server.run([_listen(settings.host, settings.port, shared=True), _listen(settings.host, settings.own_port)])
    return 0 if server.started and not server.force_exit else 1


def _listen(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A bound socket; a shared port is served by all desks that bind it, and the kernel spreads connections over them."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((host, port))
    return listener


def _check(data: Path) -> int:
    try:
        load_canned_replies(data, load_desk_policy(data))
        load_names(data)
    except DeskPolicyError as error:
        print(error)
        return 1
    print("desk content: no problems")
    return 0


async def _add_account(settings: Settings, login: str, name: str, role: str, password: str) -> None:
    url = settings.database_url or start_embedded_server(settings.var / "postgres")
    migrate(url)
    async with make_pool(url, 1) as pool:
        sign_in = SignIn(PostgresStore(pool), load_desk_policy(settings.data), utc_now, settings.demo)
        await sign_in.save_account(login, name, role, password)


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m handoff", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run one desk process")
    check = commands.add_parser("check", help="check desk.yml and canned_replies.yml")
    check.add_argument("--data", type=Path, default=Path("data"))
    account = commands.add_parser("add-account", help="make or change an agent's account; asks for the password")
    account.add_argument("login")
    account.add_argument("--name", required=True)
    account.add_argument("--role", default="agent")
    options = parser.parse_args()
    if options.command == "check":
        return _check(options.data)
    try:
        settings = Settings()
        if options.command == "serve":
            return _serve(settings)
        asyncio.run(_add_account(settings, options.login, options.name, options.role, getpass.getpass()))
    except ValidationError as error:
        print(f"settings: {error}", file=sys.stderr)
        return 1
    except DeskError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
