"""Draws a picture anew. Runs as a process of its own, because a decoder that meets a hostile file may take any time and memory.

Standard input is the file, standard output one line of JSON and then the new picture. The only argument is JSON: `most_pixels`,
`most_side` (pixels), `most_bytes` (of the new picture), `cpu_seconds`, `memory_bytes`. The line of JSON is
`{"media_type", "width", "height"}`, or `{"refused": CODE}` with one of `REFUSALS`.

The process imports nothing of the desk and gets no environment: a decoder that was taken over finds no secret here.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
import warnings
from typing import Any, BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

#: `type`: no picture of these types; `heic`: a type that is named in the answer, because phones make it; `empty`: no byte;
#: `pixels`: more than allowed; `animated`: several pictures; `broken`: damaged, or made to harm.
REFUSALS = ("type", "heic", "empty", "pixels", "animated", "broken")
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_WHITE = (255, 255, 255)
_JPEG_QUALITY = 88
#: What Pillow raises for damaged files: its decoders and metadata readers do not agree on one class.
_DAMAGED = (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError, struct.error)
_DAMAGED_EXIF = (*_DAMAGED, ZeroDivisionError, AttributeError)


class Refused(Exception):
    """The file is not taken; the argument is one of `REFUSALS`."""


def sniffed(head: bytes) -> str:
    """Pillow's name of the format, from the first bytes alone: the name and the declared type say nothing. Raises Refused."""
    if not head:
        raise Refused("empty")
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    raise Refused("heic" if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS else "type")


def draw_anew(file: BinaryIO, limits: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The picture without anything but its pixels, and what it is. Raises Refused."""
    kind = sniffed(file.read(16))
    file.seek(0)
    Image.MAX_IMAGE_PIXELS = limits["most_pixels"]
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(file, formats=[kind]) as picture:
            # Only the head was read so far. A JPEG may hold previews (MPO); the first picture is the photo.
            if max(picture.size) > limits["most_side"] or picture.width * picture.height > limits["most_pixels"]:
                raise Refused("pixels")
            if kind in ("PNG", "WEBP") and getattr(picture, "is_animated", False):
                raise Refused("animated")
            picture.load()
            _turn_upright(picture)
            pixels = _plain(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("pixels") from error
    except UnidentifiedImageError as error:
        raise Refused("broken") from error
    except (*_DAMAGED, MemoryError) as error:
        raise Refused("broken") from error
    media_type, body, size = _encoded(pixels, kind, limits["most_bytes"])
    return {"media_type": media_type, "width": size[0], "height": size[1]}, body


def _turn_upright(picture: Image.Image) -> None:
    """Turn the picture as the camera was held. Damaged metadata says nothing about that, and the picture stays as it is."""
    try:
        ImageOps.exif_transpose(picture, in_place=True)
    except _DAMAGED_EXIF:
        return


def _plain(picture: Image.Image) -> Image.Image:
    """8-bit RGB or grey, without transparency and without anything that Pillow would write beside the pixels.

    The picture itself where it is that already: a copy of 40 megapixels takes 160 MB.
    """
    plain = picture
    if picture.mode.startswith("I"):  # 16-bit grey, in the files that are taken here
        plain = picture.point(lambda value: value * (1 / 256)).convert("L")
    elif picture.has_transparency_data:
        # On white: a picture must look the same to everybody, whatever is behind it.
        layer = picture.convert("RGBA") if picture.mode != "RGBA" else picture
        plain = Image.new("RGB", layer.size, _WHITE)
        plain.paste(layer, mask=layer.getchannel("A"))
    elif picture.mode not in ("L", "RGB"):
        plain = picture.convert("L" if picture.mode == "1" else "RGB")
    plain.info = {}  # the encoders write comments and colour profiles that they find here
    return plain


def _encoded(pixels: Image.Image, kind: str, most_bytes: int) -> tuple[str, bytes, tuple[int, int]]:
    """Media type, bytes and size. What is a PNG stays one, because screenshots hold text, unless it is too large."""
    if kind != "JPEG":
        body = _saved(pixels, "PNG", compress_level=6)
        if len(body) <= most_bytes:
            return "image/png", body, pixels.size
    while True:
        body = _saved(pixels, "JPEG", quality=_JPEG_QUALITY)
        if len(body) <= most_bytes:
            return "image/jpeg", body, pixels.size
        pixels = pixels.resize((max(1, pixels.width * 3 // 4), max(1, pixels.height * 3 // 4)), Image.Resampling.LANCZOS)


def _saved(pixels: Image.Image, kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    pixels.save(target, kind, **options)
    return target.getvalue()


def limit_this_process(cpu_seconds: int, memory_bytes: int) -> None:
    """From here on the process cannot use more time or memory, write a file, or start another process."""
    for what, most in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        within = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (within, within))


def main(argument: str) -> None:
    """Draw the picture on standard input anew."""
    limits = json.loads(argument)
    limit_this_process(limits["cpu_seconds"], limits["memory_bytes"])
    try:
        about, body = draw_anew(io.BytesIO(sys.stdin.buffer.read()), limits)
    except Refused as error:
        about, body = {"refused": error.args[0]}, b""
    sys.stdout.buffer.write(json.dumps(about).encode() + b"\n" + body)


if __name__ == "__main__":
    main(sys.argv[1])
