"""The words that both environments share. Standard library only."""
