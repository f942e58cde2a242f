"""Rate limits: how often an address, a conversation or a login may act."""
