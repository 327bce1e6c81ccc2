"""Feeds in an order as one: while the first is down, stale or flaps, the next one serves.

The first runs all the time, the others only while they are needed, for a connection costs its
vendor's allowance. Rows of one that does not serve are left out, but for halts, which are true
whoever tells them, and corrections of what it told while it served. Nobody's quote goes over a
later one: the quality gate sees to that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import msgspec
import structlog

from cockpit.adapters.feeds.standing import Patience, Standing, Turns
from cockpit.adapters.feeds.told import ToldPrints
from cockpit.domain.connection import Connection, Health
from cockpit.domain.instrument import Instrument
from cockpit.kernel.clock import SECOND
from cockpit.ports.clock import Clock
from cockpit.ports.columns import others_in
from cockpit.ports.feed import (
    Feed,
    FeedError,
    FeedSink,
    Gathering,
    RawBar,
    RawCorrection,
    RawRow,
    RawStatus,
    Watching,
)
from cockpit.ports.health import Check, Checked, CheckState

_log = structlog.get_logger(__name__)
_LOOK_S = 0.25


class Relay:
    """Implements `Feed`, `Watching`, `Gathering` and `Checked`, named after the first of `feeds`.

    `on_serving` is called with the name of the one that serves from then on, and why.
    """

    playback = None

    def __init__(
        self, feeds: Sequence[Feed], *, clock: Clock, patience: Patience | None = None
    ) -> None:
        self._all = tuple(feeds)
        self._feeds = [self._all[0]]
        self._clock = clock
        self._patience = patience or Patience()
        self._unfit: dict[str, str] = {}
        self._standings: list[Standing] = []
        self._turns = Turns([], self._patience)
        self._running: dict[int, asyncio.Task[None]] = {}
        self._over: dict[int, FeedError] = {}
        self._prints: dict[int, ToldPrints] = {}
        self._sink: FeedSink | None = None
        self._shown: Connection | None = None
        self.on_serving: Callable[[str, str], None] = lambda _name, _why: None

    @property
    def name(self) -> str:
        """The first one's."""
        return self._all[0].name

    @property
    def label(self) -> str:
        """The first one's: none of another kind ever serves."""
        return self._all[0].label

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What the first one delivers; the others are asked for the same."""
        return self._all[0].instruments

    @property
    def reference_prices(self) -> Mapping[str, float]:
        """The first one's, and of others what it does not know."""
        known = [feed.reference_prices for feed in reversed(self._feeds)]
        return {symbol: price for prices in known for symbol, price in prices.items()}

    @property
    def skipped(self) -> Mapping[str, int]:
        """Of all of them together."""
        told = [feed.skipped for feed in self._feeds]
        return {why: sum(each.get(why, 0) for each in told) for each in told for why in each}

    @property
    def serving(self) -> str:
        """The name of the one that serves."""
        return self._feeds[self._turns.serving].name

    async def prepare(self) -> None:
        """As of the first one, which raises FeedError.

        One of the others that can't be used is left out, and Health says why.
        """
        first = self._all[0]
        await first.prepare()
        if len(self._feeds) > 1 or self._unfit:
            return
        for feed in self._all[1:]:
            if why := await _why_unfit(feed, first):
                self._unfit[feed.name] = why
            else:
                self._feeds.append(feed)
                self._ask_for(feed, tuple(i.symbol for i in first.instruments))

    def watch(self, symbols: Sequence[str]) -> None:
        """Ask all of them, whoever serves."""
        for feed in self._feeds:
            self._ask_for(feed, symbols)

    def catch_up(self) -> None:
        """As of `Gathering`: what waits of any of them."""
        for feed in self._feeds:
            if isinstance(feed, Gathering):
                feed.catch_up()

    async def run(self, sink: FeedSink) -> None:
        """Deliver until cancelled. Raises FeedError when the last of them has ended for good."""
        now_s = self._now_s()
        self._sink = sink
        self._standings = [Standing(self._patience, now_s) for _ in self._feeds]
        self._turns = Turns(self._standings, self._patience)
        try:
            while True:
                self._start_wanted()
                tasks = self._running.values()
                await asyncio.wait(tasks, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
                self._see_ended()
                await self._look()
        finally:
            for at in sorted(self._running, reverse=True):  # the first one's lamp is the last
                await self._stop(at)
            self._sink = None

    async def checks(self) -> Sequence[Check]:
        """Who serves and why; then what each says of itself."""
        found = [self._serving_check()]
        for at, feed in enumerate(self._feeds):
            told = await feed.checks() if isinstance(feed, Checked) else ()
            if at == 0 and not self._turns.serving:
                found += told
            elif at in (0, self._turns.serving) or at in self._running:
                found += [self._as_other(at, check) for check in told]
        return found

    # what the feeds tell

    def rows_from(self, at: int, rows: Sequence[RawRow]) -> None:
        """Feed number `at` brought rows."""
        if self._sink is None:
            return
        prints = self._prints.setdefault(at, ToldPrints())
        if at == self._turns.serving:
            prints.note(rows)
        else:
            rows = [
                row
                for row in others_in(rows)
                if isinstance(row, RawStatus)
                or (isinstance(row, RawCorrection) and prints.corrects(row))
            ]
        if rows:
            self._sink.on_rows(rows)

    def bars_from(self, at: int, bars: Sequence[RawBar]) -> None:
        """It brought bars of its own."""
        if self._sink is not None and at == self._turns.serving:
            self._sink.on_bars(bars)

    def unreadable_from(self, at: int, reason: str, detail: str) -> None:
        """It brought what can't be read."""
        if self._sink is not None and at == self._turns.serving:
            self._sink.on_quarantined(reason, detail)

    def lamp_from(self, at: int, lamp: Connection) -> None:
        """Its lamp changed."""
        self._standings[at].take(lamp, self._now_s())
        self._show()

    # who runs, and who serves

    def _start_wanted(self) -> None:
        for at in range(self._turns.wanted(self._now_s())):
            if at not in self._running and at not in self._over:
                self._standings[at].begins(self._now_s())
                run = self._feeds[at].run(_Sink(self, at))
                self._running[at] = asyncio.ensure_future(run)

    def _see_ended(self) -> None:
        """Raises what ended the first one once the last one has ended."""
        for at, task in list(self._running.items()):
            if not task.done():
                continue
            del self._running[at]
            try:
                task.result()
                error = FeedError(f"{self._feeds[at].name} ended", user_text="The feed ended.")
            except FeedError as raised:
                error = raised
            except Exception as raised:  # noqa: BLE001 -- whatever it was: another one can serve
                error = FeedError(repr(raised), user_text=f"The feed failed: {raised!r}.")
            self._over[at] = error
            self._standings[at].ends()
            _log.warning("feed_over", feed=self._feeds[at].name, exc_info=error)
        if len(self._over) == len(self._feeds):
            raise self._over[0]

    async def _look(self) -> None:
        before = self.serving
        if self._turns.look(self._now_s()):
            why = self._why()
            _log.warning("feed_serves", feed=self.serving, before=before, why=why)
            self.on_serving(self.serving, why)
            self._show()
        if not self._turns.serving and not self._standings[0].lost(self._now_s()):
            for at in [at for at in self._running if at]:
                await self._stop(at)

    async def _stop(self, at: int) -> None:
        task = self._running.pop(at)
        self._standings[at].rests()
        task.cancel()
        with suppress(asyncio.CancelledError, FeedError):
            await task

    def _ask_for(self, feed: Feed, symbols: Sequence[str]) -> None:
        if isinstance(feed, Watching):
            feed.watch(symbols)

    def _now_s(self) -> float:
        return self._clock.elapsed_ns() / SECOND

    # what is said

    def _show(self) -> None:
        """One lamp for all: that of the one that serves, under the name of the first."""
        lamp = self._standings[self._turns.serving].lamp
        if lamp is None or self._sink is None:
            return
        why = " ".join(filter(None, (self._why(), lamp.detail)))
        label = f"via {self.serving}" if self._turns.serving else lamp.label
        lamp = msgspec.structs.replace(lamp, name=self.name, label=label, detail=why)
        before, self._shown = self._shown, lamp
        if before is None or msgspec.structs.replace(before, ts_ns=lamp.ts_ns) != lamp:
            self._sink.on_connection(lamp)

    def _why(self) -> str:
        if not self._turns.serving:
            return ""
        lamp = self._standings[0].lamp
        if lamp is not None and lamp.health is Health.UP:
            told = "is up again and has to stay so for a while"
        else:
            health = "not there" if lamp is None else lamp.health.value.replace("_", " ")
            told = f"is {health}" + (f", {lamp.detail}" if lamp and lamp.detail else "")
        return f"{self.serving} serves prices: {self.name} {told}."

    def _serving_check(self) -> Check:
        unfit = " ".join(f"{name} can't stand by: {why}" for name, why in self._unfit.items())
        others = ", ".join(feed.name for feed in self._feeds[1:]) or "nobody"
        usual = f"{self.name} serves prices; {others} stands by."
        worse = bool(self._turns.serving or unfit)
        return Check(
            name="prices served by",
            state=CheckState.WARNING if worse else CheckState.OK,
            found=" ".join(filter(None, (self._why() or usual, unfit))),
            next_step=f"Look at {self.name}'s lamp, or at standby_feeds in the settings." * worse,
        )

    def _as_other(self, at: int, check: Check) -> Check:
        """What one beside the first says: only the one that serves may hinder a session."""
        serves, failed = at == self._turns.serving, check.state is CheckState.FAILED
        state = CheckState.WARNING if failed and not serves else check.state
        name = f"{self._feeds[at].name}: {check.name}"
        required = check.required and serves
        return msgspec.structs.replace(check, name=name, state=state, required=required)


class _Sink:
    """What one of the feeds tells goes through here: `FeedSink`."""

    def __init__(self, relay: Relay, at: int) -> None:
        self._relay, self._at = relay, at

    def on_rows(self, rows: Sequence[RawRow]) -> None:
        self._relay.rows_from(self._at, rows)

    def on_bars(self, bars: Sequence[RawBar]) -> None:
        self._relay.bars_from(self._at, bars)

    def on_quarantined(self, reason: str, detail: str) -> None:
        self._relay.unreadable_from(self._at, reason, detail)

    def on_connection(self, connection: Connection) -> None:
        self._relay.lamp_from(self._at, connection)


async def _why_unfit(feed: Feed, first: Feed) -> str:
    """Why a feed can't take the place of the first; empty when it can. Its key is tried."""
    if not getattr(feed, "quotes", True):
        return "it has trades and no quotes."
    if feed.label != first.label:
        kind = feed.label or "live"
        return f"its prices are {kind}, those of {first.name} are {first.label or 'live'}."
    try:
        await feed.prepare()
    except FeedError as error:
        return error.user_text
    return ""
