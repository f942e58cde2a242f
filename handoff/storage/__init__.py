"""PostgreSQL: tables, migrations, and the store that the services use."""
