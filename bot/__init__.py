"""What the wallet adds to Rasa: normaliser, entities, encoder, intent model, channel."""
