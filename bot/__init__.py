"""What the wallet adds to Rasa: normaliser, entities, encoder, out-of-scope detector, channel."""
