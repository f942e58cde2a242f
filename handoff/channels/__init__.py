"""Channels: how customers' words come in and how answers go out."""
