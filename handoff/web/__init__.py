"""HTTP: routes for customers, agents and the bot, streams, and the pages."""
