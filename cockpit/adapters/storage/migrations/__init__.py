"""How the tables became what they are; alembic reads this folder by its path."""
