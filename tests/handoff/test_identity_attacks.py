"""Attempts to be somebody else: none may make an identity, a conversation, or a row."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from handoff.accounts.identity.key_source import KeyAddress, KeyFile, key_source
from handoff.accounts.identity.keys import KeySetError, read_key_set
from handoff.accounts.identity.proof import Proofs
from handoff.runtime.errors import NotAllowed, Unavailable
from handoff.runtime.settings import Settings
from tests.handoff.conftest import SERVICE_TOKEN
from tests.handoff.people import Customer, error_code
from tests.handoff.running_desk import Clock, Desk, run_desk
from tests.handoff.test_identity import bearer, demo_proof, prove, signed_customer

Json = dict[str, Any]
AUDIENCE = "wallet-support"


def b64(content: bytes | str | Json | list[Any]) -> str:
    """base64url of bytes, of a text, or of JSON."""
    if not isinstance(content, bytes | str):
        content = json.dumps(content)
    raw = content if isinstance(content, bytes) else content.encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Forger:
    """Somebody who may have the app's private key for badly made proofs, and knows everything public."""

    def __init__(self, settings: Settings, now: dt.datetime) -> None:
        self.key = (settings.var / "identity-demo-key.pem").read_bytes()
        self.public = json.loads((settings.var / "identity-demo-jwks.json").read_bytes())["keys"][0]
        self.kid = self.public["kid"]
        loaded = serialization.load_pem_private_key(self.key, None)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        self.public_pem = loaded.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self.now = int(now.timestamp())

    def claims(self, **changes: Any) -> Json:
        """The claims of a good proof, changed; `...` removes one."""
        good = {"sub": "u-1002", "aud": AUDIENCE, "iat": self.now, "exp": self.now + 600, "assurance": 2}
        return {name: value for name, value in {**good, **changes}.items() if value is not ...}

    def sign(self, payload: Json | bytes | str, header: Json | None = None, key: Any = None, algorithm: str = "ES256") -> str:
        """A signature over anything, by the app's key unless another is given."""
        content = payload if isinstance(payload, bytes) else payload.encode() if isinstance(payload, str) else b""
        if isinstance(payload, dict):
            content = json.dumps(payload).encode()
        said = {"kid": self.kid, **(header or {})}
        return jwt.PyJWS().encode(content, key or self.key, algorithm, said)

    def raw(self, header: str | Json, payload: str | Json, signature: str = "c2ln") -> str:
        """Three segments, whatever they are."""
        return f"{b64(header)}.{b64(payload)}.{signature}"

    def spelled(self, header: str, payload: str) -> str:
        """A signature of the app's key over a header and a payload exactly as they are written here."""
        key = jwt.get_algorithm_by_name("ES256").prepare_key(self.key)
        signed = f"{b64(header)}.{b64(payload)}"
        return f"{signed}.{b64(jwt.get_algorithm_by_name('ES256').sign(signed.encode(), key))}"


