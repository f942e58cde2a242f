"""What the bot does with a message: decide, answer, hand over. Served by rasa-sdk."""
