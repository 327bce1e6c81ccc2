"""What a plug-in's author supplies for the broker contract, and what each test works with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from itertools import pairwise

import pytest

from cockpit.domain.order import Order, OrderState, Side, TimeInForce
from cockpit.domain.values import ZERO
from cockpit.domain.venue_terms import Feature, VenueTerms
from cockpit.ports.broker import (
    Ack,
    Broker,
    GateToken,
    Offering,
    OrderReport,
    Redeem,
    TokenRefusedError,
)
from cockpit.testing.orders import Number, make_order
from cockpit.testing.sink import RecordingSink
from cockpit.testing.waiting import eventually

TOKEN = GateToken(secret="s", fingerprint="f")  # noqa: S106 -- what the gate would have issued


class Mood(Enum):
    """Something a venue may do to its clients. Each is told what follows from it."""

    LOST_ANSWER = "it takes the next new order in, and the answer never comes"
    LOST_REQUEST = "the next new order never reaches it, and no answer comes"
    LOST_REPLACEMENT = "it replaces the named order when asked, and the answer never comes"
    LOST_CANCEL = "it cancels the named order when asked, and the answer never comes"
    FAILED_QUESTIONS = "every question fails from now on"
    ODD_STATUS = "it calls the named order's state a word that nobody has heard"
    DOUBLED_UPDATES = "it tells every update twice from now on"
    CUT = "it breaks the line that updates come over"


class BrokerVenue(ABC):
    """A double of the plug-in's venue, on loopback or inside, that trades as told.

    Market orders trade at the far side of the last quote and limit orders where it reaches
    them, up to the quoted size each quote; what an account can't pay is refused. `label` is
    what the session's lamp carries, `patience_s` how long an update may take.
    """

    symbol = "ABC"
    account_id = "CONTRACT-1"
    start_cash = Decimal(100_000)
    label = "PAPER"
    patience_s = 5.0
    moods: frozenset[Mood] = frozenset()

    @abstractmethod
    def broker(self, redeem: Redeem) -> Broker:
        """The plug-in's broker at this venue, not connected, for `account_id`."""

    @abstractmethod
    def quote(self, bid: float, ask: float, size: float = 1_000_000.0) -> None:
        """Quote `symbol`; what it crosses trades at once."""

    def fall_into(self, mood: Mood, client_order_id: str = "") -> None:
        """Do what the mood says. Called for those in `moods` only."""
        pytest.fail(f"the venue says that it knows {mood.name} and does not do it")


@dataclass
class Bench:
    """A connected broker, its venue, and what it told."""

    venue: BrokerVenue
    sink: RecordingSink = field(default_factory=RecordingSink)
    refuse_tokens: bool = False

    def __post_init__(self) -> None:
        """Build the broker; it is connected by whoever made the bench."""
        self.broker = self.venue.broker(self.redeem)

    def order(
        self,
        name: str,
        side: Side = Side.BUY,
        quantity: Number = 100,
        *,
        limit: Number | None = None,
        stop: Number | None = None,
        tif: TimeInForce = TimeInForce.DAY,
        venue: VenueTerms | None = None,
    ) -> Order:
        """An order on the venue's symbol."""
        return make_order(
            name, side, quantity, limit=limit, stop=stop, tif=tif,
            symbol=self.venue.symbol, account_id=self.venue.account_id, venue=venue,
        )  # fmt: skip

    @property
    def offers(self) -> frozenset[Feature]:
        """What the broker says that it does with orders beyond their type."""
        return self.broker.offers if isinstance(self.broker, Offering) else frozenset()

    async def submit(self, made: Order) -> Ack:
        """Send it, as the gate would."""
        return await self.broker.submit(made, TOKEN)

    async def replace(self, old: Order, new: Order) -> Ack:
        """Replace it, as the gate would."""
        return await self.broker.replace(old, new, TOKEN)

    async def working(self, name: str, limit: Number = "9.00", quantity: Number = 100) -> Order:
        """An order that rests there."""
        made = self.order(name, quantity=quantity, limit=limit)
        await self.submit(made)
        await self.until(made, OrderState.WORKING)
        return made

    async def until(self, made: Order, *states: OrderState) -> None:
        """Wait until the broker's last word on an order is one of `states`."""
        name, wanted = made.client_order_id, [state.value for state in states]
        await eventually(
            lambda: bool(told := self.sink.states(name)) and told[-1] in wanted,
            self.venue.patience_s,
            f"{name} {wanted}",
        )

    async def open_ids(self) -> list[str]:
        """What the books call open."""
        return [listed.client_order_id for listed in await self.broker.open_orders()]

    async def held(self) -> Decimal:
        """What the books call held of the symbol."""
        positions = await self.broker.positions()
        return sum((p.quantity for p in positions if p.symbol == self.venue.symbol), ZERO)

    async def filled(self, name: str) -> Decimal:
        """What the books call filled of an order; nothing for one they don't know."""
        found = await self.broker.find_order(name)
        return ZERO if found is None else found.report.filled

    def fall_into(self, mood: Mood, client_order_id: str = "") -> None:
        """Have the venue do it; where it can't, the test is skipped and says so."""
        if mood not in self.venue.moods:
            pytest.skip(f"{type(self.venue).__name__} has no mood {mood.name}")
        self.venue.fall_into(mood, client_order_id)

    def redeem(self, _token: GateToken, _order: Order) -> None:
        """The gate's side of a token."""
        if self.refuse_tokens:
            raise TokenRefusedError("used", user_text="The gate's token was used before.")

    def check(self) -> None:
        """What holds of everything that was told, whatever happened."""
        ended: dict[str, OrderState] = {}
        filled: dict[str, Decimal] = {}
        for report in self.sink.of(OrderReport):
            name = report.client_order_id
            assert report.filled >= filled.get(name, ZERO), f"{name}: filled went back"
            filled[name] = report.filled
            assert ended.get(name, report.state) is report.state, f"{name} rose from its end"
            if report.state.terminal:
                ended[name] = report.state
        by_id = {told.execution_id: told for told in self.sink.executions}
        assert all(by_id[told.execution_id] == told for told in self.sink.executions)
        for name in {told.client_order_id for told in by_id.values()}:
            parts = [told for told in by_id.values() if told.client_order_id == name]
            spans = sorted((e.cumulative - e.quantity, e.cumulative) for e in parts)
            gaps = [a[1] <= b[0] for a, b in pairwise(spans)]
            assert all(gaps), f"{name}: its executions overlap: {spans}"
