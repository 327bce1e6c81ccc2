"""Cockpit: the desktop from which a solo trader runs the whole day."""

__version__ = "0.1.0"
