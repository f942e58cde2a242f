"""Proofs of identity: JWTs (RFC 7519) in which the wallet's app states who its customer is.

A proof has exactly the header fields `alg`, `kid` and perhaps `typ`. The key comes from the operator's key set by `kid`, and
the algorithm from the key. Addresses and keys inside a proof (`jku`, `x5u`, `jwk`, `x5c`) make it invalid. docs/customers.md
lists the claims.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import structlog

from contract.locales import ENGLISH, SIMPLIFIED, TRADITIONAL
from handoff.accounts.identity.key_source import KeySource
from handoff.runtime.errors import NotAllowed

logger = structlog.get_logger(__name__)

#: Characters of a proof.
MOST_CHARACTERS = 4096
#: A proof counts at most so long after it was issued, whatever its `exp` says.
_LONGEST = dt.timedelta(hours=24)
#: Seconds by which the app's clock may be ahead of the desk's.
_AHEAD_SECONDS = 60.0
_NAME_LENGTH = 60
ASSURANCES = range(4)

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_HEADER_FIELDS = frozenset({"alg", "kid", "typ"})
_SUBJECT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._:@=+-]{0,99}")
_PHONE_LAST = re.compile(r"[0-9]{2,4}")
#: 9999-12-31: later times cannot be stored.
_LAST_SECOND = 253_402_300_799
_REQUIRED = ["sub", "aud", "exp", "assurance"]
_TRADITIONAL_TAGS = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


@dataclass(frozen=True)
class SignedCustomer:
    """A customer as the wallet's app signed it.

    `subject`: the wallet's id of the customer. `assurance`: 0 to 3. `proven_until`: aware UTC. `locale`: the language in which
    the desk writes to them first, or None. `key_id`: the key that signed.
    """

    subject: str
    assurance: int
    proven_until: dt.datetime
    key_id: str
    name: str | None = None
    phone_last: str | None = None
    locale: str | None = None


class _Invalid(Exception):
    """A proof does not count; `why` is a code for the operator's log and holds nothing of the proof."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def invalid_identity(why: str) -> NotAllowed:
    """The error for a proof that does not count.

    `why` is logged. The caller learns only whether a genuine proof has expired.
    """
    logger.warning("identity.refused", why=why)
    zh = "身份凭证无效或已过期，请在 App 内重新打开客服。"
    en = "The proof of identity is invalid or has expired. Please open the chat from the app again."
    if why == "expired":
        return NotAllowed("invalid_identity", zh, en, why=why)
    return NotAllowed("invalid_identity", zh, en)


class Proofs:
    """Checks proofs of identity. `issuer`: empty if any issuer with a listed key may sign."""

    def __init__(self, keys: KeySource, audience: str, issuer: str, now: Callable[[], dt.datetime]) -> None:
        self._keys, self._audience, self._issuer, self._now = keys, audience, issuer, now

    async def check(self, proof: str) -> SignedCustomer:
        """The customer of a proof. Raises NotAllowed, and Unavailable while the keys cannot be read."""
        try:
            return await self._check(proof)
        except _Invalid as refused:
            raise invalid_identity(refused.why) from None

    async def _check(self, proof: str) -> SignedCustomer:
        header, payload = _parts(proof)
        key_id, algorithm = header.get("kid"), header.get("alg")
        if not header.keys() <= _HEADER_FIELDS or str(header.get("typ", "JWT")).upper() != "JWT":
            raise _Invalid("header")
        if not isinstance(key_id, str):
            raise _Invalid("key_id_missing")
        key = await self._keys.key(key_id)
        if key is None:
            raise _Invalid("unknown_key")
        if algorithm != key.algorithm:
            raise _Invalid("algorithm")
        try:
            # PyJWT knows no other clock than the machine's, so the times are checked below.
            jwt.decode(
                proof,
                key.key,
                algorithms=[key.algorithm],
                audience=self._audience,
                issuer=self._issuer or None,
                options={
                    "require": [*_REQUIRED, *(["iss"] if self._issuer else [])],
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.InvalidSignatureError:
            raise _Invalid("signature") from None
        except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
            raise _Invalid("audience_or_issuer") from None
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise _Invalid("claims") from None
        return _customer(payload, key.id, self._now())


def _parts(proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims, not verified yet. Raises _Invalid for anything but a compact JWS in canonical base64url."""
    if len(proof) > MOST_CHARACTERS:
        raise _Invalid("too_long")
    segments = proof.split(".")
    if len(segments) != 3:
        raise _Invalid("form")
    header, payload, _ = (_decoded(segment) for segment in segments)
    return _object(header), _object(payload)


def _decoded(segment: str) -> bytes:
    # Python's decoder skips foreign characters and unused bits. A proof has exactly one spelling.
    if not _SEGMENT.fullmatch(segment):
        raise _Invalid("form")
    try:
        content = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error:
        raise _Invalid("form") from None
    if base64.urlsafe_b64encode(content).rstrip(b"=").decode() != segment:
        raise _Invalid("form")
    return content


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_not_a_number)
    except (ValueError, RecursionError):
        raise _Invalid("json") from None
    if not isinstance(found, dict):
        raise _Invalid("json")
    return found


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Readers disagree on which of two equal names counts.
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("duplicate")
    return dict(pairs)


def _not_a_number(constant: str) -> Any:
    raise ValueError(constant)


def _customer(claims: dict[str, Any], key_id: str, now: dt.datetime) -> SignedCustomer:
    subject, assurance = claims["sub"], claims["assurance"]
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise _Invalid("sub")
    if type(assurance) is not int or assurance not in ASSURANCES:
        raise _Invalid("assurance")
    expires = _time(claims["exp"], "exp")
    issued = _time(claims["iat"], "iat") if "iat" in claims else None
    latest_begin = now + dt.timedelta(seconds=_AHEAD_SECONDS)
    if issued is not None and issued > latest_begin:
        raise _Invalid("iat")
    if "nbf" in claims and _time(claims["nbf"], "nbf") > latest_begin:
        raise _Invalid("nbf")
    until = min(expires, (issued or now) + _LONGEST)
    if until <= now:
        raise _Invalid("expired")
    return SignedCustomer(
        subject, assurance, until, key_id, _name(claims.get("name")), _phone_last(claims.get("phone_last")), _locale(claims)
    )


def _time(value: Any, claim: str) -> dt.datetime:
    if type(value) not in (int, float) or not 0 <= value <= _LAST_SECOND:
        raise _Invalid(claim)
    return dt.datetime.fromtimestamp(value, dt.UTC)


def _name(value: Any) -> str | None:
    """The name for display: one line, without characters that nobody sees."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise _Invalid("name")
    spaced = " ".join(value.split())
    shown = "".join(char for char in spaced if not unicodedata.category(char).startswith("C"))
    return shown[:_NAME_LENGTH].strip() or None


def _phone_last(value: Any) -> str | None:
    if value is None:
        return None
    # More digits would be a phone number, which the desk does not keep.
    if not isinstance(value, str) or not _PHONE_LAST.fullmatch(value):
        raise _Invalid("phone_last")
    return value


def _locale(claims: dict[str, Any]) -> str | None:
    """The language that the desk writes for a BCP 47 tag; None if the claim is missing or names another language."""
    language = claims.get("lang")
    if not isinstance(language, str):
        return None
    tag = language.lower().replace("_", "-")
    if tag.startswith(_TRADITIONAL_TAGS):
        return TRADITIONAL
    return {"zh": SIMPLIFIED, "en": ENGLISH}.get(tag.split("-")[0])
