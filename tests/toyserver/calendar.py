"""The toy venue's trading days, those of the New York exchange, and its bars."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cockpit.domain.values import NEW_YORK, utc
from cockpit.market.session import SessionCalendar

_LIMIT = 3
EXCHANGE = SessionCalendar(Path(tempfile.gettempdir()) / "cockpit-tests-calendar")
CLOSED: set[date] = set()
"""Days on which it stays closed, though nobody planned it."""


def clock(now_ns: int) -> dict[str, Any]:
    now = utc(now_ns).astimezone(NEW_YORK)  # to the microsecond, as the venue's own
    return {
        "timestamp": now.isoformat(),
        "is_open": False,
        "next_open": _at(now.date() + timedelta(days=1), 9, 30),
        "next_close": _at(now.date() + timedelta(days=1), 16, 0),
    }


def days(start: str | None, end: str | None) -> list[dict[str, Any]]:
    first = date.fromisoformat(start or "2024-01-02")
    last = date.fromisoformat(end or "2024-01-05")
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    sessions = [session for day in span if (session := EXCHANGE.session(day)) is not None]
    EXCHANGE.keep()  # making it loads pandas, which would hold up every toy's answers anew
    return [
        {
            "date": session.day.isoformat(),
            "open": _time(session.open_ns),
            "close": _time(session.close_ns),
            "session_open": "0400",
            "session_close": _time(session.post_end_ns).replace(":", ""),
            "settlement_date": (session.day + timedelta(days=1)).isoformat(),
        }
        for session in sessions
        if session.day not in CLOSED
    ]


def _time(ns: int) -> str:
    return f"{utc(ns).astimezone(NEW_YORK):%H:%M}"


def bars(query: Mapping[str, str]) -> dict[str, Any]:
    """Minute bars by page: `_LIMIT` a page, one symbol after the other."""
    begin = datetime.fromisoformat(query["start"]).astimezone(UTC)
    wanted = [(s, n) for s in query["symbols"].split(",") for n in range(5)]
    at = int(query.get("page_token") or 0)
    page: dict[str, list[dict[str, Any]]] = {}
    for symbol, minute in wanted[at : at + _LIMIT]:
        moment = begin + timedelta(minutes=minute)
        page.setdefault(symbol, []).append(
            {
                "t": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "o": 10 + minute,
                "h": 10.5 + minute,
                "l": 9.5 + minute,
                "c": 10.25 + minute,
                "v": 1000,
                "n": 12,
                "vw": 10.1 + minute,
            }
        )
    more = at + _LIMIT < len(wanted)
    return {"bars": page, "next_page_token": str(at + _LIMIT) if more else None}


def snapshot(close: float = 9.95) -> dict[str, Any]:
    """Where a symbol stands: only yesterday's `close` differs from nothing."""
    bar = {"o": 9.9, "h": 10.2, "l": 9.8, "v": 90_000, "n": 700, "vw": 10.0}
    today = datetime.now(NEW_YORK).date()
    before = today - timedelta(days=1)
    return {
        "latestTrade": None,
        "latestQuote": None,
        "minuteBar": None,
        "dailyBar": bar | {"t": f"{today.isoformat()}T05:00:00Z", "c": 10.1},
        "prevDailyBar": bar | {"t": f"{before.isoformat()}T05:00:00Z", "c": close},
    }


def _at(day: date, hour: int, minute: int) -> str:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK).isoformat()