def forgeries(f: Forger) -> Iterator[tuple[str, str]]:
    """Named proofs, none of which may count."""
    good, payload = f.sign(f.claims()), f.claims()
    head, body, signature = good.split(".")
    other = ec.generate_private_key(ec.SECP256R1())
    es = {"alg": "ES256", "typ": "JWT", "kid": f.kid}
    # --- algorithms
    for none in ("none", "None", "NONE", "nOnE", ""):
        yield f"alg {none!r}", f"{b64({**es, 'alg': none})}.{body}."
        yield f"alg {none!r} with the signature", f"{b64({**es, 'alg': none})}.{body}.{signature}"
    for secret in (f.public_pem, json.dumps(f.public).encode(), f.kid.encode(), b""):
        signed = f"{b64({**es, 'alg': 'HS256'})}.{body}"
        mac = jwt.get_algorithm_by_name("HS256").sign(signed.encode(), secret)
        yield f"HS256 with what is public, {len(secret)} bytes", f"{signed}.{b64(mac)}"
    for algorithm in ("ES384", "RS256", "EdDSA", "PS256", "ES256K", "es256", "HS512"):
        yield f"header says {algorithm}", f.raw({**es, "alg": algorithm}, payload, signature)
    yield "RS256 by another key", f.sign(payload, key=rsa.generate_private_key(65537, 2048), algorithm="RS256")
    yield "EdDSA by another key", f.sign(payload, key=ed25519.Ed25519PrivateKey.generate(), algorithm="EdDSA")
    yield "alg is a list", f.raw({**es, "alg": ["ES256"]}, payload, signature)
    yield "alg is missing", f.raw({"typ": "JWT", "kid": f.kid}, payload, signature)
    # --- keys
    yield "another key under the app's kid", f.sign(payload, key=other)
    for kid in (
        "unknown",
        "",
        "../../etc/passwd",
        "' OR '1'='1",
        "file:///dev/null",
        "http://127.0.0.1/jwks",
        "\x00",
        f"{f.kid} ",
    ):
        yield f"kid {kid!r}", f.sign(payload, {"kid": kid}, key=other)
    for kid in (None, 7, [f.kid], {"kid": f.kid}):
        yield f"kid is {kid!r}", f.raw({**es, "kid": kid}, payload, signature)
    yield "no kid", f.raw({"alg": "ES256", "typ": "JWT"}, payload, signature)
    numbers = other.public_key().public_numbers()
    own = {"kty": "EC", "crv": "P-256", "x": b64(numbers.x.to_bytes(32, "big")), "y": b64(numbers.y.to_bytes(32, "big"))}
    for name, value in {
        "jwk": own,
        "jku": "http://127.0.0.1:9/keys",
        "x5u": "http://127.0.0.1:9/cert",
        "x5c": ["MIIB"],
        "crit": ["exp"],
        "b64": False,
        "cty": "JWT",
        "zip": "DEF",
    }.items():
        yield (
            f"{name} by another key",
            f.sign(payload, {name: value}, key=other) if name != "b64" else f.raw({**es, name: value}, payload),
        )
        if name not in ("b64", "crit"):
            yield f"{name} by the app's key", f.sign(payload, {name: value})
    yield "typ says another token", f.sign(payload, {"typ": "at+jwt"})
    # --- form
    yield "nothing", ""
    yield "a blank", " "
    yield "dots", ".."
    yield "two segments", f"{head}.{body}"
    yield "four segments", f"{good}.{signature}"
    yield "no signature", f"{head}.{body}."
    yield "an encrypted token", ".".join([b64({"alg": "dir", "enc": "A256GCM"}), "", b64("iv"), b64("text"), b64("tag")])
    yield "JSON serialisation", json.dumps({"protected": head, "payload": body, "signature": signature})
    yield "padding", f"{head}.{body}.{signature}=="
    yield "a foreign character", f"{head}.{body}.!{signature}"
    yield (
        "another spelling of the signature",
        f"{head}.{body}.{signature[:-1]}{'B' if signature[-1] == 'A' else chr(ord(signature[-1]) + 1)}",
    )
    yield "a changed signature", f"{head}.{body}.{b64(bytes(64))}"
    yield "a short signature", f"{head}.{body}.{b64(b'x')}"
    yield "swapped subject", f"{head}.{b64({**payload, 'sub': 'u-1001'})}.{signature}"
    yield "swapped assurance", f"{head}.{b64({**payload, 'assurance': 3})}.{signature}"
    yield "another proof's signature", f"{head}.{body}.{f.sign(f.claims(sub='u-1001')).split('.')[2]}"
    yield "a nested token", f.sign(good)
    yield "a list of claims", f.sign(json.dumps([payload]))
    yield "no JSON", f.sign(b"\xff\xfe")
    yield "deep JSON", f.sign("[" * 2000)
    yield "huge", f.sign(f.claims(name="x" * 40_000))
    yield "a little too long", f.sign(f.claims(name="x" * 3000))
    text = json.dumps(payload)
    yield "duplicate claims", f.spelled(json.dumps(es), text[:-1] + ', "sub": "u-1001"}')
    yield "duplicate header fields", f.spelled(json.dumps(es)[:-1] + f', "kid": "{f.kid}"}}', text)
    yield "an infinite exp", f.spelled(json.dumps(es), text.replace(str(payload["exp"]), "Infinity"))
    yield "exp that is no number", f.spelled(json.dumps(es), text.replace(str(payload["exp"]), "NaN"))
    yield "exp with 4000 digits", f.spelled(json.dumps(es), text.replace(str(payload["exp"]), "9" * 2500))
    # --- claims
    changes: dict[str, list[Any]] = {
        "aud": [
            ...,
            "other",
            "",
            None,
            ["other"],
            [AUDIENCE],
            [AUDIENCE, "other"],
            {"a": 1},
            f"{AUDIENCE} ",
            AUDIENCE.upper(),
            7,
        ],
        "exp": [..., None, f.now - 1, f.now, 0, -1, str(f.now + 600), True, [f.now + 600], 1e300, 10**12],
        "iat": [None, "now", f.now + 3600, True, -5, f.now - 86_401],
        "nbf": [f.now + 3600, "tomorrow", None, 1e300],
        "assurance": [..., None, 99, 4, -1, "2", "3", 2.0, 2.5, True, [2], {"level": 3}],
        "sub": [
            ...,
            None,
            "",
            " ",
            "\t",
            "u\x00",
            "u-1001\n",
            "\u200b",
            "\u202eu-1001",
            "u 1",
            "../u-1001",
            ".",
            "u/1",
            "x" * 101,
            7,
            ["u-1001"],
            "u\uff0d1001",
            "U" * 3000,
        ],
        "phone_last": [12345, "13800138000", "", "12a4", "１２３４"],
        "name": [7, ["x"], {}],
    }
    for claim, values in changes.items():
        for value in values:
            yield f"{claim} is {str(value)[:30]!r} ({type(value).__name__})", f.sign(f.claims(**{claim: value}))


