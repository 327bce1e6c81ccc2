"""What the journal raises."""

from __future__ import annotations

from cockpit.domain.errors import CockpitError


class JournalError(CockpitError):
    """Root of this package's errors."""

    code = "JOURNAL_ERROR"


class BadDayError(JournalError):
    """A day that is no ISO 8601 date."""

    code = "JOURNAL_DAY"

    def __init__(self, day: str) -> None:
        super().__init__(
            f"not a day: {day!r}",
            user_text=f"{day!r} is not a day. Write it as year-month-day, like 2018-01-02.",
        )
