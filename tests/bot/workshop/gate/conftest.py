"""The project's own data as the live edition, and editions that differ from it in one thing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional

import msgspec
import pytest

from bot.workshop.gate.edition import Edition, TextId, load_edition
from content.sources import decode_custom, encode_custom
from content.triage_policy import Policy

ChangePolicy = Callable[[Dict[str, Any]], Any]


@pytest.fixture(scope="session")
def live() -> Edition:
    """What is live in these tests; nobody changes it."""
    return load_edition(Path("data"))


def with_policy(edition: Edition, change: ChangePolicy) -> Edition:
    """The edition with a changed triage policy. `change` gets the policy as plain data."""
    plain = msgspec.json.decode(msgspec.json.encode(edition.bundle.policy, enc_hook=encode_custom))
    plain["short_replies"] = edition.bundle.policy.short_replies  # its check takes a quarter of a second
    change(plain)
    policy = msgspec.convert(plain, Policy, dec_hook=decode_custom)
    return with_bundle(edition, policy=policy)


def with_bundle(edition: Edition, **parts: Any) -> Edition:
    """The edition with other parts of the bundle."""
    changed = replace(edition, bundle=msgspec.structs.replace(edition.bundle, **parts))
    _keep_texts(edition, changed)
    return changed


def with_texts(edition: Edition, texts: Mapping[TextId, Optional[str]], facts: Optional[Mapping[str, Any]] = None) -> Edition:
    """The edition with other texts (None removes one) and changed facts: name -> value, or `{zh, en}`."""
    known = {locale: dict(values) for locale, values in edition.bundle.facts.items()}
    for name, value in (facts or {}).items():
        for locale in ("zh", "en"):
            known[locale][name] = value[locale] if isinstance(value, dict) else value
    changed = replace(edition, bundle=msgspec.structs.replace(edition.bundle, facts=known))
    merged = {**edition.texts, **texts}
    changed.__dict__["texts"] = {name: text for name, text in merged.items() if text is not None}
    return changed


def _keep_texts(edition: Edition, changed: Edition) -> None:
    changed.__dict__["texts"] = edition.texts