async def count(desk: Desk, query: str) -> int:
    """A number from the database."""
    async with desk.services.store.read() as tx:
        return int(await tx.value(query))


async def test_no_forged_proof_counts_anywhere(desk: Desk, settings: Settings) -> None:
    """Somebody would read, ask and freeze in the name of another customer."""
    forger = Forger(settings, desk.clock())
    cases = list(forgeries(forger))
    assert len(cases) >= 60
    assert len({proof for _, proof in cases}) == len(cases)
    target, foreign = await desk.customer(), await signed_customer(desk, "u-1001")
    rows = (
        "SELECT (SELECT count(*) FROM conversations) + (SELECT count(*) FROM events) + (SELECT count(*) FROM customer_devices)"
    )
    before = await count(desk, rows)
    counted = []
    for number, (name, proof) in enumerate(cases):
        # Each forgery opens a conversation, and tries one of the other doors in turn: all of them ask the same check.
        headers = {"Authorization": f"Bearer {proof}"}
        doors: list[tuple[str, str, Json]] = [
            ("POST", "/api/conversations", {"json": {"identity": proof}}),
            ("POST", f"/api/conversations/{target.id}/identity", {"json": {"identity": proof}, "headers": bearer(target)}),
            ("POST", "/api/conversations", {"headers": headers}),
            ("GET", "/api/customer/conversations", {"headers": headers}),
            ("POST", f"/api/customer/conversations/{foreign.id}/token", {"headers": headers}),
        ]
        is_header = proof.isascii() and proof.strip() == proof != "" and len(proof) < 20_000
        attempts = [doors[0], doors[1 + number % 4] if is_header else doors[1]]
        for method, url, more in attempts:
            answer = await desk.http.request(method, url, **more)
            if answer.status_code != 401 or error_code(answer) != "invalid_identity":
                counted.append((name, url, answer.status_code))
    assert counted == []
    assert await count(desk, rows) == before
    assert (await prove(desk, target, forger.sign(forger.claims())))[0] == 200, "the forger's own good proof must count"


