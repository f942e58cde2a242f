"""What people and the bot may do with conversations: one module for each of them."""
