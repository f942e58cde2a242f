"""The key pair of demo mode, which signs proofs as a wallet's app would."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key

from handoff.accounts.identity.key_source import FixedKeys
from handoff.accounts.identity.keys import read_key_set

_PRIVATE_NAME, _PUBLIC_NAME = "identity-demo-key.pem", "identity-demo-jwks.json"
_COORDINATE_BYTES = 32
#: Customers of the sample wallet: name, and last digits of the phone number.
_CUSTOMERS = {
    "u-1001": ("林晓", "4321"),
    "u-1002": ("周明", "8765"),
    "u-1003": ("高洁", "1357"),
    "u-1004": ("林晓", "4321"),
    "u-1005": ("林晓", "4321"),
}


class DemoSigner:
    """Signs proofs for customers of the sample wallet. Only in demo mode: anybody may ask for any customer."""

    def __init__(self, folder: Path, audience: str, issuer: str, now: Callable[[], dt.datetime]) -> None:
        """`folder`: where the key pair is kept, so that several desks and a restart use the same one."""
        self._audience, self._issuer, self._now = audience, issuer or None, now
        self._key = _private_key(folder / _PRIVATE_NAME)
        listed = _public_jwk(self._key)
        self._key_id = listed["kid"]
        content = json.dumps({"keys": [listed]}, indent=2).encode()
        (folder / _PUBLIC_NAME).write_bytes(content + b"\n")
        self.keys = FixedKeys(read_key_set(content))

    def sign(
        self, subject: str, assurance: int, seconds: int, name: str | None, phone_last: str | None, lang: str | None
    ) -> str:
        """A proof that counts for so many seconds."""
        known_name, known_phone = _CUSTOMERS.get(subject, (None, None))
        issued = int(self._now().timestamp())
        claims: dict[str, Any] = {
            "sub": subject,
            "aud": self._audience,
            "iss": self._issuer,
            "iat": issued,
            "exp": issued + seconds,
            "assurance": assurance,
            "name": name or known_name,
            "phone_last": phone_last or known_phone,
            "lang": lang,
        }
        said = {claim: value for claim, value in claims.items() if value is not None}
        return jwt.encode(said, self._key, algorithm="ES256", headers={"kid": self._key_id})


def _private_key(path: Path) -> EllipticCurvePrivateKey:
    """The key of a file that only its owner can read; made at first. Of several desks that start at once, one makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        made = generate_private_key(SECP256R1())
        content = made.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        ours = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(ours, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        with contextlib.suppress(FileExistsError):
            os.link(ours, path)
        ours.unlink()
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise OSError(f"{path} does not hold the key of demo mode; remove it")
    return key


def _public_jwk(key: EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    x, y = (_encoded(number.to_bytes(_COORDINATE_BYTES, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": f"demo-{x[:8]}", "x": x, "y": y}


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
