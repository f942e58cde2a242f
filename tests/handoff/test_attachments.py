"""Pictures of customers: what comes is hostile until it was drawn anew, and nobody sees what they may not read."""

from __future__ import annotations

import asyncio
import hashlib
import io
from pathlib import Path

import httpx
import pytest
from PIL import Image

from handoff.cases.attachments import pictures
from handoff.conversations.evolve import fold
from handoff.conversations.store import events_after
from tests.handoff import hostile_pictures as hostile
from tests.handoff.conftest import Database
from tests.handoff.hostile_pictures import HOSTILE, SECRET, STORED, Hostile
from tests.handoff.people import Customer, error_code, of_type, texts
from tests.handoff.running_desk import Desk

#: What stands in files beside the pixels.
TRACES = (SECRET, b"<script", b"%PDF", b"PK\x03\x04", b"Exif", b"ICC_PROFILE", b"iCCP", b"tEXt", b"zTXt", b"iTXt", b"eXIf")


async def send(
    customer: Customer, body: bytes, name: str = "a.png", declared: str = "image/png", **fields: str
) -> httpx.Response:
    """Send one picture."""
    return await customer.http.post(
        f"/api/conversations/{customer.id}/attachments",
        headers=customer.headers,
        files={"file": (name, body, declared)},
        data=fields,
    )


async def get_own(customer: Customer, attachment_id: str) -> httpx.Response:
    """The customer's own picture."""
    return await customer.http.get(f"/api/conversations/{customer.id}/attachments/{attachment_id}", headers=customer.headers)


def check_is_served_safely(answer: httpx.Response) -> None:
    """No browser opens the answer as a page of the desk."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] in ("image/png", "image/jpeg")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith('attachment; filename="picture-')
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize("file", HOSTILE, ids=lambda file: file.id)
async def test_hostile_files_are_refused_or_drawn_anew(desk: Desk, database: Database, file: Hostile) -> None:
    """A file of a customer would be stored as it came, would be served as a page, or would take the desk down."""
    customer, body = await desk.customer(), file.body()
    answer = await send(customer, body, file.name, file.declared)
    if file.outcome != STORED:
        assert error_code(answer) == file.outcome
        assert answer.status_code in (413, 415, 422)
        assert await desk.log(customer) == []
        assert database.connection.execute("SELECT count(*) FROM attachments").fetchone() == (0,)
        return
    assert answer.status_code == 201, answer.text
    (event,) = of_type(await desk.log(customer), "attached")
    shown = await get_own(customer, answer.json()["attachment_id"])
    check_is_served_safely(shown)
    assert (event["sha256"], event["bytes"]) == (hashlib.sha256(shown.content).hexdigest(), len(shown.content))
    assert (event["original_sha256"], event["original_bytes"]) == (hashlib.sha256(body).hexdigest(), len(body))
    for trace in (
        SECRET,
        b"<script",
        b"%PDF",
        b"PK\x03\x04",
        b"Exif",
        b"ICC_PROFILE",
        b"iCCP",
        b"tEXt",
        b"zTXt",
        b"iTXt",
        b"eXIf",
    ):
        assert trace not in shown.content
    with Image.open(io.BytesIO(shown.content)) as again:
        again.load()
        assert again.mode in ("RGB", "L")
        assert again.size == (event["width"], event["height"])
        assert not again.getexif()


def test_there_are_forty_hostile_files() -> None:
    """Fewer kinds of attacks would be tried than promised."""
    assert len({file.id for file in HOSTILE}) == len(HOSTILE) >= 40


async def test_uploads_that_are_no_form_with_one_file(desk: Desk) -> None:
    """A broken or malicious form would crash the desk, or be answered with words that help nobody."""
    for about, body, declared, outcome in hostile.uploads_that_are_no_form():
        customer = await desk.customer()
        headers = {**customer.headers, "Content-Type": declared, "Accept-Language": "en"}
        answer = await customer.http.post(f"/api/conversations/{customer.id}/attachments", headers=headers, content=body)
        assert (STORED if answer.status_code == 201 else error_code(answer)) == outcome, about


@pytest.mark.parametrize(("orientation", "size"), [(1, (60, 40)), (3, (60, 40)), (6, (40, 60)), (8, (40, 60))])
async def test_pictures_are_turned_upright(desk: Desk, orientation: int, size: tuple[int, int]) -> None:
    """The metadata that says how the camera was held is removed, so agents would see the picture lying on its side."""
    customer = await desk.customer()
    assert (await send(customer, hostile.turned(orientation))).status_code == 201
    (event,) = of_type(await desk.log(customer), "attached")
    assert (event["width"], event["height"]) == size


async def test_a_file_that_is_too_large_is_not_read_to_its_end(desk: Desk) -> None:
    """One customer would fill the desk's memory or disk; and the larger body would be allowed elsewhere, too."""
    customer = await desk.customer()
    answer = await send(customer, hostile.picture() + bytes(11 * 1024 * 1024))
    assert (answer.status_code, error_code(answer)) == (413, "file_too_large")
    huge = {"client_message_id": "m1", "text": "x" * 70_000}
    other = await customer.http.post(f"/api/conversations/{customer.id}/messages", headers=customer.headers, json=huge)
    assert (other.status_code, error_code(other)) == (413, "too_large")
    assert await desk.log(customer) == []


