"""Incidents: what supervisors announce to all customers, and tell those who asked when it is over."""
