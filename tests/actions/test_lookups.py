"""Look-ups in answers: whose facts, with which words, and what happens when the wallet does not answer as it should."""

from __future__ import annotations

import asyncio
import datetime as dt
import http.server
import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import pytest

from actions.decision import Message
from actions.lookups import look_up, question_for
from actions.triage import decide_turn, finish, triage
from actions.wallet import WalletClient
from content.bundle import Content
from content.compiler import compile_content
from content.sources import ContentError
from contract.decision import Decision
from contract.lookup import Lookup
from contract.turn import Context, SignedIn

DAY = dt.date(2026, 11, 30)
NOW = dt.datetime(2026, 11, 30, 6, 30, tzinfo=dt.timezone.utc)  # 14:30 in China
LIMITS = {"risk": 0.3, "out_of_scope": 0.9, "harmless": 0.9, "understood": 0.6, "tentative": 0.4}
HAN, LI = "韩梅梅", "李雷"


def transfer(id_: str, amount: str, name: str, at: str, status: str = "with_bank", **fields: Any) -> Dict[str, Any]:
    """A transfer as the wallet tells it."""
    usual = {"kind": "transfer", "direction": "out", "currency": "CNY", "authentication": "password", "expected_at": None}
    return {"id": id_, "amount": amount, "counterparty": name, "status": status, "at": at, **usual, **fields}


TWO_UNDER_WAY = [
    transfer("t1", "500.00", LI, "2026-11-30T06:02:00Z", expected_at="2026-11-30T08:02:00Z"),
    transfer("t2", "1280.00", HAN, "2026-11-29T03:00:00Z", "processing", expected_at="2026-12-01T03:00:00Z"),
]


class FakeWallet:
    """A wallet on this machine. `answer` makes the body of a path's last part; `raw` replaces everything."""

    def __init__(self) -> None:
        self.paths: List[str] = []
        self.transactions: List[Dict[str, Any]] = list(TWO_UNDER_WAY)
        self.raw: Optional[Callable[[http.server.BaseHTTPRequestHandler], None]] = None

    def body(self, path: str) -> Any:
        """What is answered to a path."""
        subject, last = path.split("/")[3], path.split("/")[-1].split("?")[0]
        bodies: Dict[str, Any] = {
            "transactions": {"transactions": self.transactions},
            "refunds": {
                "refunds": [
                    {
                        "id": "r1",
                        "transaction": "t9",
                        "amount": "89.90",
                        "currency": "CNY",
                        "merchant": "优品百货",
                        "status": "with_bank",
                        "at": "2026-11-29T02:00:00Z",
                        "expected_at": "2026-12-02T02:00:00Z",
                        "to": "card",
                    }
                ]
            },
            "coupons": {
                "coupons": [
                    {
                        "id": "c1",
                        "title": "满100减10",
                        "amount": "10.00",
                        "currency": "CNY",
                        "state": "usable",
                        "expires_at": "2026-12-12T00:00:00Z",
                        "least": "100.00",
                    }
                ],
                "points": {"balance": 1860, "expiring": 300, "expires_at": "2026-12-30T00:00:00Z"},
            },
            "limits": {
                "currency": "CNY",
                "single": "20000.00",
                "daily": "50000.00",
                "daily_used": "1780.00",
                "monthly": None,
                "monthly_used": None,
            },
            "account": {
                "standing": "frozen",
                "since": "2026-11-29T01:00:00Z",
                "name": "高洁",
                "phone_last": "1357",
                "password_free": False,
                "devices": 1,
                "cards": [],
            },
        }
        return {"subject": subject, **bodies[last]}


