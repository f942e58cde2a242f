"""What an edit changes: snapshots of the editors' files are trained, gated, compared on the real log, published."""
