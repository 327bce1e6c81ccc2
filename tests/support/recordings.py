"""A recorded session of our own: small, believable, and always the same.

Two stocks, fifteen minutes from before the bell. Both make a range in the first five
minutes. ACME breaks out upward and runs to its target; BOLT breaks out downward, turns
and takes its stop. Exchange N quotes every second and makes the book; exchange P quotes
seldom, and badly.
"""

from __future__ import annotations

import csv
import gzip
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

DAY = "2018-01-02"
OPENS = datetime(2018, 1, 2, 14, 30, tzinfo=UTC)  # 09:30 in New York
BEFORE, AFTER = 10, 900  # seconds around the bell
SPARSE = 15  # P quotes once in so many seconds
OPEN_BY = 340  # by then both stocks have broken out

QUOTE_HEADER = ("ts", "symbol", "bid", "bid_size", "ask", "ask_size", "exchange")
TRADE_HEADER = ("ts", "symbol", "price", "size", "exchange", "conditions", "corr")

Row = tuple[str, ...]
Side = tuple[int, int]  # cents and round lots


@dataclass(frozen=True)
class Stock:
    """A price path in cents: (second after the bell, offset from `base`), straight between."""

    symbol: str
    base: int
    path: tuple[tuple[int, int], ...]

    def cents(self, second: float) -> int:
        """The mid at `second`, with a ripple too small to leave the opening range."""
        (t0, p0), (t1, p1) = next(
            pair for pair in zip(self.path, self.path[1:], strict=False) if second <= pair[1][0]
        )
        ripple = round(2 * math.sin(second / 7))
        return self.base + round(p0 + (p1 - p0) * (second - t0) / (t1 - t0)) + ripple


STOCKS = (
    Stock("ACME", 5000, ((-60, 0), (60, 10), (180, -10), (300, 8), (330, 25), (600, 90), (901, 9))),
    Stock("BOLT", 3000, ((-60, 0), (80, -9), (200, 9), (300, -6), (340, -20), (600, 40), (901, 9))),
)


@dataclass(frozen=True)
class Recording:
    """The two files of a session."""

    quotes: Path
    trades: Path

    @property
    def files(self) -> tuple[str, str]:
        """Their paths, as the command line takes them."""
        return str(self.quotes), str(self.trades)


def write_recording(folder: Path, *, held: int = 1) -> Recording:
    """Write the session into `folder`; what follows the break-outs takes `held` times as long."""
    folder.mkdir(parents=True, exist_ok=True)
    quotes = write_csv(folder / f"MINI_{DAY}_quotes.csv.gz", QUOTE_HEADER, quote_rows(held))
    trades = write_csv(folder / f"MINI_{DAY}_trades.csv.gz", TRADE_HEADER, trade_rows(held))
    return Recording(quotes, trades)


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Row] | Iterator[Row]) -> Path:
    """Write a CSV file, gzipped when it is named so."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8", newline="") as text:
        out = csv.writer(text, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)
    return path


def _told(held: int) -> Iterator[tuple[int, float]]:
    """Each second of the session, and the second of the price path that it shows."""
    yield from ((second, second) for second in range(-BEFORE, OPEN_BY))
    for second in range((AFTER - OPEN_BY) * held + 1):
        yield OPEN_BY + second, OPEN_BY + second / held


def quote_rows(held: int = 1) -> Iterator[Row]:
    """Every quote in time order, both exchanges."""
    seldom = 0
    for second, shown in _told(held):
        for stock in STOCKS:
            mid = stock.cents(shown)
            size = 3 + second % 5
            yield _quote(second, stock.symbol, (mid - 1, size), (mid + 1, size + 2), "N")
        for stock in STOCKS if second % SPARSE == 0 else ():
            seldom += 1
            yield _poor_quote(second, stock.symbol, stock.cents(shown), seldom)


def _poor_quote(second: int, symbol: str, mid: int, number: int) -> Row:
    """A quote of P: the first of each dozen lack a side or are crossed."""
    bid, ask = {1: (0, mid + 3), 2: (mid - 3, 0), 3: (mid + 4, mid - 4)}.get(
        number % 12, (mid - 3, mid + 3)
    )
    return _quote(second, symbol, (bid, 1), (ask, 1), "P", micros=500)


def trade_rows(held: int = 1) -> Iterator[Row]:
    """A print every two seconds, on alternating sides."""
    for second, shown in islice(_told(held), None, None, 2):
        for stock in STOCKS:
            price = stock.cents(shown) + (1 if second % 4 else -1)
            size = str(100 * (1 + second % 3))
            yield (_at(second, 250_000), stock.symbol, _money(price), size, "N", "", "0")


def _quote(
    second: int, symbol: str, bid: Side, ask: Side, exchange: str, *, micros: int = 0
) -> Row:
    sides = (_money(bid[0]), str(bid[1]), _money(ask[0]), str(ask[1]))
    return (_at(second, micros), symbol, *sides, exchange)


def _at(second: int, micros: int) -> str:
    time = OPENS + timedelta(seconds=second, microseconds=micros)
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _money(cents: int) -> str:
    return f"{cents / 100:.2f}"