@pytest.fixture(scope="module")
def server() -> Iterator[Tuple[str, FakeWallet]]:
    """The address of the wallet, and what it answers."""
    fake = FakeWallet()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.paths.append(self.path)
            if fake.raw is not None:
                return fake.raw(self)
            body = json.dumps(fake.body(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return None

        def log_message(self, *args: Any) -> None:
            pass

    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving.daemon_threads = True
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_address[1]}", fake
    serving.shutdown()


@pytest.fixture
def wallet(server: Tuple[str, FakeWallet]) -> FakeWallet:
    """The wallet as it was at first."""
    fake = server[1]
    fake.paths, fake.transactions, fake.raw = [], list(TWO_UNDER_WAY), None
    return fake


@pytest.fixture
def client(server: Tuple[str, FakeWallet]) -> WalletClient:
    """A client of it."""
    return WalletClient(server[0], "key")


def asked(text: str, intent: str = "transfer_delay", choice: Optional[str] = None, **values: Any) -> Message:
    """A message that the model understood."""
    return Message(text, [(intent, 0.99)], values.get("entities", []), LIMITS, choice)


def signed_in(assurance: int = 2, **values: Any) -> Context:
    """The context of a signed-in customer."""
    return Context(customer=SignedIn("u-1001", assurance), **values)


def answer(
    client: WalletClient, content: Content, message: Message, context: Context
) -> Tuple[List[Dict[str, Any]], Dict[str, Any]]:
    """A turn as the action takes it."""
    decided, context = decide_turn(message, context, content, DAY)
    question = question_for(decided, message, context, content, DAY)
    found = asyncio.run(look_up(client, question, NOW)) if question else None
    return finish(decided, context, content, "wallet-1", DAY, found)


def test_the_own_transaction(client: WalletClient, wallet: FakeWallet, content: Content) -> None:
    """The customer would read about transfers in general instead of their own."""
    entities = [{"entity": "amount", "value": {"number": 500, "currency": "CNY"}, "start": 6, "end": 9}]
    messages, decision = answer(client, content, asked("转给李雷的500到了吗", entities=entities), signed_in())
    text = messages[0]["text"]
    assert text.startswith("您今天 14:02 转给李*的 ¥500.00 已经提交给银行，预计今天 16:02 到账")
    assert "先看「账单」" in text
    assert LI not in json.dumps([messages, decision], ensure_ascii=False)
    assert decision["lookup"]["facts"]["transaction"]["id"] == "t1"
    assert (decision["lookup"]["subject"], decision["lookup"]["assurance"]) == ("u-1001", 2)
    assert decision["trace"][-1] == {"rule": "lookup", "fired": True, "detail": "transaction_status: found, 2 ≥ 1"}
    assert Decision.from_json(json.loads(json.dumps(decision))).lookup == Lookup.from_json(decision["lookup"])


def test_in_english(client: WalletClient, wallet: FakeWallet, content: Content) -> None:
    """An English customer would read Chinese facts."""
    messages, _ = answer(client, content, asked("has my transfer to li lei arrived"), signed_in(locale="en"))
    assert [button["choice"] for button in messages[0]["buttons"]][:2] == ["transaction:t1", "transaction:t2"]
    chosen = signed_in(locale="en", asked="transaction", last_route="answer", topic="transfer_delay", transactions=("t1", "t2"))
    messages, _ = answer(client, content, asked("x", choice="transaction:t2"), chosen)
    assert messages[0]["text"].startswith(
        "Your transfer of ¥1,280.00 to 韩* (yesterday at 11:00) is being processed and expected tomorrow at 11:00."
    )


def test_which_one(client: WalletClient, wallet: FakeWallet, content: Content) -> None:
    """With two transfers under way, the customer would read about the wrong one."""
    wallet.transactions = [*TWO_UNDER_WAY, *(transfer(f"o{i}", "1.00", "王芳", "2026-11-20T03:00:00Z") for i in range(9))]
    messages, decision = answer(client, content, asked("我的转账到了吗"), signed_in())
    assert (decision["route"], decision["asks"], decision["article"]) == ("answer", "transaction", None)
    choices = [button["choice"] for button in messages[0]["buttons"]]
    assert choices == [
        "transaction:t1",
        "transaction:t2",
        "transaction:o0",
        "transaction:o1",
        "transaction:o2",
        "unsolved",
        "human",
    ]
    assert messages[0]["buttons"][0]["label"] == "您今天 14:02 转给李*的 ¥500.00"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("第二个", "t2"),
        ("2", "t2"),
        ("最后一个", "t2"),
        ("1280的那笔", "t2"),
        ("李雷那笔", "t1"),
        ("给韩梅梅的", "t2"),
        ("500", "t1"),
    ],
)
def test_a_typed_reply(client: WalletClient, wallet: FakeWallet, content: Content, text: str, found: str) -> None:
    """A customer who types instead of pressing a button would get the steps of an article."""
    number = {"500": 500, "1280的那笔": 1280}.get(text)
    entities = [{"entity": "amount", "value": {"number": number, "currency": "CNY"}, "start": 0, "end": 3}] if number else []
    message = replace(asked(text, entities=entities), ranking=[("transfer_delay", 0.3), ("transfer_howto", 0.2)])
    context = signed_in(asked="transaction", last_route="answer", topic="transfer_delay", transactions=("t1", "t2"))
    _, decision = answer(client, content, message, context)
    assert decision["rule"] == "context.transaction"
    assert decision["lookup"]["facts"]["transaction"]["id"] == found


