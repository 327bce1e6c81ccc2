"""Recaps of a session and of what is stored: gathered here, written by the recap room."""
