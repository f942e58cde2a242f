"""Accounts: agents, their sessions and roles."""
