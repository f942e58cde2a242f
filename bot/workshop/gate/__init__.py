"""The gate: may a draft be published? It compares a draft with what is live, and names what would get worse."""