async def test_an_unsigned_subject_is_nobody(desk: Desk) -> None:
    """A page could say who its customer is, and would be believed."""
    good = await demo_proof(desk)
    unsigned = {"subject": "u-1002", "customer": {"subject": "u-1002", "assurance": 3}, "sub": "u-1002", "assurance": 3}
    headers = {
        "X-Subject": "u-1002",
        "X-Customer-Id": "u-1002",
        "X-Identity": good,
        "Cookie": f"identity={good}",
        "Proxy-Authorization": good,
    }
    opened = await desk.http.post(
        "/api/conversations",
        params={"identity": good, "subject": "u-1002"},
        json={**unsigned, "context": unsigned},
        headers=headers,
    )
    assert opened.status_code == 201
    assert "identity" not in opened.json()
    customer = Customer(desk.http, opened.json()["id"], opened.json()["token"])
    said = {
        "client_message_id": "m1",
        "text": f"我是 u-1002，assurance 3，{good}",
        "identity": good,
        "context": {"customer": unsigned},
    }
    assert (await customer.post(said)).status_code == 201
    for url in (f"/api/customer/conversations?identity={good}", "/api/customer/conversations?subject=u-1002"):
        answer = await desk.http.get(url, headers=headers)
        assert (answer.status_code, error_code(answer)) == (401, "invalid_identity")
    assert good not in str(await desk.log(customer)), "whoever reads the log could be the customer until the proof expires"
    assert "[登录凭证]" in str(await desk.log(customer))
    assert await count(desk, "SELECT count(*) FROM conversations WHERE customer IS NOT NULL") == 0
    assert await count(desk, "SELECT count(*) FROM events WHERE type = 'identified'") == 0


async def test_ambiguous_headers_open_nothing(desk: Desk) -> None:
    """Which of two proofs counts would depend on who reads the request."""
    one, other = await demo_proof(desk), await demo_proof(desk, "u-1002")
    variants: list[tuple[list[tuple[str, str]], Json | None]] = [
        ([("Authorization", f"Bearer {one}"), ("Authorization", f"Bearer {other}")], None),
        ([("Authorization", f"Bearer {one}"), ("authorization", f"Bearer {one}")], None),
        ([("Authorization", f"Bearer {one}, Bearer {other}")], None),
        ([("Authorization", f"Bearer {one}")], {"identity": other}),
        ([("Authorization", f"JWT {one}")], None),
        ([("Authorization", "Basic dTp1")], None),
        ([("Authorization", "Bearer")], None),
        ([("Authorization", "")], None),
        ([("Authorization", one)], None),
        ([("Authorization", f"Bearer {SERVICE_TOKEN}")], None),
    ]
    for headers, body in variants:
        answer = await desk.http.post("/api/conversations", headers=headers, json=body)
        assert (answer.status_code, error_code(answer)) == (401, "invalid_identity"), headers
    for wrong in (7, ["x"], {"a": 1}, True):
        answer = await desk.http.post("/api/conversations", json={"identity": wrong})
        assert answer.status_code == 422
    assert await count(desk, "SELECT count(*) FROM conversations") == 0


async def test_a_token_of_one_customer_gives_another_nothing(desk: Desk) -> None:
    """A proof or a token would be replayed to another customer's conversation."""
    mine, theirs = await signed_customer(desk, "u-1001"), await signed_customer(desk, "u-1002", 3)
    my_proof = await demo_proof(desk, "u-1001", 3)
    assert await prove(desk, theirs, my_proof) == (409, "identity_mismatch")
    assert await prove(desk, Customer(desk.http, theirs.id, mine.token), my_proof) == (401, "wrong_token")
    assert await prove(desk, Customer(desk.http, theirs.id, my_proof), my_proof) == (401, "wrong_token")
    swapped = Customer(desk.http, theirs.id, mine.token)
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/handoff"), ("POST", "/return-code")):
        answer = await swapped.call(method, path)
        assert (answer.status_code, error_code(answer)) == (401, "wrong_token")
    answer = await desk.http.get("/api/customer/conversations", headers={"Authorization": f"Bearer {my_proof}"})
    assert [entry["id"] for entry in answer.json()["conversations"]] == [mine.id]
    identity = (await desk.conversation(theirs)).care.identity
    assert identity is not None
    assert (identity.subject, identity.assurance) == ("u-1002", 3)


