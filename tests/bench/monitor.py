"""What watching the risk costs a quote, and how it grows with the number of positions.

    python tests/bench/monitor.py [--quick]
    pytest -p benchmark tests/bench/monitor.py   (with pytest-benchmark)

Plays the same quotes through the bus, without and with the monitor, in turns of one run,
for books of 1, 50, 200 and 800 positions: read the figures as ratios. `grown` is the cost
against one position: 1.0 means that only the touched symbol is worked on.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cockpit.app.telling.alerts import Alerts
from cockpit.domain.events import FillBooked
from cockpit.domain.limit_rules import LimitRules
from cockpit.domain.limits import Limits
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderType
from cockpit.kernel.bus import Bus
from cockpit.kernel.clock import VirtualClock
from cockpit.risk.board import Consequences
from cockpit.risk.limit_book import LimitBook
from cockpit.risk.monitor import RiskMonitor
from cockpit.risk.streak import LossStreak
from cockpit.trading.gate.traffic import Traffic
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.state import TradingSwitch
from tests.support.fills import NINE_THIRTY, fill

BOOKS = (1, 50, 200, 800)
EQUITY = Decimal(1_000_000)


def make_bus(positions: int, *, monitored: bool) -> Bus:
    """Positions of 1,000 each, with the portfolio and perhaps the monitor."""
    bus, clock = Bus(), VirtualClock(NINE_THIRTY)
    portfolio = Portfolio(bus, "DEMO-1")
    portfolio.open_at(EQUITY)
    if monitored:
        watch(bus, clock, portfolio)
    for number in range(positions):
        bus.publish(booked(number))
    return bus


def watch(bus: Bus, clock: VirtualClock, portfolio: Portfolio) -> None:
    alerts, limits = Alerts(bus, clock), LimitBook(LimitRules.of(Limits()), "DEMO-1")
    RiskMonitor(
        bus=bus,
        clock=clock,
        limits=limits,
        holdings=portfolio,
        rates=Traffic(),
        streak=LossStreak(limits, clock),
        consequences=Consequences(
            tighten=TradingSwitch(bus, clock).tighten,
            lock_out=lambda _why: None,
            raise_alert=alerts.raise_,
            clear_alert=alerts.clear,
            incident=lambda key, _title, text: sys.exit(f"{key}: {text}"),
        ),
    )


def booked(number: int) -> FillBooked:
    done = fill(number, "+10 @ 100", symbol=f"S{number}", ts_ns=NINE_THIRTY)
    intent = OrderIntent(
        intent_id=f"w{number}",
        account_id="DEMO-1",
        symbol=done.symbol,
        side=done.side,
        type=OrderType.MARKET,
        quantity=done.quantity,
    )
    order = Order(client_order_id=done.client_order_id, intent=intent)
    return FillBooked(fill=done, order=order, late=False, ts_event=0, ts_init=NINE_THIRTY)


def quotes(count: int, positions: int) -> list[Quote]:
    """Quotes of held symbols in turn; of one that isn't held when `positions` is 0."""
    return [
        Quote(
            symbol=f"S{n % positions}" if positions else "ELSE",
            bid=99.99 + n % 7 / 100,
            ask=100.01 + n % 7 / 100,
            bid_size=1,
            ask_size=1,
            ts_event=NINE_THIRTY,
            ts_init=NINE_THIRTY,
        )
        for n in range(count)
    ]


def microseconds(bus: Bus, events: list[Quote]) -> float:
    """Mean time of one quote, all handlers together."""
    start = time.perf_counter()
    for event in events:
        bus.publish(event)
    return (time.perf_counter() - start) / len(events) * 1e6


class Pair:
    """The same book without and with the monitor, and the quotes it is shown."""

    def __init__(self, positions: int, held: int, count: int) -> None:
        self._buses = [make_bus(positions, monitored=monitored) for monitored in (False, True)]
        self._events = quotes(count, held)
        self._times: list[list[float]] = [[], []]

    def turn(self) -> None:
        """One round of each."""
        for bus, times in zip(self._buses, self._times, strict=True):
            times.append(microseconds(bus, self._events))

    @property
    def medians(self) -> tuple[float, float]:
        """Microseconds a quote without and with the monitor."""
        alone, both = map(statistics.median, self._times)
        return alone, both


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    count, rounds = (2_000, 3) if parser.parse_args().quick else (20_000, 9)
    pairs = {"not held": Pair(200, 0, count)}
    pairs |= {f"{positions:,}": Pair(positions, positions, count) for positions in BOOKS}
    for _ in range(rounds):  # all take turns, so that a busy moment hits them alike
        for pair in pairs.values():
            pair.turn()
    print(f"{'book':>9} {'portfolio us':>13} {'and monitor us':>15} {'ratio':>6} {'grown':>6}")
    first = pairs["1"].medians[1]
    for name, pair in pairs.items():
        alone, both = pair.medians
        print(f"{name:>9} {alone:13.2f} {both:15.2f} {both / alone:6.2f} {both / first:6.2f}")


def test_a_quote_of_one_of_two_hundred(benchmark: Any) -> None:
    """Portfolio and monitor together."""
    bus, events = make_bus(200, monitored=True), quotes(200, 200)
    benchmark(lambda: microseconds(bus, events))


if __name__ == "__main__":
    main()
