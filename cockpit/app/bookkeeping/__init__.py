"""The journal without a session: statements imported, and what all accounts have traded."""
