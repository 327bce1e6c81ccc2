"""The window of the bench: the real program at the toy venue, or the same with alpaca-py's stream.

Qt is loaded with this module: import it in the window's own process.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from cockpit.adapters.feeds.alpaca.feed import AlpacaFeed
from cockpit.app.core import Core
from cockpit.ports.feed import FeedSink
from cockpit.ui.panels.watchlist import WatchlistPanel
from tests.support.quoting import rival
from tests.support.quoting.load import Sent
from tests.support.quoting.meter import Meter, Noting, Taken
from tests.support.quoting.place import Place, go_first
from tests.support.quoting.trace import Trace, Traced

_SETTLE_S = 0.1
_SIZE = 1600, 900
_CATCH_UP_S = 3.0
_UP_WITHIN_S = 20.0


def run(pipe: Connection, place: Place) -> None:
    """Open the window, then say what became of each burst that the other end announces.

    Tells "up" first. A burst is announced by any word, answered by "begun", and ended by what the
    market sent: then a `Told` goes back. Closing the pipe closes the window.
    """
    go_first()
    from cockpit.app.starting import launch_of_settings
    from cockpit.ui import application

    window = _Window(pipe, place)
    attach = application.WindowRun._attach

    def attached(self: Any, core: Any) -> None:
        attach(self, core)
        window.attached(self, core)

    application.WindowRun._attach = attached  # type: ignore[method-assign]
    launch = launch_of_settings(place.folder / "data", place.folder / "cockpit.toml")
    application.run_window(launch)


@dataclass(frozen=True)
class Told:
    """`behind` quotes had not come when the last one left; `missing` never did. `wrong` rows of the
    screen did not show the last bid of their symbol in the end.
    """

    taken: Taken
    behind: int
    missing: int
    wrong: int
    traced: Traced | None = None


def _trace() -> Trace:
    import cockpit.ui.deck  # noqa: F401 -- all that paints is to be known by then

    trace = Trace()
    trace.put_in_place()
    return trace


class _Window:
    """Measures, and answers."""

    def __init__(self, pipe: Connection, place: Place) -> None:
        self._pipe, self._place = pipe, place
        self._trace = _trace() if place.trace else None
        self._meter = Meter(self._trace)
        own = AlpacaFeed.run

        async def run(feed: AlpacaFeed, sink: FeedSink) -> None:
            if place.source == "cockpit":
                await own(feed, Noting(sink, self._meter))
            else:
                await rival.bring(feed, self._meter, place)

        AlpacaFeed.run = run  # type: ignore[method-assign]

    def attached(self, run: Any, core: Core) -> None:
        """The panels stand: measure from here on."""
        watchlist = run._window.findChildren(WatchlistPanel)[0]
        self._run, self._core = run, core
        run._window.resize(*_SIZE)  # an offscreen screen is smaller than any of a trader
        self._meter.look_at(core, run._bridge, watchlist)
        core.supervisor.serve(self._answer, name="bench", owner="bench")
        core.supervisor.serve(self._meter.watch_loop, name="lag", owner="bench")

    async def _answer(self) -> None:
        try:
            held = len(self._core.portfolio.open_positions())
            assert held == self._place.held, f"{held} positions are held"
            await self._up()
            self._pipe.send("up")
            while True:
                await asyncio.to_thread(self._pipe.recv)
                self._pipe.send(await self._one_burst())
        except EOFError:
            self._run._quit.set()
        except BaseException as error:
            self._run._quit.set()
            with suppress(OSError):  # nobody is there any more
                self._pipe.send(repr(error))
            raise

    async def _one_burst(self) -> Told:
        meter = self._meter
        before = meter.quotes
        meter.begin()
        self._pipe.send("begun")
        sent: Sent = await asyncio.to_thread(self._pipe.recv)
        taken = meter.end()
        traced = None if self._trace is None else self._trace.end()
        missing = await self._catch_up(before + sent.quotes)
        wrong = meter.wrong_at_the_end(sent.last)
        return Told(taken, sent.quotes - taken.quotes, missing, wrong, traced)

    async def _catch_up(self, wanted: int) -> int:
        """Wait until all has come, and a frame more; how many have not."""
        for _ in range(round(_CATCH_UP_S / _SETTLE_S)):
            if self._meter.quotes >= wanted:
                break
            await asyncio.sleep(_SETTLE_S)
        await asyncio.sleep(_SETTLE_S)
        return wanted - self._meter.quotes

    async def _up(self) -> None:
        for _ in range(round(_UP_WITHIN_S / _SETTLE_S)):
            if self._meter.up(self._core):
                return
            await asyncio.sleep(_SETTLE_S)
        raise AssertionError("the feed does not come up")
