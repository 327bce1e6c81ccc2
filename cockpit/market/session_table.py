"""The sessions of a few years, from exchange-calendars once, then from a small file.

The library brings pandas, which takes as long to load as a quarter of a start. What it says of
three years fits into one small file, which is good for as long as the same version is installed.
"""

from __future__ import annotations

import warnings
from datetime import date
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import msgspec
import structlog

from cockpit.kernel.private_files import PrivateFileError, private_folder, write_private
from cockpit.market.errors import MarketError

EXCHANGE = "XNYS"
LIBRARY = "exchange_calendars"
FEWEST_A_YEAR, MOST_A_YEAR = 240, 254  # what a year of the exchange can hold
_log = structlog.get_logger(__name__)

Hours = tuple[int, int]
"""Open and close of a regular session, ns UTC."""


class SessionTable(msgspec.Struct, frozen=True, kw_only=True):
    """Every session of whole years; `made_by` is the library's version."""

    exchange: str
    made_by: str
    first_year: int
    last_year: int
    hours: dict[date, Hours]

    def covers(self, day: date) -> bool:
        """Whether it can tell if there is a session on `day`."""
        return self.first_year <= day.year <= self.last_year

    @property
    def plausible(self) -> bool:
        """Whether it can be what an exchange does in these years."""
        years = self.last_year - self.first_year + 1
        return FEWEST_A_YEAR * years <= len(self.hours) <= MOST_A_YEAR * years and all(
            self.covers(day) and opens < closes for day, (opens, closes) in self.hours.items()
        )


def table_around(day: date, folder: Path | None) -> tuple[SessionTable, bool]:
    """The table with the years around `day`, and whether it had to be made.

    Raises MarketError when there is no calendar for that day.
    """
    first, last = day.year - 1, day.year + 1
    kept = None if folder is None else _kept(folder / _name(first, last), first, last)
    return (kept, False) if kept is not None else (_made(day, first, last), True)


def keep_table(table: SessionTable, folder: Path) -> None:
    """Write the table for the next start. Where it can't be written, that one makes it again."""
    try:
        private_folder(folder)
        path = folder / _name(table.first_year, table.last_year)
        write_private(path, msgspec.json.encode(table))
    except (OSError, PrivateFileError) as error:
        _log.warning("session_table_not_kept", error=str(error))


def no_calendar(day: date, why: str) -> MarketError:
    """There is nothing to be known of that day."""
    return MarketError(
        f"no calendar for {day}: {why}",
        user_text=f"The exchange calendar doesn't cover {day}; session times are not known.",
        code="MARKET_CALENDAR",
    )


def _name(first_year: int, last_year: int) -> str:
    return f"sessions-{EXCHANGE}-{first_year}-{last_year}.json"


def _kept(path: Path, first_year: int, last_year: int) -> SessionTable | None:
    """What the file says, if this version of the library made it and it can be true."""
    try:
        table = msgspec.json.decode(path.read_bytes(), type=SessionTable)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        _log.warning("session_table_unreadable", error=str(error))
        return None
    expected = (EXCHANGE, _library_version(), first_year, last_year)
    found = (table.exchange, table.made_by, table.first_year, table.last_year)
    if found != expected or not table.made_by:
        return None
    if not table.plausible:
        _log.warning("session_table_implausible", sessions=len(table.hours))
        return None
    return table


def _made(day: date, first_year: int, last_year: int) -> SessionTable:
    library: Any = import_module(LIBRARY)  # it has no types, and weighs as much as all the rest
    years = {"start": f"{first_year}-01-01", "end": f"{last_year}-12-31"}
    try:
        with warnings.catch_warnings():
            # its own use of pandas is not ours to mend
            warnings.simplefilter("ignore", DeprecationWarning)
            calendar = library.get_calendar(EXCHANGE, **years)
    except Exception as error:
        raise no_calendar(day, repr(error)) from error
    days = [label.date() for label in calendar.sessions]
    bounds = zip(calendar.opens, calendar.closes, strict=True)
    hours = [(int(opens.value), int(closes.value)) for opens, closes in bounds]
    return SessionTable(
        exchange=EXCHANGE,
        made_by=_library_version(),
        first_year=first_year,
        last_year=last_year,
        hours=dict(zip(days, hours, strict=True)),
    )


def _library_version() -> str:
    try:
        return version(LIBRARY)
    except PackageNotFoundError:  # in a build without the packages' records
        return ""
