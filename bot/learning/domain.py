"""Rasa's `domain.yml`, generated from the triage policy: which intents, entities and actions there are.

Every decision is made by one action (actions/triage.py) and Rasa keeps no dialogue, so the domain has nothing to edit.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from bot.nlu.entities import LABELS
from content.triage_policy import Policy

#: Generated in the project's folder, where Rasa's own commands look for it; not in git.
DOMAIN = Path("domain.yml")
ACTION = "action_triage"
_HEAD = "# Generated from data/triage.yml by `make train` and `make publish`: edit that file instead.\n"


def domain_text(policy: Policy) -> str:
    """The domain for a policy, as YAML. The same intents in the same order give the same text."""
    domain = {
        "version": "3.1",
        "session_config": {"session_expiration_time": 0, "carry_over_slots_to_new_session": False},
        "intents": [{name: {"use_entities": []}} for name in policy.intents],
        "entities": list(LABELS),
        "actions": [ACTION],
    }
    return _HEAD + yaml.safe_dump(domain, sort_keys=False)


def write_domain(policy: Policy) -> Path:
    """Generate `domain.yml`, unless it is there already and right."""
    text = domain_text(policy)
    if not DOMAIN.exists() or DOMAIN.read_text(encoding="utf-8") != text:
        DOMAIN.write_text(text, encoding="utf-8")
    return DOMAIN
