"""Random marks and fills: halted if and only if the loss ever crossed, and never looser."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cockpit.app.telling.alerts import Alerts
from cockpit.domain.events import FillBooked, TradingStateChanged
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits, TradingState
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderType
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import SECOND, VirtualClock
from cockpit.risk.board import Consequences
from cockpit.risk.limit_book import LimitBook
from cockpit.risk.monitor import RiskMonitor
from cockpit.risk.streak import LossStreak
from cockpit.trading.gate.traffic import Traffic
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.state import TradingSwitch
from tests.support.fills import NINE_THIRTY, fill

SYMBOLS = st.sampled_from(["AAA", "BBB", "CCC"])
PRICES = st.integers(8_000, 12_000).map(lambda cents: Decimal(cents) / 100)
STRICT = [TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED]
EQUITY = Decimal(10_000)


class Trading(RuleBasedStateMachine):
    """The ledger told once more, in exact money, beside the monitor's own."""

    @initialize()
    def open(self) -> None:
        self.bus, self.clock = Bus(), VirtualClock(NINE_THIRTY)
        self.alerts, self.switch = Alerts(self.bus, self.clock), TradingSwitch(self.bus, self.clock)
        self.portfolio, limits = (
            Portfolio(self.bus, "DEMO-1"),
            LimitBook(LimitRules.of(Limits()), "DEMO-1"),
        )
        self.portfolio.open_at(EQUITY)
        self.incidents: list[str] = []
        self.locked: list[str] = []
        self.monitor = RiskMonitor(
            bus=self.bus,
            clock=self.clock,
            limits=limits,
            holdings=self.portfolio,
            rates=Traffic(),
            streak=LossStreak(limits, self.clock),
            consequences=Consequences(
                tighten=self.switch.tighten,
                lock_out=self.locked.append,
                raise_alert=self.alerts.raise_,
                clear_alert=self.alerts.clear,
                incident=lambda key, _title, _text: self.incidents.append(key),
            ),
        )
        self.moves: list[TradingStateChanged] = []
        self.bus.subscribe(TradingStateChanged, self.moves.append)
        self.number, self.cash, self.crossed = 0, Decimal(0), False
        self.held: dict[str, Decimal] = {}
        self.marks: dict[str, Decimal] = {}
        self.quoted: set[str] = set()

    @rule(symbol=SYMBOLS, size=st.integers(-60, 60).filter(bool), price=PRICES)
    def trade(self, symbol: str, size: int, price: Decimal) -> None:
        self.number += 1
        done = fill(self.number, f"{size:+} @ {price}", symbol=symbol, fee="1", ts_ns=self._now())
        self.cash -= size * price + 1
        self.held[symbol] = self.held.get(symbol, Decimal(0)) + size
        if symbol not in self.quoted:  # until then the last fill is the only price
            self.marks[symbol] = price
        order = Order(client_order_id=done.client_order_id, intent=_intent(done.symbol, size))
        self.bus.publish(
            FillBooked(
                fill=done, order=order, late=False, ts_event=self._now(), ts_init=self._now()
            )
        )
        self._look()

    @rule(symbol=SYMBOLS, price=PRICES)
    def mark(self, symbol: str, price: Decimal) -> None:
        self.bus.publish(self._quote(symbol, price))
        self._look()

    @rule(prices=st.dictionaries(SYMBOLS, PRICES, min_size=1))
    def mark_together(self, prices: dict[str, Decimal]) -> None:
        self.bus.publish_all([self._quote(symbol, price) for symbol, price in prices.items()])
        self._look()

    def _quote(self, symbol: str, price: Decimal) -> Quote:
        bid, ask, now = float(price) - 0.125, float(price) + 0.125, self._now()
        self.quoted.add(symbol)
        self.marks[symbol] = price
        return Quote(
            symbol=symbol, bid=bid, ask=ask, bid_size=1, ask_size=1, ts_event=now, ts_init=now
        )

    @rule(seconds=st.integers(1, 5))
    def wait(self, seconds: int) -> None:
        self.clock.advance_to(self._now() + seconds * SECOND)

    @rule()
    def acknowledge_all(self) -> None:
        for alert in self.alerts.active():
            self.alerts.acknowledge(alert.key)

    @invariant()
    def halted_if_and_only_if_the_loss_crossed(self) -> None:
        assert (self.switch.state is TradingState.HALTED) == self.crossed
        assert bool(self.locked) == self.crossed

    @invariant()
    def never_looser(self) -> None:
        assert all(STRICT.index(m.state) > STRICT.index(m.previous) for m in self.moves)

    @invariant()
    def nothing_failed(self) -> None:
        assert not self.bus.failures
        assert not self.incidents

    @invariant()
    def exposure_is_the_portfolios(self) -> None:
        for gauge in self.monitor.gauges():
            if gauge.name == "gross_exposure":
                assert gauge.value == pytest.approx(self.portfolio.gross_exposure, abs=0.001)

    def _now(self) -> int:
        return self.clock.now_ns()

    def _look(self) -> None:
        worth = sum((self.held[s] * self.marks[s] for s in self.held), Decimal(0))
        self.crossed |= -(self.cash + worth) > Limits().day_loss_halted_fraction * EQUITY


def _intent(symbol: str, size: int) -> OrderIntent:
    like = fill(1, f"{size:+} @ 1", symbol=symbol)
    return OrderIntent(
        intent_id="wish",
        account_id="DEMO-1",
        symbol=symbol,
        side=like.side,
        type=OrderType.MARKET,
        quantity=like.quantity,
    )


Trading.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestTrading = Trading.TestCase
