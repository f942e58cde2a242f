"""Call-backs: a customer books a time and confirms a number; an agent calls."""
