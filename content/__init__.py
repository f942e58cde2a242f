"""Content: what the editors have written: load it, check it, render it."""