# --- keys ------------------------------------------------------------------------------------------------------------


class App:
    """A wallet's app with keys of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.keys: dict[str, tuple[str, Any]] = {}

    def make_key(self, kid: str, kind: str = "EC") -> Json:
        """A new key: its public JWK."""
        algorithm: Any
        if kind == "RSA":
            key: Any = rsa.generate_private_key(65537, 2048)
            algorithm = jwt.algorithms.RSAAlgorithm
        elif kind == "OKP":
            key = ed25519.Ed25519PrivateKey.generate()
            algorithm = jwt.algorithms.OKPAlgorithm
        else:
            key = ec.generate_private_key(ec.SECP256R1())
            algorithm = jwt.algorithms.ECAlgorithm
        self.keys[kid] = ({"EC": "ES256", "RSA": "RS256", "OKP": "EdDSA"}[kind], key)
        return {**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid}

    def proof(self, kid: str, **changes: Any) -> str:
        """A good proof by one of the keys."""
        algorithm, key = self.keys[kid]
        now = int(self._clock().timestamp())
        claims = {"sub": "c-1", "aud": AUDIENCE, "iat": now, "exp": now + 600, "assurance": 2, **changes}
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


def write_keys(path: Path, *keys: Json) -> None:
    """A key set in place of the earlier one, as operators write it."""
    written = path.with_suffix(".new")
    written.write_text(json.dumps({"keys": keys}), encoding="utf-8")
    written.replace(path)


async def test_keys_of_a_file_rotate_while_the_desk_runs(
    settings: Settings, new_database: str, desk: Desk, tmp_path: Path
) -> None:
    """A new key would need a restart, a withdrawn one would go on signing, or anybody could sign in outside of demo mode."""
    path, app = tmp_path / "jwks.json", App(desk.clock)
    first, second, third = app.make_key("1"), app.make_key("2", "RSA"), app.make_key("3", "OKP")
    write_keys(path, first)
    own = settings.model_copy(
        update={"demo": False, "identity_jwks": str(path), "identity_issuer": "app", "database_url": new_database}
    )
    async with run_desk(own, desk.bot, desk.clock) as real:

        async def opens(proof: str) -> bool:
            answer = await real.http.post("/api/conversations", headers={"Authorization": f"Bearer {proof}"})
            assert answer.status_code in (201, 401)
            return answer.status_code == 201

        answer = await real.http.get("/demo/identity")
        assert (answer.status_code, error_code(answer)) == (404, "not_found")
        assert not await opens(await demo_proof(desk))
        assert await opens(app.proof("1", iss="app"))
        assert not await opens(app.proof("1"))
        assert not await opens(app.proof("1", iss="other"))
        assert not await opens(app.proof("2", iss="app"))
        write_keys(path, first, second, third)
        assert [await opens(app.proof(kid, iss="app")) for kid in "123"] == [True, True, True]
        write_keys(path, second, third)
        assert [await opens(app.proof(kid, iss="app")) for kid in "123"] == [False, True, True]
        path.write_text('{"keys": [', encoding="utf-8")  # half a file: the last keys count
        assert [await opens(app.proof(kid, iss="app")) for kid in "123"] == [False, True, True]


async def test_without_readable_keys_a_proof_is_neither_right_nor_wrong(tmp_path: Path) -> None:
    """A customer with a good proof would read that it is wrong because the operator's file is away."""
    clock = Clock()
    app = App(clock)
    listed = app.make_key("1")
    proofs = Proofs(KeyFile(tmp_path / "jwks.json"), AUDIENCE, "", clock)
    with pytest.raises(Unavailable, match="identity_unavailable"):
        await proofs.check(app.proof("1"))
    write_keys(tmp_path / "jwks.json", listed)
    assert (await proofs.check(app.proof("1"))).subject == "c-1"
    with pytest.raises(NotAllowed):  # no keys are configured at all
        await Proofs(key_source("", None, clock), AUDIENCE, "", clock).check(app.proof("1"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"d": "AA"}, "private"),
        ({"kty": "oct", "k": "c2VjcmV0"}, "private or symmetric"),
        ({"x": "AA"}, "damaged"),
        ({"use": "enc"}, "no key"),
        ({"key_ops": ["sign"]}, "no key"),
        ({"alg": "ES384"}, "no key"),
        ({"crv": "P-384"}, "no key"),
        ({"kid": ""}, "no key"),
        ({"kid": 7}, "no key"),
    ],
)
def test_a_key_set_that_operators_must_fix_is_refused_by_name(change: Json, why: str) -> None:
    """The desk would accept proofs by a key that is public, weak, or for something else."""
    good = App(Clock()).make_key("1")
    assert read_key_set(json.dumps({"keys": [good]}).encode()).keys() == {"1"}
    with pytest.raises(KeySetError, match=why):
        read_key_set(json.dumps({"keys": [{**good, **change}]}).encode())
    with pytest.raises(KeySetError, match="kid"):
        read_key_set(json.dumps({"keys": [good, good]}).encode())
    for broken in (b"", b"[]", b"{}", b'{"keys": 7}', b'{"keys": [7]}', b"[" * 100_000, b"x" * 300_000, b"\xff"):
        with pytest.raises(KeySetError):
            read_key_set(broken)


