"""The log as the workshop reads it: the turns with what the bot was told, decided again, and closed cases opened."""
