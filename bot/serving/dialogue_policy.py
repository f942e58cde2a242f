"""Rasa's dialogue policy: every message leads to the same action."""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.core.constants import DEFAULT_POLICY_PRIORITY, POLICY_PRIORITY
from rasa.core.policies.policy import Policy, PolicyPrediction, confidence_scores_for
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

#: The action that decides (actions/triage.py).
ACTION = "action_triage"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class TriagePolicy(Policy):  # type: ignore[misc]  # Rasa has no types
    """Predicts `action_triage` after a message, then listens. It ignores intents, so that no intent is a command."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Rasa requires a priority of every policy; this is the only policy."""
        return {POLICY_PRIORITY: DEFAULT_POLICY_PRIORITY}

    def train(self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Nothing: the policy does not learn."""
        return self._resource

    def predict_action_probabilities(
        self, tracker: DialogueStateTracker, domain: Domain, rule_only_data: Optional[Dict[str, Any]] = None, **kwargs: Any
    ) -> PolicyPrediction:
        """Probability 1 for the next action."""
        due = ACTION if tracker.latest_action_name == ACTION_LISTEN_NAME else ACTION_LISTEN_NAME
        return self._prediction(confidence_scores_for(due, 1.0, domain))
