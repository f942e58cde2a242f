"""The components of our Rasa pipeline (`config.yml`), in the order in which a message passes them."""