@pytest.mark.parametrize(
    ("text", "rule", "route"), [("没解决", "context.reply", "escalate"), ("转人工", "floor.human", "escalate")]
)
def test_a_reply_that_names_none(
    client: WalletClient, wallet: FakeWallet, content: Content, text: str, rule: str, route: str
) -> None:
    """A customer who wants a person would be asked about transactions again."""
    context = signed_in(asked="transaction", last_route="answer", topic="transfer_delay", transactions=("t1", "t2"))
    _, decision = answer(client, content, asked(text, "unresolved"), context)
    assert (decision["rule"], decision["route"], decision["lookup"]) == (rule, route, None)


def test_an_emergency_in_a_reply(client: WalletClient, wallet: FakeWallet, content: Content) -> None:
    """An emergency in the reply to "which one?" would be read as the name of a transaction."""
    message = replace(asked("给骗子的那笔"), ranking=[("scam_report", 0.9), ("transfer_delay", 0.1)])
    context = signed_in(asked="transaction", last_route="answer", topic="transfer_delay", transactions=("t1", "t2"))
    assert answer(client, content, message, context)[1]["route"] == "escalate"


def test_a_transaction_of_somebody_else(client: WalletClient, wallet: FakeWallet, content: Content) -> None:
    """An id from elsewhere would show another customer's transaction."""
    context = signed_in(asked="transaction", last_route="answer", topic="transfer_delay", transactions=("t1", "x9"))
    messages, decision = answer(client, content, asked("x", choice="transaction:x9"), context)
    assert (decision["lookup"]["state"], decision["lookup"]["facts"]) == ("none", {})
    assert "没有找到相关的交易" in messages[0]["text"]
    assert all("/u-1001/" in path for path in wallet.paths)


@pytest.mark.parametrize("text", ["我是u-1001，转账到了吗", "客户号 u-1001 的转账到账没", "subject=u-1001 transfer arrived?"])
def test_nobody_signed_in(client: WalletClient, wallet: FakeWallet, content: Content, text: str) -> None:
    """A claim in a text would be enough to read somebody's transactions."""
    messages, decision = answer(client, content, asked(text), Context())
    assert (wallet.paths, decision["lookup"]) == ([], None)
    assert "登录" in messages[0]["text"] or "Sign in" in messages[0]["text"]


def test_a_claim_of_a_signed_in_customer(client: WalletClient, wallet: FakeWallet, content: Content) -> None:
    """A signed-in customer would read another customer's transactions by naming them."""
    answer(client, content, asked("我是u-1002，我的转账到了吗"), signed_in())
    assert wallet.paths
    assert all("/u-1001/" in path for path in wallet.paths)


def test_too_little_assurance(client: WalletClient, wallet: FakeWallet, content: Content) -> None:
    """The wallet would be asked for somebody who holds the customer's phone, or the customer would not learn how to go on."""
    messages, decision = answer(client, content, asked("转账到了吗"), signed_in(assurance=0))
    assert (wallet.paths, decision["lookup"]["state"], decision["trace"][-1]["fired"]) == ([], "refused", False)
    assert "在钱包 App 里登录后" in messages[0]["text"]
    assert "先看「账单」" in messages[0]["text"]


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        ("refund_status", "优品百货昨天 10:00 退给您的 ¥89.90 正在由银行处理，预计12月2日 10:00 到账。"),
        ("coupon_howto", "您现在有 1 张可用的优惠券：\n\n- 满100减10，有效期到2026年12月12日"),
        ("points_howto", "您现在有 1,860 积分。其中 300 积分将在2026年12月30日到期。"),
        ("payment_limit", "您单笔最多可付 ¥20,000.00，每天最多 ¥50,000.00；今天已用 ¥1,780.00，还可以付 ¥48,220.00。"),
        ("payment_failed", "您的账户从昨天 09:00 起处于冻结状态"),
    ],
)
def test_other_look_ups(client: WalletClient, wallet: FakeWallet, content: Content, intent: str, words: str) -> None:
    """A look-up of an article would give no words, or wrong ones."""
    messages, decision = answer(client, content, asked("怎么样了", intent), signed_in())
    assert messages[0]["text"].startswith(words)
    assert decision["lookup"]["state"] == "found"


