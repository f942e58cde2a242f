"""The words that the bot's and the desk's environment share: shapes on the wire, names, and what a text shows.

Standard library only, Python 3.10 and later.
"""
