"""Accounts: who is this? Agents, sessions and roles."""
