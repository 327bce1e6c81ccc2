"""A paper session on one vendor's stream, and somebody who knows what is true and looks on.

The vendor is a toy with real sockets. What its market really did is told through `Room.market`;
what it says beside that is a lie. A witness holds every price that the session believes against
the truth, and what a row of the watchlist shows, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cockpit.app import lifecycle
from cockpit.app.core import Core
from cockpit.app.data.keys import key_desk
from cockpit.app.launch import Launch
from cockpit.domain.account import Mode
from cockpit.domain.connection import Connection, Health
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderType, Side
from cockpit.kernel.clock import MILLISECOND, SECOND
from cockpit.ui.models.watchlist import STALE_AFTER_S, WatchRows
from tests.support.waiting import eventually
from tests.support.wall_core import TEN_O_CLOCK, ShiftedClock
from tests.toyserver.vendors import ToyPolygon
from tests.toyserver.vendors.sockets import quote_message

KEY = "canary-key-of-a-data-vendor-0001"
SYMBOL = "ABC"
SPREAD = 0.02


class DayClock(ShiftedClock):
    """The wall's pace on a trading day; a test may let seconds go by at once."""

    def let_pass(self, seconds: float) -> None:
        self._shift += round(seconds * SECOND)


class Market:
    """What the market really did, and the stream that tells of it."""

    def __init__(self, toy: ToyPolygon, clock: DayClock) -> None:
        self.toy, self.clock = toy, clock
        self.truth: dict[int, float] = {}  # bid by ms
        self._last_ms = 0

    def move(self, bid: float) -> dict[str, Any]:
        """The market moves; the words that tell of it, which nobody has heard yet."""
        self._last_ms = at_ms = self._next_ms()
        self.truth[at_ms] = bid
        self.toy.quotes[SYMBOL] = (bid, round(bid + SPREAD, 2), at_ms * MILLISECOND)
        return quote_message(SYMBOL, bid, round(bid + SPREAD, 2), 500, at_ms)

    def lie(self, bid: float) -> dict[str, Any]:
        """The words for what was never true, with a fresh stamp."""
        return quote_message(SYMBOL, bid, round(bid + SPREAD, 2), 500, self._next_ms())

    def band(self, indicator: int) -> dict[str, Any]:
        """The words for a halt, 17, or a resumption, 18."""
        bands = {"h": 11.0, "l": 9.0, "i": [indicator], "z": 3, "q": 1}
        return {"ev": "LULD", "T": SYMBOL, "t": self.clock.now_ns(), **bands}

    def _next_ms(self) -> int:
        return max(self.clock.now_ns() // MILLISECOND, self._last_ms + 1)

    def tell(self, bid: float) -> None:
        """The market moves, and the stream says so."""
        self.toy.stream.publish([self.move(bid)])


class Witness:
    """Holds what the session believes against the truth."""

    def __init__(self, core: Core, market: Market) -> None:
        self.core, self.market = core, market
        self.rows = WatchRows(core.book, core.bars, lambda: [SYMBOL])
        self.wrong: list[str] = []
        self.seen = 0
        self._newest = 0
        core.bus.subscribe(Quote, self._on_quote, name="witness")

    def _on_quote(self, quote: Quote) -> None:
        self.seen += 1
        if self.market.truth.get(quote.ts_event // MILLISECOND) != quote.bid:
            self.wrong.append(f"never true: {quote}")
        if quote.ts_event < self._newest:
            self.wrong.append(f"older than one before: {quote}")
        self._newest = max(self._newest, quote.ts_event)
        self.look()

    def look(self) -> None:
        """What the row shows must have been true a moment ago, or be grey."""
        row = self.rows.row(SYMBOL)
        since_ms = (self.market.clock.now_ns() / SECOND - STALE_AFTER_S) * 1000
        before = [at for at in self.market.truth if at <= since_ms]
        lately = {bid for at, bid in self.market.truth.items() if at >= max(before, default=0)}
        if not row.stale and row.values[4] not in lately:
            self.wrong.append(f"shown as live: {row.values[4]}, true were {lately}")

    @property
    def shown(self) -> tuple[float | None, bool]:
        """The bid in the row, and whether it is grey."""
        self.look()
        row = self.rows.row(SYMBOL)
        return row.values[4], row.stale


class Room:
    """A session with a market and a witness."""

    def __init__(self, core: Core, market: Market, clock: DayClock) -> None:
        self.core, self.market, self.clock = core, market, clock
        self.toy = market.toy
        self.witness = Witness(core, market)
        self._orders = 0

    @property
    def lamp(self) -> Connection | None:
        """The feed's."""
        found = [one for one in self.core.readiness.lamps if one.kind == "feed"]
        return found[0] if found else None

    @property
    def lamp_says(self) -> str:
        return "" if self.lamp is None else self.lamp.detail

    def is_lamp(self, *health: Health) -> bool:
        return self.lamp is not None and self.lamp.health in health

    def shows(self, bid: float) -> bool:
        return self.witness.shown == (bid, False)

    async def quoted(self, bid: float) -> None:
        """The stream tells it again and again, until it is shown as live."""

        def told() -> bool:
            self.market.tell(bid)
            return self.shows(bid)

        await eventually(told, what=f"a row with {bid}")

    async def buy(self, quantity: int = 5) -> Order:
        """How an order that opens ends: filled by the paper broker, or denied."""
        self._orders += 1
        intent = OrderIntent(
            intent_id=f"I-{self._orders}", account_id=self.core.account_id, symbol=SYMBOL,
            side=Side.BUY, type=OrderType.MARKET, quantity=Decimal(quantity),
        )  # fmt: skip
        order = await self.core.commands.place(intent)
        orders, number = self.core.orders, order.client_order_id
        await eventually(lambda: orders.get(number).state.terminal, what="the order's end")
        return orders.get(number)

    async def turns_grey(self, bid: float) -> None:
        """Time goes by without a new price: the old one stays, grey, and opens nothing."""
        self.clock.let_pass(STALE_AFTER_S + 1)
        assert self.witness.shown == (bid, True)
        order = await self.buy()
        assert order.reason_code in {"READINESS_NOT_READY", "MARKETDATA_STALE"}, order

    def nothing_wrong(self) -> None:
        self.witness.look()
        assert self.witness.wrong == []
        assert not self.core.bus.failures


@asynccontextmanager
async def room_of(
    toy: ToyPolygon,
    folder: Path,
    *,
    stream: Mapping[str, Any] | None = None,
    more: str = "",
    keys: Mapping[str, str] | None = None,
) -> AsyncIterator[Room]:
    """The program's own core on `toy`, up and quoted at 9.98; what it believed is looked at
    once more at the end. `stream` are settings of the feed, `more` is TOML beside them."""
    toy.key = KEY
    clock = DayClock(TEN_O_CLOCK)
    market = Market(toy, clock)
    market.move(9.98)
    config, data = folder / "cockpit.toml", folder / "data"
    config.write_text(_toml(toy, folder, dict(stream or {})) + more, encoding="utf-8")
    for vendor, key in {"polygon": KEY, **(keys or {})}.items():
        await key_desk(data, config).add(vendor, key, lambda _: None)
    launch = Launch(
        mode=Mode.PAPER, data_dir=data, feed="polygon", strategies=(), interactive=False,
        config=config, broker_options={"latency_ms": 1, "jitter_fraction": 0},
    )  # fmt: skip
    with patch.object(lifecycle, "WallClock", lambda: clock):
        session = lifecycle.Session(launch)
        core = await session.start()
    try:
        room = Room(core, market, clock)
        await eventually(lambda: room.is_lamp(Health.UP), what="the feed's lamp")
        await room.quoted(9.98)
        yield room
        room.nothing_wrong()
    finally:
        await session.stop()
    await asyncio.to_thread(_nothing_spoken, folder)


def _toml(toy: ToyPolygon, folder: Path, stream: dict[str, Any]) -> str:
    passphrase = folder / "passphrase"
    passphrase.write_text("a passphrase of ten", encoding="utf-8")
    passphrase.chmod(0o600)
    chosen = {"quiet_s": 0.5, "mute_s": 60, "reconnect_max_s": 0.3} | stream
    lines = [f"{name} = {value}" for name, value in chosen.items()]
    return "\n".join(
        (
            "[sources.polygon]",
            f'url = "{toy.url}"',
            'plan = "advanced"',
            "connect_timeout_s = 1.0",
            "answer_timeout_s = 1.0",
            "[feeds.polygon]",
            f'stream_url = "{toy.stream_url}/stocks"',
            f'symbols = ["{SYMBOL}"]',
            *lines,
            "[vault]",
            'kind = "file"',
            f"passphrase_file = {str(passphrase)!r}",
            "",
        )
    )


def _nothing_spoken(folder: Path) -> None:
    """No file of the session holds the key: not the ledger, not the log, not the tape."""
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert written
    assert not [path for path in written if KEY.encode() in path.read_bytes()]
