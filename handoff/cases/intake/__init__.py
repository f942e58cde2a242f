"""The intake: short questions to a customer who waits, from `data/intake.yml`, so that the agent can start at once."""
