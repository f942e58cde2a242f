"""Jobs: the work that the bot's environment does for the workshop, one at a time, with progress and a lease."""
