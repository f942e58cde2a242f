"""Serving: Rasa's start, the channel to the desk, and publishing to running bots."""