def test_facts_with_a_handoff(client: WalletClient, wallet: FakeWallet, content: Content) -> None:
    """The agent would have to look up first why the account is frozen."""
    messages, decision = answer(client, content, asked("账户被冻结了", "account_restricted"), signed_in())
    assert (messages, decision["route"]) == ([], "escalate")
    assert decision["lookup"]["facts"] == {"standing": "frozen", "since": "2026-11-29T01:00:00Z"}


@pytest.mark.parametrize("status", ["queued", "assigned"])
def test_not_while_a_person_has_it(client: WalletClient, wallet: FakeWallet, content: Content, status: str) -> None:
    """The wallet would be asked for an answer that nobody reads."""
    assert answer(client, content, asked("转账到了吗"), signed_in(status=status))[1]["lookup"] is None
    assert wallet.paths == []


@pytest.mark.parametrize(
    ("security", "customer", "rule"),
    [(0.5, True, "stated_question"), (0.9, True, "risk"), (0.5, False, "risk")],
)
def test_a_question_of_known_words(content: Content, security: float, customer: bool, rule: str) -> None:
    """A simple question would go to a person, or a danger that the model sees would not."""
    ranking = [("unauthorized_transaction", security), ("transfer_delay", 1 - security)]
    message = replace(asked("昨天转给李雷的500到账了吗"), ranking=ranking)
    decided, _ = decide_turn(message, signed_in() if customer else Context(), content, DAY)
    assert decided.rule == rule


def test_a_late_transfer(client: WalletClient, wallet: FakeWallet, content: Content) -> None:
    """A time that is over would be promised."""
    wallet.transactions = [transfer("t1", "500.00", LI, "2026-11-29T06:02:00Z", expected_at="2026-11-29T08:02:00Z")]
    text = answer(client, content, asked("转账到了吗"), signed_in())[0][0]["text"]
    assert "原本预计昨天 16:02 到账，已经超时了" in text


# --- a wallet that does not answer as it should -------------------------------------------------------------------------


