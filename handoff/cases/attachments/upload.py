"""Reads the form with one file that a customer sends, in pieces and with a limit."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import cast

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from handoff.runtime.errors import BadInput, Unavailable

#: The form's own bytes: boundaries, heads, and the client's id.
_FORM_BYTES = 16 * 1024
_FIELD_BYTES = 1000
_MOST_FIELDS = 8


@dataclass(frozen=True)
class Upload:
    """The file and the form's other texts. The name and the type that the client gave are not read."""

    file: SpooledTemporaryFile[bytes]
    fields: dict[str, str]


@asynccontextmanager
async def uploaded(request: Request, megabytes: int) -> AsyncIterator[Upload]:
    """The form of a request; the file lasts as long as the block. Raises BadInput, Unavailable if the disk cannot hold it."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        zh, en = "请求格式不正确，请用表单上传一个文件。", "The request is not a form with a file."
        raise BadInput("bad_upload", zh, en)
    # Only the boundary is handed on. A character set of the client's choice could make decoding slow.
    head = Headers({"content-type": f'multipart/form-data; boundary="{boundary.decode("latin-1")}"'})
    parser = MultiPartParser(
        head,
        _limited(request, megabytes),
        max_files=1,
        max_fields=_MOST_FIELDS,
        max_part_size=_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if error.message.startswith("Too many files"):
            raise BadInput("one_file_only", "一次只能发送一张图片。", "Send one picture at a time.") from error
        zh, en = "上传的内容不完整，请重试。", "The upload is damaged or incomplete. Please try again."
        raise BadInput("bad_upload", zh, en) from error
    except OSError as error:
        raise Unavailable("no_space", "服务器存不下这个文件。", "The server cannot hold the file.") from error
    try:
        files = [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
        if not files:
            raise BadInput("file_missing", "没有收到图片，请重新选择。", "No picture arrived. Please choose it again.")
        texts = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        yield Upload(cast("SpooledTemporaryFile[bytes]", files[0].file), texts)
    finally:
        await form.close()


async def _limited(request: Request, megabytes: int) -> AsyncGenerator[bytes, None]:
    received = 0
    async for piece in request.stream():
        received += len(piece)
        if received > megabytes * 1024 * 1024 + _FORM_BYTES:
            zh, en = f"图片太大，最多 {megabytes} MB。", f"The picture is too large: at most {megabytes} MB."
            raise BadInput("file_too_large", zh, en, status=413, limit=megabytes)
        yield piece
