"""How many rows of recorded files break which rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from cockpit.adapters.feeds.chunks import Item, Told, Unreadable
from cockpit.adapters.feeds.replay.recordings import CsvRecording, recording_of
from cockpit.adapters.feeds.replay.settings import ReplaySettings
from cockpit.market.quality import Quality
from cockpit.market.rules import RULES, row_words
from cockpit.ports.feed import RawCorrection, RawQuote, RawTrade

_STEP = 10_000


class QualityReport(msgspec.Struct, frozen=True, kw_only=True):
    """Counts over all files.

    `rules` are rows by rule, each row under all it breaks; `refused` are rows by the first of
    them that refused it, `flagged` those that passed nevertheless.
    """

    rows: int
    accepted: int
    refused: dict[str, int]
    flagged: dict[str, int]
    rules: dict[str, int]
    exchanges: dict[str, int]


OnHit = Callable[[str, str, int, str], None]
"""Told of each rule that applied: its name, the exchange, the row's time in ns and its words."""


class _Tally:
    """One `Quality` for each exchange: a book of its own, as no feed mixes them."""

    def __init__(self, on_hit: OnHit | None) -> None:
        self._on_hit = on_hit
        self._books: dict[str, Quality] = {}
        self._rows: Counter[str] = Counter()

    def take(self, exchange: str, item: Item, ts_init: int) -> None:
        quality = self._books.get(exchange)
        if quality is None:
            quality = self._books[exchange] = self._book(exchange)
        self._rows[exchange] += 1
        if isinstance(item, RawQuote):
            quality.check_quote(item, ts_init)
        elif isinstance(item, RawTrade):
            quality.check_trade(item, ts_init)
        elif isinstance(item, RawCorrection):
            quality.check_correction(item, ts_init)
        elif isinstance(item, Unreadable):
            quality.quarantine(item.reason, item.detail, item.ts_event)
            if self._on_hit is not None:
                self._on_hit(item.reason, exchange, item.ts_event, item.detail)
        else:
            quality.check_status(item, ts_init)

    def report(self) -> QualityReport:
        books = self._books.values()
        return QualityReport(
            rows=self._rows.total(),
            accepted=sum(book.accepted for book in books),
            refused=_sum(book.counts for book in books),
            flagged=_sum(book.flagged for book in books),
            rules=_sum(book.hits for book in books),
            exchanges={name: self._rows[name] for name in sorted(self._rows) if name},
        )

    def _book(self, exchange: str) -> Quality:
        on_hit = self._on_hit
        if on_hit is None:
            return Quality()
        return Quality(
            on_hit=lambda rule, row: on_hit(rule, exchange, row.ts_event, row_words(row))
        )


def quality_of(
    files: Sequence[Path],
    on_hit: OnHit | None = None,
    step: Callable[[int], None] = lambda _rows: None,
) -> QualityReport:
    """Take every row of CSV files, all exchanges, or of tapes, through the rules.

    `step` is told of the rows done, some thousands at a time. Raises FeedError for a file that
    can't be used.
    """
    tally = _Tally(on_hit)
    recording = recording_of(ReplaySettings(files=tuple(files)))
    if isinstance(recording, CsvRecording):
        for done, (exchange, item) in enumerate(recording.each_book(), start=1):
            tally.take(exchange, item, item.ts_event)
            if done % _STEP == 0:
                step(_STEP)
    else:
        for batch in recording.batches():
            if isinstance(batch, Unreadable):
                tally.take("", batch, batch.ts_event)
                continue
            if isinstance(batch, Told):
                continue  # the source's own bars: no rule is of them
            for row in batch[1]:
                tally.take("", row, batch[0])
            step(len(batch[1]))
    return tally.report()


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """All together, in the order of the rules."""
    total = Counter[str]()
    for each in counts:
        total.update(each)
    known = [name for name in RULES if name in total]
    return {name: total[name] for name in (*known, *sorted(set(total) - set(known)))}
