"""The HTTP contract of the wallet's own systems, as the sample wallet serves it (docs/wallet.md)."""

from __future__ import annotations

import contextlib
import datetime as dt
import hmac
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from psycopg import Error as DatabaseError
from psycopg_pool import PoolTimeout

from contract.errors import ContractError
from contract.wallet import Action, as_text, is_id
from handoff.runtime.database import Pool
from scripts.sample_wallet import actions, store
from scripts.sample_wallet.faults import Faults, FaultSwitch

_MOST_TRANSACTIONS = 100


class WalletError(Exception):
    """An answer of the contract that is not a success."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def utc_now() -> dt.datetime:
    """The time, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def create_wallet(pool: Pool, key: str, run: str, now: Callable[[], dt.datetime] = utc_now) -> FastAPI:
    """The sample wallet as an ASGI application. `pool` is opened when it starts; `run`: another run has new customers."""
    faults = FaultSwitch()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with pool:
            async with pool.connection() as connection:
                await store.prepare(connection, run, now())
            yield

    async def check_key(request: Request) -> None:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), f"Bearer {key}".encode()):
            raise WalletError(401, "unauthorized")

    app = FastAPI(title="Sample wallet", lifespan=lifespan, openapi_url=None)
    app.middleware("http")(faults.apply)
    checked = [Depends(check_key)]

    @app.exception_handler(WalletError)
    async def refuse(request: Request, error: WalletError) -> JSONResponse:
        return JSONResponse({"error": {"code": error.code}}, error.status)

    @app.exception_handler(HTTPException)
    async def refuse_address(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"error": {"code": "not_found"}}, error.status_code)

    @app.exception_handler(PoolTimeout)
    @app.exception_handler(DatabaseError)
    async def no_database(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse({"error": {"code": "unavailable"}}, 503)

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        async with pool.connection() as connection:
            await connection.execute("SELECT 1")
        return {"status": "ok"}

    @app.get("/v1/customers/{subject}/account", dependencies=checked)
    async def account(subject: str) -> dict[str, Any]:
        async with pool.connection() as connection:
            return {"subject": subject, **_known(await store.find_account(connection, subject)).as_json()}

    @app.get("/v1/customers/{subject}/transactions", dependencies=checked)
    async def transactions(subject: str, limit: int = Query(default=20, ge=1, le=_MOST_TRANSACTIONS)) -> dict[str, Any]:
        async with pool.connection() as connection:
            _known(await store.find_account(connection, subject))
            found = await store.newest_transactions(connection, subject, limit)
        return {"subject": subject, "transactions": [each.as_json() for each in found]}

    @app.get("/v1/customers/{subject}/transactions/{transaction}", dependencies=checked)
    async def one_transaction(subject: str, transaction: str) -> dict[str, Any]:
        async with pool.connection() as connection:
            _known(await store.find_account(connection, subject))
            found = await store.find_transaction(connection, subject, transaction)
        if found is None:
            raise WalletError(404, "unknown_transaction")
        return {"subject": subject, **found.as_json()}

    @app.get("/v1/customers/{subject}/refunds", dependencies=checked)
    async def refunds(subject: str) -> dict[str, Any]:
        async with pool.connection() as connection:
            _known(await store.find_account(connection, subject))
            found = await store.all_refunds(connection, subject)
        return {"subject": subject, "refunds": [each.as_json() for each in found]}

    @app.get("/v1/customers/{subject}/coupons", dependencies=checked)
    async def coupons(subject: str) -> dict[str, Any]:
        async with pool.connection() as connection:
            found = _known(await store.find_benefits(connection, subject))
        return {"subject": subject, "coupons": [each.as_json() for each in found.coupons], "points": found.points.as_json()}

    @app.get("/v1/customers/{subject}/limits", dependencies=checked)
    async def limits(subject: str) -> dict[str, Any]:
        async with pool.connection() as connection:
            return {"subject": subject, **_known(await store.find_limits(connection, subject)).as_json()}

    @app.post("/v1/customers/{subject}/actions", dependencies=checked)
    async def act(subject: str, request: Request) -> dict[str, Any]:
        try:
            action = Action.from_json(await request.json())
        except (ValueError, RecursionError, ContractError):
            raise WalletError(400, "bad_request") from None
        async with pool.connection() as connection:
            try:
                result = _known(await actions.act(connection, subject, action, now()))
            except actions.KeyReused:
                raise WalletError(409, "key_reused") from None
        return {"subject": subject, **result.as_json()}

    @app.get("/v1/customers/{subject}/actions", dependencies=checked)
    async def all_actions(subject: str) -> dict[str, Any]:
        """Only of the sample: what was done, for tests and the drill."""
        async with pool.connection() as connection:
            return {"subject": subject, "actions": await store.done_actions(connection, subject)}

    @app.get("/v1/customers/{subject}/actions/{key}", dependencies=checked)
    async def result(subject: str, key: str) -> dict[str, Any]:
        if not is_id(key):
            raise WalletError(404, "unknown_action")
        async with pool.connection() as connection:
            found = await actions.result_of(connection, subject, key, now())
        if found is None:
            raise WalletError(404, "unknown_action")
        return {"subject": subject, **found.as_json()}

    @app.get("/v1/faults", dependencies=checked)
    async def faults_now() -> Faults:
        """Only of the sample."""
        return faults.now

    @app.put("/v1/faults", dependencies=checked)
    async def switch_faults(given: Faults) -> Faults:
        """Only of the sample: what is not named is switched off."""
        faults.now = given
        return given

    @app.get("/v1/run", dependencies=checked)
    async def run_of() -> dict[str, Any]:
        """Only of the sample: when the customers were made."""
        async with pool.connection() as connection:
            started = await store.started_at(connection)
        return {"id": run, "started_at": as_text(started) if started else None}

    return app


def _known(found: Any) -> Any:
    if found is None:
        raise WalletError(404, "unknown_customer")
    return found
