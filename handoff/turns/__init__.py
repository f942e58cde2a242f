"""Turns: what the bot says to a message."""
