"""The hash tree over the files of a proof pack, and the manifest that lists them.

The tree is the one of RFC 6962, section 2.1, with SHA-256: a leaf is `H(0x00 || data)`, a node `H(0x01 || left || right)`, and
the left part of n leaves has the largest power of two below n. The first leaf is the manifest's head, so that no byte of the
manifest can change without the root. Each file follows in the order of the paths, as `path || 0x00 || SHA-256 of its bytes`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

FORMAT = 1
#: The name of the manifest in a pack; it is not among its own files.
MANIFEST = "manifest.json"
_ALGORITHM = "RFC 6962 with SHA-256"


def canonical(value: Any) -> bytes:
    """JSON with one form only: sorted names, no spaces, UTF-8, and a line feed at the end."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8") + b"\n"


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def root_of(leaves: Sequence[bytes]) -> str:
    """The root over at least one leaf."""
    return _root([hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]).hex()


def _root(hashes: Sequence[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(hashes[:split]) + _root(hashes[split:])).digest()


def manifest_of(head: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """The manifest of files by path: the fields of `head`, the list of files, and the root over both."""
    listed = [{"path": path, "bytes": len(files[path]), "sha256": digest(files[path])} for path in sorted(files)]
    return manifest_of_listed(head, listed)


def manifest_of_listed(head: Mapping[str, Any], listed: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The manifest of files of which only the list is known."""
    whole = {**head, "format": FORMAT, "tree": _ALGORITHM}
    leaves = [canonical({**whole, "files": len(listed)})]
    leaves += [each["path"].encode("utf-8") + b"\x00" + bytes.fromhex(each["sha256"]) for each in listed]
    return {**whole, "files": [dict(each) for each in listed], "root": root_of(leaves)}
