"""Serves files from memory: negotiated compression, revalidation by content, GET and HEAD.

Starlette's StaticFiles compresses nothing, and its GZipMiddleware compresses each answer anew. Here the compressed forms are
made once, when the pages are built, and only files have them (docs/decisions/032-libraries-looked-at.md).
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

REVALIDATE = "no-cache"
#: For an address that contains a hash of its content.
FOREVER = "public, max-age=31536000, immutable"

#: Content codings by file suffix, in order of preference.
_CODINGS = {".br": "br", ".gz": "gzip"}
_TEXT = {"application/javascript": "text/javascript"}


@dataclass(frozen=True)
class StaticFile:
    """One file: its forms by content coding (`identity` is always present), and a hash of its content."""

    media_type: str
    forms: Mapping[str, bytes]
    digest: str

    @classmethod
    def read(cls, path: Path) -> StaticFile:
        """A file with its compressed forms (`.br`, `.gz` after its name). Raises OSError."""
        content = path.read_bytes()
        forms = {"identity": content}
        for suffix, coding in _CODINGS.items():
            packed = path.with_name(path.name + suffix)
            if packed.exists():
                forms[coding] = packed.read_bytes()
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return cls(_TEXT.get(kind, kind), forms, hashlib.sha256(content).hexdigest()[:16])

    def respond(self, request: Request, cache_control: str) -> Response:
        """The response to a GET or HEAD: the preferred form that the client accepts, or 304 if the client has it."""
        accepted = accepted_codings(request.headers.get("accept-encoding", ""))
        coding = next((each for each in _CODINGS.values() if each in accepted and each in self.forms), "identity")
        tag = f'"{self.digest}"' if coding == "identity" else f'"{self.digest}-{coding}"'
        headers = {
            "Cache-Control": cache_control,
            "ETag": tag,
            # The CORS headers depend on the origin. A desk without WIDGET_ORIGINS sends this too: a browser must not give the
            # copy that it stored then to an embedding page later, which could not run it.
            "Vary": "Accept-Encoding, Origin",
        }
        if _names(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=headers)
        body = self.forms[coding]
        headers["Content-Length"] = str(len(body))
        if coding != "identity":
            headers["Content-Encoding"] = coding
        return Response(b"" if request.method == "HEAD" else body, headers=headers, media_type=self.media_type)


def read_folder(folder: Path) -> dict[str, StaticFile]:
    """All files below a folder by their relative path, with `/` as separator. Raises OSError."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in _CODINGS]
    return {path.relative_to(folder).as_posix(): StaticFile.read(path) for path in paths}


def accepted_codings(header: str) -> set[str]:
    """The content codings that `Accept-Encoding` names, without those that `q=0` excludes."""
    accepted = set()
    for part in header.lower().split(","):
        coding, _, parameters = part.partition(";")
        weight = parameters.strip().removeprefix("q=").strip() or "1"
        if coding.strip() and weight.rstrip("0") not in ("", "0."):
            accepted.add(coding.strip())
    return accepted


def _names(if_none_match: str, tag: str) -> bool:
    tags = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return tag in tags or "*" in tags
