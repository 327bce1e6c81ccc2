"""Opening-range breakout: a small, honest demo of how a strategy proposes trades.

The high and low of the first minutes make the range. The first quote whose mid leaves
it proposes an entry in that direction, with the other end of the range as the stop and
a multiple of the risk as the target. Both go with the entry as its protection, and the core
holds them. It enters each symbol once a day, and closes before the bell what is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from pydantic import Field

from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Bar, Quote
from cockpit.domain.order import Order, OrderType, Side
from cockpit.domain.protection import Protection
from cockpit.domain.values import (
    ZERO,
    at_new_york,
    session_date,
    to_decimal,
    to_ns,
    to_tick,
)
from cockpit.kernel.settings import SettingsModel
from cockpit.ports.plugin import Plugin
from cockpit.strategies.base import Action, Close, Proposal, Withdrawal

SECOND_NS = 1_000_000_000
CLOSE_AGAIN_NS = 10 * SECOND_NS


class OpeningRangeSettings(SettingsModel):
    """`risk_per_trade` and `max_notional` are money; times are New York, HH:MM."""

    range_minutes: int = Field(default=5, ge=1, le=60)
    risk_per_trade: Decimal = Field(default=Decimal(150), gt=0)
    max_notional: Decimal = Field(default=Decimal(4_500), gt=0)
    reward_multiple: Decimal = Field(default=Decimal(2), gt=0)
    min_range_fraction: float = Field(default=0.0008, gt=0)
    max_range_fraction: float = Field(default=0.03, gt=0)
    opens: str = "09:30"
    no_entry_after: str = "15:00"
    flat_by: str = "15:55"


class Step(StrEnum):
    """Where one symbol stands today."""

    WATCHING = "watching"
    ENTERING = "entering"
    HOLDING = "holding"
    CLOSING = "closing"
    DONE = "done"


@dataclass(slots=True)
class _Symbol:
    instrument: Instrument
    step: Step = Step.WATCHING
    high: float = 0.0
    low: float = float("inf")
    complete: bool = False
    side: Side = Side.BUY
    stop: Decimal = ZERO
    target: Decimal = ZERO
    close_again: int = 0


@dataclass(frozen=True, slots=True)
class _Times:
    """Of one day, known since `since`."""

    since: int
    opens: int
    range_ends: int
    last_entry: int
    flat_by: int


class OpeningRangeBreakout:
    """See the module's text. One instance for one account and day."""

    name = "opening-range-breakout"

    def __init__(self, settings: OpeningRangeSettings) -> None:
        self._settings = settings
        self._symbols: dict[str, _Symbol] = {}
        self._times: _Times | None = None

    def start(self, instruments: Sequence[Instrument]) -> None:
        """Watch every instrument."""
        self._symbols = {i.symbol: _Symbol(i) for i in instruments}

    def on_bar(self, bar: Bar) -> Sequence[Action]:
        """Widen the range while it is being made."""
        times, state = self._times_at(bar.ts_event), self._symbols.get(bar.symbol)
        if state is None or bar.ts_event < times.opens:
            return ()
        if bar.ts_event < times.range_ends:
            state.high = max(state.high, bar.high)
            state.low = min(state.low, bar.low)
        state.complete = bar.ts_event + bar.interval_s * SECOND_NS >= times.range_ends
        return ()

    def on_quote(self, quote: Quote) -> Sequence[Action]:
        """Enter on a breakout; before the bell, take back and close what is left."""
        state = self._symbols.get(quote.symbol)
        if state is None or state.step in (Step.CLOSING, Step.DONE):
            return ()
        times = self._times_at(quote.ts_event)
        if state.step is Step.WATCHING:
            return self._look_for_entry(state, quote, times)
        return self._look_at_the_clock(state, quote, times)

    def on_order(self, key: str, order: Order) -> Sequence[Action]:
        """Hold what was filled; a close that failed is tried again."""
        state = self._symbols[order.symbol]
        if not order.state.terminal:
            return ()
        if key.endswith("-close"):
            closed = order.filled == order.intent.quantity
            state.step = Step.DONE if closed else Step.HOLDING
        else:
            state.step = Step.HOLDING if order.filled else Step.DONE
        return ()

    def _look_for_entry(self, state: _Symbol, quote: Quote, times: _Times) -> Sequence[Action]:
        if not (times.range_ends <= quote.ts_event < times.last_entry) or not state.complete:
            return ()
        if state.high == 0.0 or not self._range_fits(state, quote.mid):
            state.step = Step.DONE
            return ()
        if quote.mid > state.high:
            return self._enter(state, quote, Side.BUY)
        if quote.mid < state.low:
            return self._enter(state, quote, Side.SELL)
        return ()

    def _range_fits(self, state: _Symbol, mid: float) -> bool:
        width = (state.high - state.low) / mid
        return self._settings.min_range_fraction <= width <= self._settings.max_range_fraction

    def _enter(self, state: _Symbol, quote: Quote, side: Side) -> Sequence[Action]:
        tick = state.instrument.tick
        price = to_tick(to_decimal(quote.ask if side is Side.BUY else quote.bid), tick)
        stop = to_tick(to_decimal(state.low if side is Side.BUY else state.high), tick)
        risk = abs(price - stop)
        quantity = self._size(price, risk, state.instrument)
        if quantity <= 0:
            state.step = Step.DONE
            return ()
        state.step, state.side, state.stop = Step.ENTERING, side, stop
        reward = risk * self._settings.reward_multiple * side.sign
        state.target = to_tick(price + reward, tick)
        return (self._entry(state, quantity),)

    def _entry(self, state: _Symbol, quantity: Decimal) -> Proposal:
        way = "above" if state.side is Side.BUY else "below"
        return Proposal(
            key=f"{state.instrument.symbol}-entry",
            symbol=state.instrument.symbol,
            side=state.side,
            # At the market: a person takes seconds to decide, and a limit would be left behind.
            # The gate's collar and the spread control bound the price.
            type=OrderType.MARKET,
            quantity=quantity,
            planned_stop=state.stop,
            planned_target=state.target,
            protection=Protection(stop=state.stop, target=state.target),
            tactic=f"break {way}",
            note=f"Broke out {way} the first {self._settings.range_minutes} minutes "
            f"({state.low:.2f} to {state.high:.2f})",
        )

    def _size(self, price: Decimal, risk: Decimal, instrument: Instrument) -> Decimal:
        """Fixed-fractional: money at risk / stop distance, capped by notional, in whole lots."""
        unit_risk = risk * instrument.multiplier
        if unit_risk <= 0:
            return ZERO
        by_risk = self._settings.risk_per_trade / unit_risk
        by_value = self._settings.max_notional / (price * instrument.multiplier)
        lots = (min(by_risk, by_value) / instrument.lot).to_integral_value(ROUND_FLOOR)
        return lots * instrument.lot

    def _look_at_the_clock(self, state: _Symbol, quote: Quote, times: _Times) -> Sequence[Action]:
        if quote.ts_event < max(times.flat_by, state.close_again):
            return ()
        state.close_again = quote.ts_event + CLOSE_AGAIN_NS
        key = f"{state.instrument.symbol}-entry"
        if state.step is Step.ENTERING:
            return (Withdrawal(key=key),)
        state.step = Step.CLOSING
        return (Close(key=key, note="The bell is near"),)

    def _times_at(self, ts_ns: int) -> _Times:
        times = self._times
        if times is None or not (times.since <= ts_ns < times.opens + 86_400 * SECOND_NS):
            times = self._times = self._times_of(ts_ns)
        return times

    def _times_of(self, ts_ns: int) -> _Times:
        day, chosen = session_date(ts_ns), self._settings
        opens = to_ns(at_new_york(day, chosen.opens))
        return _Times(
            since=min(ts_ns, opens),
            opens=opens,
            range_ends=opens + chosen.range_minutes * 60 * SECOND_NS,
            last_entry=to_ns(at_new_york(day, chosen.no_entry_after)),
            flat_by=to_ns(at_new_york(day, chosen.flat_by)),
        )


plugin = Plugin(
    name=OpeningRangeBreakout.name, settings=OpeningRangeSettings, build=OpeningRangeBreakout
)
