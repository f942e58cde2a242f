"""The bot: components for Rasa's pipeline (nlu), the service (serving), training (learning) and figures (evaluation)."""