async def test_who_may_see_a_picture(desk: Desk) -> None:
    """A picture would be public, another customer's, or open to agents without a reason in the log."""
    customer, stranger = await desk.waiting_customer(), await desk.customer()
    picture_id = (await send(customer, hostile.picture())).json()["attachment_id"]
    own = f"/api/conversations/{customer.id}/attachments/{picture_id}"
    assert (await desk.http.get(own)).status_code == 401
    assert (await desk.http.get(own, headers=stranger.headers)).status_code == 401
    assert error_code(await get_own(stranger, picture_id)) == "unknown_attachment"
    assert (await desk.http.get(f"/api/attachments/{picture_id}")).status_code == 401
    agent, colleague, editor = await desk.agent(), await desk.agent("agent2"), await desk.agent("editor")
    waiting = await agent.call("GET", f"/attachments/{picture_id}")
    check_is_served_safely(waiting)
    await agent.claim(customer)
    assert error_code(await colleague.call("GET", f"/attachments/{picture_id}")) == "reason_needed"
    assert (await editor.call("GET", f"/attachments/{picture_id}")).status_code == 403
    await colleague.act(customer, "access", {"reason": "复核"})
    assert (await colleague.call("GET", f"/attachments/{picture_id}")).content == waiting.content
    assert error_code(await agent.call("GET", "/attachments/no-such-picture%00")) == "unknown_attachment"


