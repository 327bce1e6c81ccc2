"""Two live feeds behind one window: when the first one's stream is gone, the second one serves."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Generator
from typing import Any

import pytest

from tests.support.program import Program, running
from tests.support.screen import Screen
from tests.support.venue import Venue
from tests.support.waiting import wait_until
from tests.toyserver.vendors import ToyPolygon

pytestmark = [pytest.mark.window, pytest.mark.timeout(240)]
KEY = "canary-key-of-a-data-vendor-0001"


@pytest.fixture
def polygon(venue: Venue) -> Generator[ToyPolygon]:
    """Beside the venue, with prices a little higher; it stands by."""
    toy = ToyPolygon()
    toy.key, toy.facts.prices = KEY, {"SPY": 500.0, "ABC": 20.32, "DEF": 20.32}

    def call(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, venue.loop).result(10)

    async def market() -> None:
        while True:
            for symbol in venue.prices:
                toy.stream.quote(symbol, 20.31, 20.33)
                toy.stream.trade(symbol, 20.32, 100)
            await asyncio.sleep(0.1)

    call(toy.__aenter__())
    try:
        venue.loop.call_soon_threadsafe(lambda: toy.spawn(market()))
        settings = venue.config.read_text(encoding="utf-8").replace("bar_seconds = 1\n", "")
        venue.config.write_text(
            f"""standby_feeds = ["polygon"]
{settings}
[sources.polygon]
url = "{toy.url}"
plan = "advanced"

[data.sources]
bars = ["polygon"]

[feeds.polygon]
stream_url = "{toy.stream_url}/stocks"
""",
            encoding="utf-8",
        )
        beside = ["--config", str(venue.config), "--stdin"]
        code, said = venue.run("data", "keys", "add", "polygon", *beside, given=f"{KEY}\n")
        assert code == 0, said
        yield toy
    finally:
        call(_closed(toy))


async def _closed(toy: ToyPolygon) -> None:
    for task in list(toy._tasks):
        task.cancel()
    await toy.__aexit__(None, None, None)


def last(program: Program) -> float:
    """The price of ABC in the watchlist; 0 while there is none."""
    (row,) = [cells for cells in program.rows("Watchlist") if cells[0] == "ABC"]
    return float(row[1]) if re.fullmatch(r"[\d.]+", row[1]) else 0.0


def test_the_second_feed_serves_in_the_window(
    screen: Screen, venue: Venue, polygon: ToyPolygon
) -> None:
    command = [shutil.which("env") or "env", *venue.variables(), *venue.program("run")]
    with running(screen, venue.folder, command) as program:
        program.wait_for_window()
        wait_until(lambda: 19.9 < last(program) < 20.1, 30, "a price of the first feed")
        assert not polygon.stream.sockets, "who only stands by is not signed in"

        venue.do(lambda: setattr(venue.toy.market.faults, "refuse_status", 503))
        venue.do(venue.toy.market.cut)
        wait_until(lambda: last(program) == 20.32, 30, "a price of the second feed")
        wait_until(
            lambda: "polygon serves prices" in str(program.landmarks()), 20, "who serves, in words"
        )
        wait_until(lambda: program.shows("past from polygon.*"), 20, "who told the past")
        program.save_picture("relay-second-serves")

        venue.do(polygon.stream.cut)
        wait_until(lambda: last(program) == 20.32, 20, "it serves again after a break of its own")
    assert not venue.toy.exchange.orders
