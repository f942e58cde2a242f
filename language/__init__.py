"""Which language a customer writes in, and traditional Chinese: known to the bot and to the desk, and knowing neither."""
