"""What a conversation is and what may happen to it. Pure Python: no input or output, time is handed in."""
