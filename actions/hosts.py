"""Installs the check of `bot.serving.hosts` in the action server: rasa-sdk imports all modules here, then calls its plugins."""

from __future__ import annotations

import sys

import pluggy
from rasa_sdk.plugin import plugin_manager
from sanic import Sanic

from bot.serving.hosts import keep_browsers_away

_hook = pluggy.HookimplMarker("rasa_sdk")


@_hook
def attach_sanic_app_extensions(app: Sanic) -> None:
    """Called once, before the server listens."""
    keep_browsers_away(app)


plugin_manager().register(sys.modules[__name__])
