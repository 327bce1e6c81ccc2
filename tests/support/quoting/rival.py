"""alpaca-py's own stream in the place of the feed: its socket, its parsing, its dispatch.

Its quotes go straight into the book and onto the bus: no checks, no bars, no tape. So the rest of
the program, the monitor and the window cost the same as behind our feed.
"""

from __future__ import annotations

import asyncio
import threading
import warnings
from typing import TYPE_CHECKING, Any

from cockpit.adapters.feeds.alpaca.feed import AlpacaFeed
from cockpit.adapters.feeds.inbox import Inbox
from cockpit.domain.market import Quote
from cockpit.ports.feed import RawQuote, RawRow
from tests.support.quoting.place import Place

if TYPE_CHECKING:
    from tests.support.quoting.meter import Meter

LOOP, THREAD = "alpaca-py", "alpaca-py-thread"


async def bring(_feed: AlpacaFeed, meter: Meter, place: Place) -> None:
    """Run the stream until cancelled."""
    await meter.stands.wait()
    stream = _stream(place)
    if place.source == LOOP:
        await _in_the_loop(stream, meter, place)
    else:
        await _in_a_thread(stream, meter, place)


async def _in_the_loop(stream: Any, meter: Meter, place: Place) -> None:
    async def on_quote(told: Any) -> None:
        _take(meter, [_row(told)])

    stream.subscribe_quotes(on_quote, *place.symbols)
    asyncio.get_running_loop().call_later(2, meter.listen)
    await stream._run_forever()


async def _in_a_thread(stream: Any, meter: Meter, place: Place) -> None:
    inbox = Inbox(asyncio.get_running_loop(), lambda rows: _take(meter, rows), most=10**9)

    async def on_quote(told: Any) -> None:
        inbox.put([_row(told)])

    stream.subscribe_quotes(on_quote, *place.symbols)
    threading.Thread(target=stream.run, daemon=True).start()
    asyncio.get_running_loop().call_later(2, meter.listen)
    await asyncio.Event().wait()


def _stream(place: Place) -> Any:
    warnings.simplefilter("ignore", DeprecationWarning)  # alpaca-py imports websockets.legacy
    from alpaca.data.live import StockDataStream

    return StockDataStream(*place.keys, url_override=f"{place.urls[2]}/v2/iex")


def _row(told: Any) -> RawQuote:
    """Its model as a row; its time knows microseconds."""
    return RawQuote(
        told.symbol,
        told.bid_price,
        told.ask_price,
        told.bid_size,
        told.ask_size,
        round(told.timestamp.timestamp() * 1e6) * 1000,
    )


def _take(meter: Meter, rows: list[RawRow]) -> None:
    core = meter.core
    now = core.clock.now_ns()
    for row in rows:
        assert isinstance(row, RawQuote)
        quote = Quote(
            symbol=row.symbol, bid=row.bid, ask=row.ask, bid_size=row.bid_size,
            ask_size=row.ask_size, ts_event=row.ts_event, ts_init=now,
        )  # fmt: skip
        core.book.on_quote(quote)
        core.bus.publish(quote)
    meter.note(rows)
