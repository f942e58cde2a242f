"""Conversations: what was said, and who has it."""
