"""Waves: many customers suddenly write alike, because of a scam's script, an outage or a broken release."""
