"""The shadow of a draft with another model, in the bot's environment: nothing that was parsed is shared."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from bot.learning.training import model_path
from bot.workshop.logged_turns import logged_turns
from bot.workshop.shadow import compare
from bot.workshop.versions import live_version


def main() -> None:
    """Compare what is live with the same model under another name."""
    version = live_version()
    if version is None:
        raise SystemExit("nothing is published")
    with tempfile.NamedTemporaryFile(dir=model_path(version.model).parent, prefix="bench-", suffix=".tar.gz") as file:
        path = Path(file.name)
        path.write_bytes(model_path(version.model).read_bytes())
        other = replace(version, model=path.name[: -len(".tar.gz")])
        result = compare(version, other, logged_turns(last=int(sys.argv[1])))
    if result["changed"]:
        raise SystemExit(f"the same model decides {result['changed']} turns differently")


if __name__ == "__main__":
    main()
