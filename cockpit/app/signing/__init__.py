"""Accounts and their keys: stored, tried, and chosen for a session."""
