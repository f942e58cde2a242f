"""Proof packs: what happened in a case as files, in which no byte can be changed without being found."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import httpx

from handoff.proof_pack.archive import as_zip, from_zip
from handoff.proof_pack.hash_tree import canonical, manifest_of, root_of
from handoff.proof_pack.verification import verify, verify_files
from handoff.workshop.jobs.store import find_job, save_result
from tests.handoff import hostile_pictures
from tests.handoff.conftest import Database
from tests.handoff.fake_bot import escalates
from tests.handoff.people import Agent, Customer, Json, error_code, of_type
from tests.handoff.running_desk import Desk

ROOT = Path(__file__).parents[2]
TRIALS = 200


async def case_with_everything(desk: Desk) -> tuple[Customer, str]:
    """A customer with a case: words, a decision, pictures, a look of a colleague."""
    customer = await desk.waiting_customer(
        escalates("security", "urgent", "account_stolen"), "我的账户被盗了，卡号 6222020200112233446"
    )
    for size in ((40, 30), (8, 8)):
        form = {"file": ("a.png", hostile_pictures.picture(size=size), "image/png")}
        answer = await customer.http.post(f"/api/conversations/{customer.id}/attachments", headers=customer.headers, files=form)
        assert answer.status_code == 201
    agent, colleague = await desk.agent(), await desk.agent("agent2")
    await agent.claim(customer)
    await agent.write(customer, "已为您冻结账户")
    await agent.act(customer, "notes", {"text": "只给同事看的话"})
    await colleague.act(customer, "access", {"reason": "复核"})
    (case,) = (await desk.conversation(customer)).care.cases
    return customer, case.id


async def proof(agent: Agent, case_id: str) -> httpx.Response:
    """Press the button."""
    return await agent.call("POST", f"/cases/{case_id}/proof")


async def a_pack(desk: Desk) -> dict[str, bytes]:
    """The files of a pack."""
    _, case_id = await case_with_everything(desk)
    return from_zip((await proof(await desk.agent("supervisor"), case_id)).content)


async def test_a_pack_holds_the_case_and_verifies(desk: Desk) -> None:
    """A part of the case would be missing, a secret or a note would leave the house, or the root would not be in the log."""
    customer, case_id = await case_with_everything(desk)
    answer = await proof(await desk.agent("supervisor"), case_id)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"] == f'attachment; filename="proof-{case_id}.zip"'
    files = from_zip(answer.content)
    read = {path: json.loads(data) for path, data in files.items() if path.endswith(".json")}
    assert read["case.json"]["id"] == case_id
    assert read["clocks.json"]["clocks"]
    assert [entry["decision"]["model"] for entry in read["decisions.json"]] == ["model-of-the-tests"]
    assert [entry["reason"] for entry in read["accesses.json"]] == ["复核"]
    assert read["replay.json"]["state"] == "not_replayed"
    assert read["replay.json"]["why"]["code"] == "never_started"
    assert [entry["is_as_logged"] for entry in read["pictures.json"]] == [True, True]
    for entry in read["pictures.json"]:
        assert hashlib.sha256(files[entry["path"]]).hexdigest() == entry["sha256"]
    assert "已为您冻结账户" in files["transcript.txt"].decode()
    everything = b"\n".join(files.values())
    assert b"6222020200112233446" not in everything
    assert "只给同事看的话".encode() not in everything
    verdict = verify_files(files, answer.headers["x-proof-root"])
    assert verdict.problems == ()
    (made,) = of_type(await desk.log(customer), "proof_made")
    assert (made["root"], made["case_id"], made["login"]) == (verdict.root, case_id, "supervisor")


async def test_the_same_state_is_the_same_pack(desk: Desk) -> None:
    """Two packs of one state would differ, and nobody could tell a forged one from a later one."""
    customer, case_id = await case_with_everything(desk)
    supervisor, agent = await desk.agent("supervisor"), await desk.agent()
    one = await proof(supervisor, case_id)
    desk.clock.pass_time(hours=2)
    others = await asyncio.gather(proof(supervisor, case_id), proof(agent, case_id))
    assert [other.content for other in others] == [one.content] * 2
    await customer.say("还有一件事")
    assert (await proof(supervisor, case_id)).content != one.content


async def test_who_may_make_a_pack(desk: Desk) -> None:
    """Any agent would carry a customer's whole case away."""
    _, case_id = await case_with_everything(desk)
    colleague = await desk.agent("agent2")  # may read the conversation, for a reason
    refused = await proof(colleague, case_id)
    assert (refused.status_code, error_code(refused)) == (403, "not_permitted")
    assert (await proof(await desk.agent("editor"), case_id)).status_code == 403
    assert (await desk.http.post(f"/api/cases/{case_id}/proof")).status_code in (401, 403)
    assert error_code(await proof(await desk.agent("supervisor"), "C2222222")) == "unknown_case"


