"""Errors that several commands of `python -m bot` report to their caller."""

from __future__ import annotations


class OutputError(Exception):
    """A report cannot be written to a path; the message states the path and the cause."""
