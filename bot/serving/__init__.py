"""Serving: the channel, Rasa's start, and publishing to running bots."""
