"""What to do with lines that another import has booked."""

from __future__ import annotations

from enum import StrEnum


class Doubles(StrEnum):
    """A person's word on lines booked already, for another account or as another kind."""

    ASK = "ask"
    """Book nothing until a person has chosen."""
    LEAVE = "leave"
    """Leave such lines out and book the others."""
    BOOK = "book"
    """Book them beside the others."""