async def test_five_pictures_an_hour(desk: Desk) -> None:
    """One conversation would fill the database; or the limit would never end, or be passed by two requests at once."""
    customer, body = await desk.customer(), hostile.picture(size=(8, 8))
    answers = await asyncio.gather(*(send(customer, body) for _ in range(7)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [429] * 2
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert error_code(refused) == "too_many_pictures"
    assert 3500 < int(refused.headers["retry-after"]) <= 3600
    desk.clock.pass_time(hours=1)
    assert (await send(customer, body)).status_code == 201


async def test_the_same_picture_again_is_one_picture(desk: Desk) -> None:
    """A page that sends again after a lost answer, or twice at once, would use up the limit and show the picture twice."""
    customer, body = await desk.customer(), hostile.picture()
    answers = await asyncio.gather(*(send(customer, body, client_attachment_id="one") for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert len({answer.json()["attachment_id"] for answer in answers}) == 1
    assert len(of_type(await desk.log(customer), "attached")) == 1
    assert error_code(await send(customer, body, client_attachment_id="a b")) == "bad_request"


@pytest.mark.parametrize(
    "program",
    ["import time; time.sleep(1000)", "import os; os.abort()", "bytearray(1 << 40)", "print('<script>')", "print('{}')"],
)
async def test_a_picture_process_that_fails_takes_nothing_with_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str
) -> None:
    """A decoder that hangs, dies or answers nonsense would block other pictures, or its answer would be stored."""
    path = tmp_path / "program.py"
    path.write_text(program, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "_PROGRAM", path)
        patch.setattr(pictures, "_SECONDS", 1.0)
        customer = await desk.customer()
        assert error_code(await send(customer, hostile.picture())) == "picture_broken"
    assert (await send(customer, hostile.picture())).status_code == 201


async def test_the_picture_process_has_limits_and_no_environment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A decoder that was taken over would read the desk's secrets, write files or use up the memory."""
    program = pictures._PROGRAM.read_text(encoding="utf-8").split('if __name__ == "__main__":')[0]
    program += (
        'limits = json.loads(sys.argv[1]); limit_this_process(limits["cpu_seconds"], limits["memory_bytes"])\n'
        "import os\nsecrets = [name for name in os.environ if name not in ('LC_CTYPE',)]\n"
        "try:\n    bytearray(2 << 30); failed = ['memory']\nexcept MemoryError:\n    failed = []\n"
        f"try:\n    os.write(os.open({f'{tmp_path}/written'!r}, os.O_CREAT | os.O_WRONLY), b'x')\n"
        "    failed.append('file')\nexcept OSError:\n    pass\n"
        "print(json.dumps({'refused': 'heic' if not secrets and not failed else 'type'}))\n"
    )
    path = tmp_path / "program.py"
    path.write_text(program, encoding="utf-8")
    monkeypatch.setattr(pictures, "_PROGRAM", path)
    assert error_code(await send(await desk.customer(), hostile.picture())) == "picture_heic"


async def test_what_customers_read_after_a_picture(desk: Desk) -> None:
    """A customer would believe that the bot has looked at the picture; or read the same words after each of three."""
    customer = await desk.customer()
    for _ in range(2):
        await send(customer, hostile.picture(size=(8, 8)))
    said = texts(await customer.events(), "system")
    assert said == [desk.services.policy.text("picture_with_bot", "zh")]
    waiting = await desk.waiting_customer()
    await send(waiting, hostile.picture(size=(8, 8)))
    assert texts(await waiting.events(), "system")[-1] == desk.services.policy.text("picture_waiting", "zh")


async def test_a_picture_is_a_customers_word(desk: Desk) -> None:
    """A picture that answers an agent's question would not count as an answer; one after the end would open no episode."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await agent.claim(customer)
    await agent.write(customer, "请发一张截图")
    assert (await desk.conversation(customer)).unanswered is None
    await send(customer, hostile.picture(size=(8, 8)))
    assert (await desk.conversation(customer)).unanswered is not None
    await agent.write(customer, "收到")
    await agent.let_go(customer, "resolve")
    await send(customer, hostile.picture(size=(8, 8)))
    assert (await desk.conversation(customer)).episode == 2
    async with desk.services.store.read() as tx:
        conversation = await desk.conversation(customer)
        assert fold(conversation.birth, await events_after(tx, customer.id, 0)) == conversation
    assert [each.episode for each in conversation.care.attachments] == [1, 2]


async def test_no_picture_ends_with_the_case_unseen(desk: Desk) -> None:
    """A picture that comes while the agent resolves would never be looked at."""
    customer, agent = await desk.waiting_customer(), await desk.agent()
    await agent.claim(customer)
    seen_seq = (await agent.log(customer))[-1]["seq"]
    await send(customer, hostile.picture(size=(8, 8)))
    body = {"seen_seq": seen_seq, "outcome": "solved", "note": "好"}
    answer = await agent.act(customer, "resolve", body)
    assert error_code(answer) == "unread"
    assert [event["type"] for event in answer.json()["error"]["unread"]] == ["attached"]


async def test_customers_do_not_read_what_the_original_was(desk: Desk) -> None:
    """The public event would show fields that are internal."""
    customer = await desk.customer()
    await send(customer, hostile.picture())
    (event,) = of_type(await customer.events(), "attached")
    assert set(event) == {"attachment_id", "sha256", "media_type", "width", "height", "bytes", "seq", "type", "at", "by"}