async def test_a_replay_is_in_the_pack_only_if_it_was_done(desk: Desk) -> None:
    """The pack would claim that decisions were made again although nobody did, or although newer ones followed."""
    customer, case_id = await case_with_everything(desk)
    supervisor = await desk.agent("supervisor")

    async def replayed() -> Json:
        return dict(json.loads(from_zip((await proof(supervisor, case_id)).content)["replay.json"]))

    job_id = (await supervisor.call("POST", "/workshop/replays", json={"conversation_id": customer.id})).json()["job"]
    assert (await replayed())["why"]["code"] == "not_done"
    turn_id = of_type(await desk.log(customer), "triage")[0]["turn_id"]
    for turns in ([], [turn_id]):
        async with desk.services.store.begin() as tx:
            job = await find_job(tx, job_id, lock=True)
            assert job is not None
            await tx.execute("DELETE FROM job_results WHERE job_id = %s", [job_id])
            await tx.execute("UPDATE jobs SET state = 'done', ended_at = now() WHERE id = %s", [job_id])
            await save_result(tx, job_id, json.dumps({"identical": True, "n": 1, "turns": turns}))
        found = await replayed()
        if turns:
            assert (found["state"], found["result"]["identical"], found["job"]) == ("replayed", True, job_id)
        else:
            assert (found["state"], found["why"]["code"], found["missing"]) == ("not_replayed", "older", [turn_id])


async def test_any_changed_byte_is_found(desk: Desk, tmp_path: Path) -> None:
    """Somebody would change an amount, a picture, the manifest or the page that checks it, and the pack would still verify."""
    files = await a_pack(desk)
    dice = random.Random(13)
    paths = sorted(files)
    for trial in range(TRIALS):
        path = paths[trial % len(paths)]  # each file, the manifest and the page included
        at = dice.randrange(len(files[path]))
        changed = bytearray(files[path])
        changed[at] ^= dice.randrange(1, 256)
        assert not verify_files({**files, path: bytes(changed)}).is_intact, (path, at)
    archive = as_zip(files)
    target = tmp_path / "pack.zip"
    for _ in range(TRIALS):
        changed = bytearray(archive)
        at = dice.randrange(len(archive))
        changed[at] ^= dice.randrange(1, 256)
        target.write_bytes(changed)
        assert not verify(target).is_intact, at
    target.write_bytes(archive)
    assert verify(target).is_intact


async def test_other_changes_are_found(desk: Desk) -> None:
    """A file would be removed, added, renamed or exchanged; or the whole pack would be made anew with another content."""
    files = await a_pack(desk)
    root = verify_files(files).root
    path = next(path for path in sorted(files) if path.startswith("pictures/"))
    without = {name: data for name, data in files.items() if name != path}
    for changed in (
        without,
        {**files, "more.txt": b"x"},
        {**without, "pictures/other.png": files[path]},
        {**files, "manifest.json": files["manifest.json"] + b"\n"},
        {**files, "manifest.json": b"{}\n"},
        {**files, "manifest.json": b"\xff"},
        {**files, "manifest.json": b"[" * 100_000},
        {name: data for name, data in files.items() if name != "manifest.json"},
    ):
        assert not verify_files(changed).is_intact
    manifest = json.loads(files["manifest.json"])
    head = {name: value for name, value in manifest.items() if name not in ("files", "root")}
    forged = {name: data for name, data in files.items() if name != "manifest.json"} | {"transcript.txt": b"forged"}
    forged["manifest.json"] = canonical(manifest_of(head, forged))
    assert verify_files(forged).is_intact  # the files alone cannot tell
    assert not verify_files(forged, root).is_intact  # the root in the log can


def test_the_tree_is_the_one_of_the_standard() -> None:
    """Another program could not check the pack. The values are the test vectors of RFC 6962's reference implementation."""
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    roots = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    for count, root in roots.items():
        assert root_of([bytes.fromhex(leaf) for leaf in leaves[:count]]) == root


async def test_a_folder_with_a_link_is_refused(desk: Desk, tmp_path: Path) -> None:
    """A link would show a file that is not in the pack; or be read from somewhere else on the machine."""
    files = await a_pack(desk)
    folder = write(files, tmp_path / "pack")
    assert verify(folder).is_intact
    (folder / "case.json").rename(tmp_path / "case.json")
    (folder / "case.json").symlink_to(tmp_path / "case.json")
    assert not verify(folder).is_intact


def write(files: dict[str, bytes], folder: Path) -> Path:
    """The files as a folder."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m handoff ...` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "handoff", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


async def test_the_commands(desk: Desk, database: Database, models_folder: Path, tmp_path: Path) -> None:
    """An operator could not make a pack, or a stranger could not check it without a desk."""
    customer, case_id = await case_with_everything(desk)
    settings = {"DATABASE_URL": database.url, "MODELS_DIR": str(models_folder)}
    made = await asyncio.to_thread(command, "prove", case_id, "--out", str(tmp_path), **settings)
    assert made.returncode == 0, made.stderr
    root = made.stdout.split("root ")[1].strip()
    (logged,) = of_type(await desk.log(customer), "proof_made")
    assert (logged["root"], "login" in logged) == (root, False)
    folder, archive = tmp_path / f"proof-{case_id}", tmp_path / f"proof-{case_id}.zip"
    assert (verify(folder, root).problems, verify(archive, root).problems) == ((), ())
    recorded = await asyncio.to_thread(command, "verify", str(folder), "--recorded", **settings)
    assert recorded.returncode == 0, recorded.stdout
    again = await asyncio.to_thread(command, "prove", case_id, "--out", str(tmp_path), **settings)
    assert (again.returncode, "is there already" in again.stdout) == (1, True)
    (folder / "transcript.txt").write_bytes(b"x")
    changed = await asyncio.to_thread(command, "verify", str(folder))
    assert (changed.returncode, "transcript.txt was changed" in changed.stdout) == (1, True)
