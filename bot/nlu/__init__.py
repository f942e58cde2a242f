"""The components of our Rasa pipeline (`config.yml`) and the parts that they are made of."""
