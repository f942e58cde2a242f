"""What the bot does with a message: decide, answer, hand over. Runs in Rasa's process, or on an action server (rasa-sdk)."""
