"""Who has the conversation: its log, its owner, the queue, the agents, and the web pages for all of them."""
