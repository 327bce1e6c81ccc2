"""The first pass: is every file whole and sorted, who quotes most, when does it begin and end.

Order: a row goes back when its time is before the latest time above it in the same file.
A file in which more than one row in a hundred goes back is unsorted and refused with the
first such line; below that the rows are quarantined one by one as `out_of_order`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.adapters.feeds.replay.columns import Layout, recognise
from cockpit.adapters.feeds.replay.files import Lines, lines, refusal
from cockpit.adapters.feeds.replay.times import TimeParser
from cockpit.ports.feed import FeedError

MAX_BACK_FRACTION = 0.01


@dataclass(slots=True)
class Span:
    """How many rows there are of one kind, and their first and last time in ns."""

    rows: int = 0
    first_ns: int = 0
    last_ns: int = 0

    def add(self, ts: int) -> None:
        """Count a row."""
        if not self.rows or ts < self.first_ns:
            self.first_ns = ts
        self.last_ns = max(self.last_ns, ts)
        self.rows += 1


Spans = dict[tuple[str, str], Span]


@dataclass(slots=True)
class Scan:
    """What the first pass over all files found."""

    layouts: list[Layout] = field(default_factory=list[Layout])
    quotes: Spans = field(default_factory=dict[tuple[str, str], Span])  # by symbol and exchange
    trades: Spans = field(default_factory=dict[tuple[str, str], Span])

    @property
    def symbols(self) -> tuple[str, ...]:
        """All symbols seen, sorted."""
        return tuple(sorted({symbol for symbol, _ in (*self.quotes, *self.trades)}))

    @property
    def exchanges(self) -> dict[str, int]:
        """Quotes by exchange over all symbols, most first."""
        totals: dict[str, int] = {}
        for (_, exchange), span in self.quotes.items():
            totals[exchange] = totals.get(exchange, 0) + span.rows
        return dict(sorted(totals.items(), key=lambda each: (-each[1], each[0])))


def scan(paths: Iterable[Path]) -> Scan:
    """Read every file once. Raises FeedError for the first one that can't be used."""
    result = Scan()
    seen: set[Path] = set()
    for path in paths:
        real = path.resolve()
        if real in seen:
            raise refusal(path, "it is named twice")
        seen.add(real)
        _scan_file(path, result)
    if not result.layouts:
        raise FeedError(
            "no files",
            user_text="There is nothing to replay: name at least one recorded file.",
            code="FEED_MISSING",
        )
    return result


def _scan_file(path: Path, result: Scan) -> None:
    source = lines(path)
    _, header = next(source, (0, list[str]()))
    layout = recognise(path, header)
    order = _scan_rows(source, layout, result.quotes if layout.quotes else result.trades)
    if not order.rows:
        raise refusal(path, "it has no row that can be read")
    if order.back > order.rows * MAX_BACK_FRACTION:
        raise refusal(
            path,
            f"the times are not sorted: this row and {order.back - 1} more go back behind "
            f"a row above them",
            line=order.first_back,
            code="FEED_UNSORTED",
        )
    result.layouts.append(layout)


@dataclass(slots=True)
class _Order:
    rows: int = 0
    back: int = 0
    first_back: int = 0


def _scan_rows(source: Lines, layout: Layout, spans: Spans) -> _Order:
    parse = TimeParser().parse
    at_ts, at_symbol = layout.at("ts", "symbol")
    at_exchange = layout.optional("exchange") if layout.quotes else None
    order, latest = _Order(), 0
    for line, fields in source:
        try:
            ts = parse(fields[at_ts])
            key = (fields[at_symbol], "" if at_exchange is None else fields[at_exchange])
        except (ValueError, IndexError):
            continue  # the second pass counts it as unreadable
        order.rows += 1
        if ts < latest:
            order.back += 1
            order.first_back = order.first_back or line
            continue
        latest = ts
        span = spans.get(key)
        if span is None:
            span = spans[key] = Span()
        span.add(ts)
    return order
