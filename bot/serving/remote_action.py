"""Makes Rasa's call of the action server cheap, without changing what is asked and answered.

What `install` replaces, and why; each by the same thing done once instead of at every turn. tests/bot/test_remote_action.py
notices if Rasa changes under it.

- `RemoteAction._validate_action_result` calls `jsonschema.validate`, which checks the constant schema itself and builds a
  validator anew on every call: 33 of the 41 ms CPU of a turn. The same check, same schema, same error, with the validator kept.
- `RemoteAction._action_call_format` sends all events of the tracker, with a second copy of the message and its ranking. Ours
  sends none: `action_triage` reads the latest message, and Rasa knows no past.
- `EndpointConfig.session` opens a session, so a connection, for every call. Ours keeps one.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from typing import Any, AsyncIterator, Dict

import aiohttp
import jsonschema
import rasa
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.constants import DOCS_BASE_URL
from rasa.utils.endpoints import EndpointConfig

#: Shorter than the 5 s after which the action server (Sanic) closes a connection that nobody uses: a call must not meet that.
KEEP_SECONDS = 2.0
RASAS_SESSION = EndpointConfig.session


@functools.lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def validate_action_result(self: RemoteAction, result: Dict[str, Any]) -> bool:
    """Whether an action server's answer has Rasa's format; raises jsonschema.ValidationError as Rasa's method does."""
    error = jsonschema.exceptions.best_match(_validator().iter_errors(result))
    if error is None:
        return True
    error.message += (
        f". Failed to validate Action server response from API, make sure your response from the Action endpoint is valid. "
        f"For more information about the format visit {DOCS_BASE_URL}/custom-actions"
    )
    raise error


def action_call_format(self: RemoteAction, tracker: Any, domain: Any) -> Dict[str, Any]:
    """The request to the action server: Rasa's, without events, and without the domain, which `endpoints.yml` turns off."""
    state = {**tracker.current_state(), "events": []}
    return {"next_action": self.name(), "sender_id": tracker.sender_id, "tracker": state, "version": rasa.__version__}


@contextlib.asynccontextmanager
async def kept_session(self: EndpointConfig) -> AsyncIterator[aiohttp.ClientSession]:
    """The endpoint's one session, which stays open afterwards."""
    kept = vars(self).get("kept")
    # Closed, or of an event loop that is gone: only in tests.
    if kept is None or kept.closed or kept._loop is not asyncio.get_running_loop():
        kept = vars(self)["kept"] = RASAS_SESSION(self)
        kept.connector._keepalive_timeout = KEEP_SECONDS
    yield kept


def install() -> None:
    """Put all of it in place; calling it again changes nothing."""
    RemoteAction._validate_action_result = validate_action_result
    RemoteAction._action_call_format = action_call_format
    EndpointConfig.session = kept_session
