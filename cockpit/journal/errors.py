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


class BadEntryError(JournalError):
    """Words that an entry can't keep."""

    code = "JOURNAL_ENTRY"

    def __init__(self, why: str) -> None:
        super().__init__(why, user_text=f"{why} Nothing was changed.")


class NoSuchTradeError(JournalError):
    """A trade that the account has not closed."""

    code = "JOURNAL_TRADE"

    def __init__(self, trade_id: str, account_id: str) -> None:
        why = f"{account_id} has closed no trade {trade_id!r}."
        super().__init__(
            why,
            user_text=f"{why} Its trades and their ids: cockpit journal trades --json. "
            "Nothing was changed.",
        )


class NoSuchVersionError(JournalError):
    """A version that the entry never had."""

    code = "JOURNAL_VERSION"

    def __init__(self, version: int | None) -> None:
        why = (
            "The entry has no earlier words to go back to."
            if version is None
            else f"The entry has no version {version}."
        )
        super().__init__(why, user_text=f"{why} Nothing was changed.")
