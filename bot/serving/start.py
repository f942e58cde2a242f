"""Rasa's command line without TensorFlow: `python -m bot.serving.start run --model ...` for `python -m rasa run --model ...`.

The token of Rasa's HTTP API comes from `BOT_TOKEN`: every user of a machine can read the command lines of its processes.
"""

from __future__ import annotations

import os
import sys
from typing import List, Mapping, Sequence

from bot.serving.tensorflow_stand_in import import_rasa


def with_token(arguments: Sequence[str], environment: Mapping[str, str]) -> List[str]:
    """Rasa's arguments with the token, in a form that also works for a token that begins with "-". Raises SystemExit."""
    if "--enable-api" not in arguments:
        return list(arguments)
    token = environment.get("BOT_TOKEN")
    if not token:
        raise SystemExit("BOT_TOKEN is not set: Rasa's HTTP API would be open to everybody. `make run` sets it.")
    return [*arguments, f"--auth-token={token}"]


if __name__ == "__main__":
    sys.argv[1:] = with_token(sys.argv[1:], os.environ)
    os.environ.setdefault("ACTION_URL", "")  # `endpoints.yml` names it; without an address the action runs here
    import_rasa()
    from rasa.__main__ import main

    main()
