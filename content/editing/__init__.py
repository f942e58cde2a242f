"""Changes to the editors' files: read and write them without losing a comment, an order, or somebody else's change."""
