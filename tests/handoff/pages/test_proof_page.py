"""The page in a proof pack, opened as a file and without a network."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page

from handoff.proof_pack.archive import as_zip
from handoff.proof_pack.verification import verify_files
from tests.handoff.pages.conftest import OpenPage
from tests.handoff.running_desk import Desk
from tests.handoff.test_proof_pack import a_pack, write


async def says(page: Page, kind: str, words: str) -> None:
    """Wait for the verdict."""
    await page.locator(f"#verdict.{kind}", has_text=words).wait_for()


async def test_the_page_verifies_without_a_network(desk: Desk, tmp_path: Path, open_page: OpenPage) -> None:
    """Whoever gets a pack without a desk could not check it, or would be told that a changed pack is intact."""
    files = await a_pack(desk)
    folder, archive = write(files, tmp_path / "pack"), tmp_path / "pack.zip"
    archive.write_bytes(as_zip(files))
    root = verify_files(files).root or ""
    page = await open_page((folder / "verify.html").as_uri(), width=360, height=740, offline=True)
    await page.set_input_files("#files", archive)
    await says(page, "good", root)
    await page.set_input_files("#folder", folder)
    await says(page, "good", root)
    await page.set_input_files("#files", [path for path in folder.rglob("*") if path.is_file()])
    await says(page, "good", root)
    await page.fill("#root", "0" * 64)
    await page.press("#root", "Enter")
    await says(page, "bad", "The root is not the one")
    await page.fill("#root", root)
    await page.press("#root", "Enter")
    await says(page, "good", root)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for number, path in enumerate(sorted(files)):
        changed = bytearray(files[path])
        changed[len(changed) // 2] ^= 1
        archive = tmp_path / f"{number}.zip"
        archive.write_bytes(as_zip({**files, path: bytes(changed)}))
        await page.set_input_files("#files", archive)
        await says(page, "bad", path)
