"""The database backend: Django's own for PostgreSQL, which also says whose rows a statement may see."""
