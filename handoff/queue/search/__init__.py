"""Search over all conversations: an index of what people wrote, and of episodes with their reasons and outcomes."""