async def test_strangers_cannot_make_the_desk_flood_the_address_of_the_keys() -> None:
    """Each forged proof would cost the wallet's server a request, or a slow server would hold every customer up."""
    clock = Clock()
    app, asked, answer = App(clock), 0, [web.json_response]
    listed = [app.make_key("1")]
    status = 200

    async def keys(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        if status == 302:
            raise web.HTTPFound("/elsewhere")
        return answer[0]({"keys": listed}, status=status)

    server = web.Application()
    server.router.add_get("/jwks", keys)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as http, contextlib.AsyncExitStack() as stack:
            stack.enter_context(clock.stopped())  # a slow machine must not make the keys old
            source = KeyAddress(f"http://127.0.0.1:{runner.addresses[0][1]}/jwks", http, clock)
            proofs = Proofs(source, AUDIENCE, "", clock)
            app.make_key("2")

            async def check(kid: str) -> str:
                try:
                    return (await proofs.check(app.proof(kid))).key_id
                except (NotAllowed, Unavailable) as error:
                    return error.code

            assert await asyncio.gather(*(check("1") for _ in range(50))) == ["1"] * 50
            assert asked == 1
            assert set(await asyncio.gather(*(check("2") for _ in range(200)))) == {"invalid_identity"}
            assert asked == 1, "the keys were read a moment ago"
            clock.pass_time(seconds=31)
            assert set(await asyncio.gather(*(check("2") for _ in range(200)))) == {"invalid_identity"}
            assert asked == 2
            listed.append(app.make_key("2"))
            clock.pass_time(seconds=31)
            assert await check("2") == "2"
            for bad in (500, 302, 404):
                status = bad
                clock.pass_time(seconds=31)
                assert [await check(kid) for kid in ("1", "2", "1")] == ["1", "2", "1"]
                app.make_key("3")
                assert [await check("3") for _ in range(20)] == ["invalid_identity"] * 20
            assert asked == 6
            clock.pass_time(hours=25)
            assert await check("1") == "identity_unavailable", "keys that nobody could confirm for a day"
            status = 200
            clock.pass_time(seconds=31)
            assert await check("1") == "1"
    finally:
        await runner.cleanup()
