"""What a replay can play: files of CSV, or tapes; told apart by what is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from functools import cached_property
from itertools import pairwise

from cockpit.adapters.feeds.chunks import Batch, Item, Rows, Source
from cockpit.adapters.feeds.replay.files import refusal
from cockpit.adapters.feeds.replay.rows import every_quote, merged, trade_rows
from cockpit.adapters.feeds.replay.scan import Scan, scan
from cockpit.adapters.feeds.replay.settings import ReplaySettings
from cockpit.adapters.tape.reader import TapeFile, TapeSource, blocks, is_tape, open_tape
from cockpit.domain.instrument import Instrument
from cockpit.ports.feed import FeedError
from cockpit.ports.tape import Origin


def recording_of(settings: ReplaySettings) -> CsvRecording | TapeRecording:
    """Tapes or CSV files, by their first bytes. Raises FeedError for both at once."""
    tapes = [path for path in settings.files if is_tape(path)]
    if not tapes:
        return CsvRecording(settings)
    others = [path for path in settings.files if path not in tapes]
    if others:
        raise refusal(others[0], "a tape can't be played together with other files")
    if settings.exchange:
        raise FeedError(
            "exchange of a tape",
            user_text="A tape holds the one book that was recorded; it has no exchange to choose.",
            code="FEED_EXCHANGE",
        )
    return TapeRecording(settings)


class TapeRecording:
    """One tape, or several of one feed that follow each other."""

    def __init__(self, settings: ReplaySettings) -> None:
        self._files = settings.files

    @cached_property
    def tapes(self) -> list[TapeFile]:
        """In order of time. Raises FeedError for an empty one and for two of the same time."""
        tapes = sorted(map(open_tape, dict.fromkeys(self._files)), key=lambda tape: tape.start_ns)
        for tape in tapes:
            if not tape.rows:
                raise refusal(tape.path, "there is no row on it")
        for before, after in pairwise(tapes):
            if after.start_ns < before.end_ns:
                raise refusal(after.path, f"it begins before {before.path.name} has ended")
        return tapes

    @cached_property
    def instruments(self) -> tuple[Instrument, ...]:
        """Those of all tapes, each once."""
        each = {i.symbol: i for tape in self.tapes for i in tape.origin.instruments}
        return tuple(each.values())

    @property
    def references(self) -> Mapping[str, float]:
        """Those of the first tape: the day before."""
        return self.tapes[0].origin.references

    @property
    def skipped(self) -> Mapping[str, int]:
        """What was left out when it was recorded."""
        total = Counter[str]()
        for tape in self.tapes:
            total.update({} if tape.totals is None else tape.totals.skipped)
        return dict(total)

    @property
    def origin(self) -> Origin | None:
        """That of a single tape."""
        return self.tapes[0].origin if len(self.tapes) == 1 else None

    def batches(self) -> Iterator[Batch]:
        """All of it, for whoever may wait for the disk."""
        for tape in self.tapes:
            for block in blocks(tape):
                yield from block

    def bounds(self) -> tuple[int, int]:
        """Times of the first and last row, in ns."""
        return self.tapes[0].start_ns, self.tapes[-1].end_ns

    def rows(self) -> Source:
        """All of it, in order of time."""
        return TapeSource(self.tapes)


class CsvRecording:
    """Files of quotes and trades; for each symbol one exchange makes the book."""

    def __init__(self, settings: ReplaySettings) -> None:
        self._settings = settings
        self._skipped: Counter[str] = Counter()

    @cached_property
    def instruments(self) -> tuple[Instrument, ...]:
        """A plain US stock for each symbol seen."""
        return tuple(Instrument(symbol=symbol) for symbol in self.scan.symbols if symbol)

    @property
    def references(self) -> Mapping[str, float]:
        """Empty: such files don't hold the day before."""
        return {}

    @property
    def skipped(self) -> Mapping[str, int]:
        """Quotes of exchanges that don't make the book, as `other_exchange`."""
        return dict(self._skipped)

    @property
    def origin(self) -> None:
        """They say nothing of where they come from."""
        return

    @cached_property
    def scan(self) -> Scan:
        """The first pass. Raises FeedError."""
        return scan(self._settings.files)

    @cached_property
    def books(self) -> Mapping[str, str]:
        """The exchange whose quotes make the book, by symbol.

        Raises FeedError when the chosen exchange has no quote at all.
        """
        chosen = self._settings.exchange
        if chosen:
            return self._chosen(chosen)
        best: dict[str, tuple[int, str]] = {}
        for (symbol, exchange), span in sorted(self.scan.quotes.items()):
            if span.rows > best.get(symbol, (0, ""))[0]:
                best[symbol] = (span.rows, exchange)
        return {symbol: exchange for symbol, (_, exchange) in best.items()}

    def bounds(self) -> tuple[int, int]:
        """Times of the first and last row, in ns."""
        spans = [
            span
            for (symbol, exchange), span in self.scan.quotes.items()
            if self.books.get(symbol) == exchange
        ]
        spans += self.scan.trades.values()
        return min(span.first_ns for span in spans), max(span.last_ns for span in spans)

    def rows(self) -> Rows:
        """All of it, in order of time."""
        return merged(self.scan.layouts, self.books, self._settings.quote_lot, self._skipped)

    def each_book(self) -> Generator[tuple[str, Item]]:
        """Every row there is, with the exchange of a quote; a file after the other."""
        for layout in self.scan.layouts:
            if layout.quotes:
                yield from every_quote(layout, self._settings.quote_lot)
            else:
                yield from (("", item) for item in trade_rows(layout))

    def _chosen(self, exchange: str) -> Mapping[str, str]:
        there = {symbol for symbol, its in self.scan.quotes if its == exchange}
        if there:
            return dict.fromkeys(sorted(there), exchange)
        seen = ", ".join(f"{name or 'none'} ({n:,})" for name, n in self.scan.exchanges.items())
        raise FeedError(
            f"no quote of exchange {exchange!r}",
            user_text=f"No quote of exchange {exchange} is in these files; "
            f"they hold {seen or 'no quotes'}. Choose another, or none to take the busiest.",
            code="FEED_EXCHANGE",
        )
