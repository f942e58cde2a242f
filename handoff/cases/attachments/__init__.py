"""Pictures that customers send: checked, drawn anew in a process of their own, kept in the database, never public."""
