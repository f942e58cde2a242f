"""The editors' inbox: what the bot did not do well, in groups, and what editors decided about it."""
