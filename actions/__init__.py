"""The custom action: it decides what happens with a message, answers, and requests a handoff."""
