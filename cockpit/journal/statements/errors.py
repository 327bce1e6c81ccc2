"""What reading a statement raises."""

from __future__ import annotations

from cockpit.journal.errors import JournalError


class StatementError(JournalError):
    """The file as a whole can't be read as a statement; nothing was booked."""

    code = "STATEMENT"


class ColumnsError(StatementError):
    """A table of which nobody has said which column means what; a person can."""


class UnreadableError(JournalError):
    """Figures of one line can't be read or don't agree; that line is for a person to see."""

    code = "STATEMENT_LINE"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, user_text=reason)
