"""Public keys of the wallet's app, read from a JWKS (RFC 7517). Each key allows exactly one signature algorithm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

#: Bytes of a JWKS, and keys in it.
MOST_BYTES, MOST_KEYS = 256 * 1024, 100
#: Characters of a key id.
KEY_ID_LENGTH = 200
_RSA_BITS = 2048
#: Key type and curve -> the only algorithm that a proof signed by this key may name.
_ALGORITHMS: Final = {("EC", "P-256"): "ES256", ("RSA", None): "RS256", ("OKP", "Ed25519"): "EdDSA"}
#: Members of a JWK that only a private key has.
_PRIVATE = frozenset("d p q dp dq qi oth k".split())

PublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey


class KeySetError(Exception):
    """A JWKS cannot be used. The text is for operators and holds no key."""


@dataclass(frozen=True)
class VerificationKey:
    """One public key. `algorithm` is fixed by the type of the key, whatever a proof says."""

    id: str
    algorithm: str
    key: PublicKey


def read_key_set(content: bytes) -> dict[str, VerificationKey]:
    """The keys of a JWKS by their ids. Keys for other purposes or of other types are left out. Raises KeySetError."""
    if len(content) > MOST_BYTES:
        raise KeySetError(f"it is larger than {MOST_BYTES} bytes")
    try:
        listed = json.loads(content)["keys"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise KeySetError('it is not JSON of the form {"keys": [...]}') from None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise KeySetError("`keys` is not a list of objects")
    if len(listed) > MOST_KEYS:
        raise KeySetError(f"it has more than {MOST_KEYS} keys")
    found: dict[str, VerificationKey] = {}
    for place, each in enumerate(listed, 1):
        if _PRIVATE & each.keys():
            raise KeySetError(f"key {place} is private or symmetric; list public keys only, and replace this one")
        key = _read_key(each, place)
        if key is None:
            continue
        if key.id in found:
            raise KeySetError(f"key {place} has the `kid` of another key")
        found[key.id] = key
    if not found:
        raise KeySetError("it has no key for ES256 (P-256), RS256 (2048 bits or more) or EdDSA (Ed25519) with a `kid`")
    return found


def _read_key(listed: Mapping[str, Any], place: int) -> VerificationKey | None:
    """One key, or None if it is not for signatures that the desk accepts."""
    kind, curve = listed.get("kty"), listed.get("crv")
    algorithm = _ALGORITHMS.get((kind, curve)) if isinstance(kind, str) and isinstance(curve, str | None) else None
    operations = listed.get("key_ops", ["verify"])
    is_for_signatures = listed.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations
    key_id = listed.get("kid")
    if algorithm is None or listed.get("alg", algorithm) != algorithm or not is_for_signatures:
        return None
    if not isinstance(key_id, str) or not 0 < len(key_id) <= KEY_ID_LENGTH:
        return None
    try:
        key = jwt.PyJWK(dict(listed), algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        raise KeySetError(f"key {place} is damaged") from None
    if not isinstance(key, PublicKey):
        raise KeySetError(f"key {place} is not a public key")
    if isinstance(key, RSAPublicKey) and key.key_size < _RSA_BITS:
        raise KeySetError(f"key {place} has less than {_RSA_BITS} bits")
    return VerificationKey(key_id, algorithm, key)
