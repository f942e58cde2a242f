"""The queue: who takes a conversation, and when."""
