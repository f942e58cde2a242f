"""Has pictures drawn anew, each by a process of its own with limits; the desk itself never decodes a picture."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import structlog

from content.desk_file import Attachments
from handoff.runtime.errors import BadInput, DeskError, Unavailable

logger = structlog.get_logger(__name__)

_PROGRAM = Path(__file__).with_name("picture_process.py")
#: Pictures that one desk draws at the same time, and that wait for it.
_AT_ONCE, _WAITING = 2, 32
_CPU_SECONDS, _SECONDS = 20, 45.0
#: A decoded picture of 40 megapixels takes 160 MB; drawing it needs up to four of them.
_MEMORY_BYTES = 1024 * 1024 * 1024
#: The largest side of a picture that is taken, in pixels. Long screenshots that a phone has put together have 20,000.
_MOST_SIDE = 30_000
_CHUNK = 256 * 1024
_TYPES = {name: name for name in ("image/png", "image/jpeg")}


@dataclass(frozen=True)
class Picture:
    """A picture as it is stored. `sha256`: of `body`; `original_sha256`, `original_bytes`: of the file that came."""

    media_type: str
    width: int
    height: int
    body: bytes
    sha256: str
    original_sha256: str
    original_bytes: int


class Pictures:
    """Draws pictures anew."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._in_hand = 0

    async def draw(self, file: SpooledTemporaryFile[bytes], limits: Attachments) -> Picture:
        """The picture in an open file, drawn anew. Raises BadInput for what is none, Unavailable when too many wait."""
        if self._in_hand >= _AT_ONCE + _WAITING:
            zh, en = (
                "现在上传图片的人太多，请过一会儿再试。",
                "Too many pictures are arriving. Please try again soon.",
            )
            raise Unavailable("pictures_busy", zh, en)
        self._in_hand += 1
        try:
            async with self._turn:
                digest, size = await asyncio.to_thread(_digest, file)
                about, body = await _run(file, limits)
        finally:
            self._in_hand -= 1
        if "refused" in about:
            logger.info("attachment.refused", why=about["refused"], bytes=size)
            raise _refusal(about["refused"], limits)
        return Picture(
            about["media_type"], about["width"], about["height"], body, hashlib.sha256(body).hexdigest(), digest, size
        )


def _digest(file: SpooledTemporaryFile[bytes]) -> tuple[str, int]:
    """The hash and the size of a file, which is on the disk and at its beginning afterwards."""
    file.rollover()
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    file.seek(0)
    return digest.hexdigest(), size


async def _run(file: SpooledTemporaryFile[bytes], limits: Attachments) -> tuple[dict[str, Any], bytes]:
    """What the picture process says, and the picture. A process that dies or does not end is answered as a broken picture."""
    argument = {
        "most_pixels": limits.megapixels * 1_000_000,
        "most_side": _MOST_SIDE,
        "most_bytes": limits.megabytes * 1024 * 1024,
        "cpu_seconds": _CPU_SECONDS,
        "memory_bytes": _MEMORY_BYTES,
    }
    # -I: neither the environment nor the working directory says what is imported.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(_PROGRAM),
        json.dumps(argument),
        stdin=file.fileno(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={},
        cwd="/",
        limit=argument["most_bytes"] + _CHUNK,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        return {"refused": "broken"}, b""
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        logger.warning("attachment.process_failed", status=process.returncode)
        return {"refused": "broken"}, b""
    return _checked(output, argument["most_bytes"])


def _checked(output: bytes, most_bytes: int) -> tuple[dict[str, Any], bytes]:
    """The answer of a process that handled a stranger's file: nothing in it is believed."""
    line, _, body = output.partition(b"\n")
    try:
        about = json.loads(line)
        if "refused" in about:
            return {"refused": str(about["refused"])}, b""
        seen = {"media_type": _TYPES[about["media_type"]], "width": int(about["width"]), "height": int(about["height"])}
    except (ValueError, KeyError, TypeError):
        return {"refused": "broken"}, b""
    return (seen, body) if 0 < len(body) <= most_bytes else ({"refused": "broken"}, b"")


def _refusal(why: str, limits: Attachments) -> DeskError:
    """The words for the customer."""
    if why == "empty":
        return BadInput("empty_file", "文件是空的，请重新选择图片。", "The file is empty. Please choose the picture again.")
    if why == "heic":
        zh = "暂不支持 HEIC 格式。请发送截图，或在相册里另存为 JPEG 后再发。"
        en = "HEIC pictures cannot be read here. Please send a screenshot, or save the picture as JPEG first."
        return BadInput("picture_heic", zh, en, status=415)
    if why == "pixels":
        zh = f"图片太大，最多 {limits.megapixels}00 万像素。请截取需要的部分后再发。"
        en = f"The picture has too many pixels (at most {limits.megapixels} million). Please crop it and send it again."
        return BadInput("picture_too_many_pixels", zh, en, limit=limits.megapixels)
    if why == "animated":
        zh, en = "不能发送动图，请发送静态截图。", "Animated pictures cannot be sent. Please send a still screenshot."
        return BadInput("picture_animated", zh, en)
    if why == "broken":
        zh, en = (
            "这张图片打不开，可能已损坏。请重新截图后再发。",
            "The picture cannot be opened. Please take a new screenshot and send it.",
        )
        return BadInput("picture_broken", zh, en)
    zh = "只能发送图片（PNG、JPEG 或 WebP）。请发送截图或照片。"
    en = "Only pictures can be sent (PNG, JPEG or WebP). Please send a screenshot or a photo."
    return BadInput("picture_type", zh, en, status=415)