def _raw(body: bytes, status: int = 200, **headers: str) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answers(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answers


def _never(handler: http.server.BaseHTTPRequestHandler) -> None:
    time.sleep(20)


def _drip(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(80):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def _cut(handler: http.server.BaseHTTPRequestHandler) -> None:
    _raw(b'{"subject"', **{"Content-Length": "500"})(handler)
    handler.close_connection = True


def _wrong(change: Callable[[Dict[str, Any]], None], subject: str = "u-1001") -> Callable[..., None]:
    """A body with one thing wrong."""
    body: Dict[str, Any] = {"subject": subject, "transactions": [dict(each) for each in TWO_UNDER_WAY]}
    change(body["transactions"][0])
    return _raw(json.dumps(body).encode())


BAD_ANSWERS = {
    "not JSON": _raw(b"<html>"),
    "an array": _raw(b"[]"),
    "empty": _raw(b""),
    "NaN": _raw(b'{"subject": "u-1001", "transactions": NaN}'),
    "deep": _raw(b"[" * 200_000),
    "10 MB": _raw(b" " * 10_000_000),
    "500": _raw(b"{}", 500),
    "503": _raw(b"{}", 503),
    "404": _raw(b"{}", 404),
    "418": _raw(b"{}", 418),
    "a redirect": _raw(b"", 307, Location="http://127.0.0.1:1/"),
    "cut off": _cut,
    "never": _never,
    "a byte now and then": _drip,
    "another customer": _wrong(lambda each: None, "u-1002"),
    "an amount of another type": _wrong(lambda each: each.update(amount=500)),
    "a negative amount": _wrong(lambda each: each.update(amount="-5.00")),
    "no status": _wrong(lambda each: each.pop("status")),
    "a status of no word": _wrong(lambda each: each.update(status="perhaps")),
    "a name with a line break": _wrong(lambda each: each.update(counterparty="李\n雷")),
    "a time without a zone": _wrong(lambda each: each.update(at="2026-11-30T06:02:00")),
    "a day that does not exist": _wrong(lambda each: each.update(at="2026-02-30T06:02:00Z")),
    "an id with a slash": _wrong(lambda each: each.update(id="../u-1002")),
    "two of one id": _wrong(lambda each: each.update(id="t2")),
}


@pytest.mark.parametrize("name", BAD_ANSWERS)
def test_a_bad_answer(client: WalletClient, wallet: FakeWallet, content: Content, name: str) -> None:
    """The turn would fail or be late, or the customer would read nonsense as their own facts."""
    wallet.raw = BAD_ANSWERS[name]
    started = time.monotonic()
    messages, decision = answer(client, content, asked("转账到了吗"), signed_in())
    assert time.monotonic() - started < 7
    assert (decision["lookup"]["state"], decision["lookup"]["facts"]) == ("away", {})
    assert decision["lookup"]["why"]
    assert messages[0]["text"].startswith("现在暂时查不到")
    assert "先看「账单」" in messages[0]["text"]
    Decision.from_json(json.loads(json.dumps(decision)))


def test_nobody_listens(content: Content) -> None:
    """A wallet that is away would break the turn."""
    client = WalletClient("http://127.0.0.1:9", "key")
    for _ in range(7):
        _, decision = answer(client, content, asked("转账到了吗"), signed_in())
    assert (decision["lookup"]["state"], decision["lookup"]["why"]) == ("away", "circuit_open")


def test_a_value_with_braces(client: WalletClient, wallet: FakeWallet, content: Content) -> None:
    """A name in the wallet could fill in other texts, or break the answer."""
    wallet.transactions = [
        transfer("t1", "5.00", "{amount} {{ x }}", "2026-11-30T06:02:00Z", counterparty_kind="merchant", kind="payment")
    ]
    text = answer(client, content, asked("付款商家没收到", "merchant_not_received"), signed_in())[0][0]["text"]
    assert "付给{amount} {{ x }}的 ¥5.00" in text


# --- replay ---------------------------------------------------------------------------------------------------------------


def test_a_replay_asks_nobody(client: WalletClient, wallet: FakeWallet, content: Content) -> None:
    """A replay would differ from the log as soon as the transfer has arrived."""
    for message, context in (
        (asked("转账到了吗"), signed_in()),
        (asked("转给李雷的到了吗"), signed_in()),
        (asked("转账到了吗"), signed_in(0)),
    ):
        messages, decision = answer(client, content, message, context)
        wallet.transactions, wallet.paths = [], []
        logged = Lookup.from_json(json.loads(json.dumps(decision["lookup"])))
        assert triage(message, context, content, "wallet-1", DAY, logged) == (messages, decision)
        assert wallet.paths == []
        wallet.transactions = list(TWO_UNDER_WAY)


def test_a_look_up_that_nobody_asks_for(content: Content) -> None:
    """A shadow that decides otherwise would carry facts of another decision."""
    logged = Lookup("transaction_status", "none", "u-1001", 2, 1, "2026-11-30T06:30:00Z")
    assert triage(asked("手续费多少", "fees"), signed_in(), content, "wallet-1", DAY, logged)[1]["lookup"] is None


# --- the editors' file ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "words"),
    [
        ("articles/transfer_delay.zh.md", "lookup: transaction_status", "lookup: horoscope", 12, "no look-up `horoscope`"),
        ("articles/transfer_delay.zh.md", "lookup: transaction_status", "lookup: refund_status", 12, "give both the same"),
        ("lookups.yml", "  points:\n", "  horoscope:\n", None, "there is no look-up `horoscope`"),
        ("lookups.yml", "{balance} 积分", "{balanse} 积分", None, "unknown placeholder {balanse}"),
        ("lookups.yml", "      away: 现在", "      gone: 现在", None, "there is no text `gone`"),
        ("lookups.yml", "zone: Asia/Shanghai", "zone: Mars/Olympus", 3, "no time zone"),
        ("lookups.yml", "assurance: 1", "assurance: 7", None, "from 0 to 3"),
        (
            "lookups.yml",
            "account_restricted: account_standing",
            "fees: account_standing",
            None,
            "no intent with the route escalate",
        ),
        ("lookups.yml", "[transfer, top_up, withdrawal]", "[transfer, teleport]", None, "no kind `teleport`"),
        ("lookups.yml", "您现在有 {balance} 积分", "您现在有 {{ nothing }} 积分", None, "nothing"),
    ],
)
def test_a_wrong_file(edit: Any, data: Path, file: str, old: str, new: str, line: Optional[int], words: str) -> None:
    """A mistake of an editor would be found by a customer."""
    edit(file, old, new)
    with pytest.raises(ContentError) as found:
        compile_content(data)
    assert words in str(found.value)
    assert Path(found.value.path).name == Path(file).name
    assert line in (None, found.value.line)
