"""Start the sample wallet: `python -m scripts.sample_wallet`.

`WALLET_PORT`, `WALLET_KEY`: where it listens, and the key that clients give. `WALLET_RUN`: customers are made anew for a new
value. `WALLET_POSTGRES`: the folder in VAR_DIR of the embedded server that holds its database.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import uvicorn

from handoff.runtime.database import make_pool, start_embedded_server
from scripts.sample_wallet.app import create_wallet

DATABASE = "sample_wallet"
_CONNECTIONS = 4


def database_url() -> str:
    """The URL of the sample wallet's database, which is made if it is missing."""
    folder = Path(os.environ.get("VAR_DIR", "var")) / os.environ.get("WALLET_POSTGRES", "postgres")
    server = start_embedded_server(folder)
    with psycopg.connect(server, autocommit=True) as connection, contextlib.suppress(psycopg.errors.DuplicateDatabase):
        connection.execute(f'CREATE DATABASE "{DATABASE}"')
    return urlsplit(server)._replace(path=f"/{DATABASE}").geturl()


def main() -> int:
    """Serve until a signal comes."""
    key = os.environ.get("WALLET_KEY", "")
    if not key:
        print("WALLET_KEY is missing", file=sys.stderr)
        return 2
    wallet = create_wallet(make_pool(database_url(), _CONNECTIONS), key, os.environ.get("WALLET_RUN") or secrets.token_hex(8))
    uvicorn.run(
        wallet, host="127.0.0.1", port=int(os.environ.get("WALLET_PORT", "8700")), log_level="warning", access_log=False
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
