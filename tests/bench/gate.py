"""What the gate costs for each order: all controls, and gathering what they look at.

    python tests/bench/gate.py [--quick]
    pytest -p benchmark tests/bench/gate.py   (with pytest-benchmark)

An order that passes every control, with none, 20 and 200 other orders open, and one that all but
the last few let through, which costs a sentence. Without the ledger: a
verdict is reckoned before it is stored. Where NautilusTrader is installed, its RiskEngine is
measured in turns of the same run, from SubmitOrder to its execution engine's door.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import Limits, TradingState
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderState, OrderType, Side
from cockpit.risk.limit_book import Permission
from cockpit.risk.view import ApprovalView, AutomationView, Commitment, Commitments, RiskView
from cockpit.trading.gate import Gate, Turnstile
from cockpit.trading.gate.traffic import Traffic

OPEN_ORDERS = (0, 20, 200)
NOW = 1_514_903_400_000_000_000
WIDE = Limits(max_active_orders=1000, max_gross_fraction=Decimal(100))
MOST_FALL = WIDE.max_drawdown_fraction * 100
NOT_ASKED = ApprovalView(needed=False, releasing=True, given_for=None, expires_ns=None)
NAUTILUS = "NautilusTrader RiskEngine"
Make = Callable[[], Any]
Turn = tuple[Make, Callable[[Any], object]]
"""What is made before the clock runs, and what is then measured with it."""


def order(number: int, symbol: str, limit: str = "100.01") -> Order:
    intent = OrderIntent(
        intent_id=f"i{number}",
        account_id="A",
        symbol=symbol,
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=Decimal(10),
        limit_price=Decimal(limit),
    )
    return Order(client_order_id=f"o{number}", intent=intent, state=OrderState.WORKING)


def resting(count: int) -> list[Order]:
    """Open orders in ten symbols."""
    return [order(number, f"S{number % 10}", "90.00") for number in range(1, count + 1)]


def view_of(asked: Order, others: list[Order], fall: str = "0.1") -> RiskView:
    quote = Quote(
        symbol="ABC", bid=99.99, ask=100.01, bid_size=1, ask_size=1, ts_event=NOW, ts_init=NOW
    )
    symbols = sorted({o.symbol for o in others})
    equity = Decimal(1_000_000)
    return RiskView(
        order=asked,
        now_ns=NOW,
        limits=WIDE,
        mode=Mode.PAPER,
        account_mode=Mode.PAPER,
        trading_state=TradingState.ACTIVE,
        not_ready="",
        instrument=Instrument(symbol="ABC", average_daily_volume=Decimal(10_000_000)),
        halted=False,
        permission=Permission.PERMITTED,
        session_open=True,
        quote=quote,
        quote_age_s=Decimal("0.1"),
        position=Decimal(0),
        gross_exposure=Decimal(50_000),
        equity=equity,
        start_equity=equity,
        buying_power=equity,
        day_pnl=Decimal("-12.5"),
        open_orders=[other for other in others if other.symbol == asked.symbol],
        open_count=len(others),
        commitments=Commitments.of(
            [Commitment(symbol=s, side=Side.BUY, notional=Decimal(900)) for s in symbols]
        ),
        recent_same=0,
        orders_today=5,
        messages_last_second=1,
        messages_last_minute=5,
        automation=AutomationView(is_automated=True, recent_entries=1),
        approval=NOT_ASKED,
        key_fingerprint="key",
        expected_key="key",
        drawdown=Decimal(fall),
        cooldown="",
        margin=True,
        day_trades=0,
    )


def evaluating(count: int, fall: str = "0.1") -> Turn:
    """One evaluation of a view that nobody has looked at yet; a `fall` over 3 % is denied."""
    gate, asked, others = Gate(Turnstile(time.time_ns), Traffic()), order(0, "ABC"), resting(count)
    assert gate.evaluate(view_of(asked, others, fall)).passed is (Decimal(fall) <= MOST_FALL)
    return (lambda: view_of(asked, others, fall)), gate.evaluate


def gathering(count: int) -> Turn | None:
    """One view, gathered from the real rooms; None where their libraries are missing."""
    try:
        from tests.support.gate_bench import situation_with
    except ModuleNotFoundError:
        return None
    situation, asked = situation_with(order(0, "ABC"), resting(count))
    return (lambda: asked), lambda one: situation.view(one, NOT_ASKED)


def nautilus() -> Turn | None:
    """One order through NautilusTrader's RiskEngine; None when it is not installed."""
    try:
        from tests.support.nautilus_bench import submitting

        return submitting()
    except ModuleNotFoundError:
        return None


def timed(turn: Turn, times: int) -> list[float]:
    """Microseconds of each turn."""
    took: list[float] = []
    clock = time.perf_counter_ns
    make, act = turn
    gc.collect()
    gc.disable()
    for _ in range(times):
        made = make()
        began = clock()
        act(made)
        took.append((clock() - began) / 1000)
    gc.enable()
    return took


def in_turns(turns: dict[str, Turn], rounds: int, each: int) -> dict[str, list[list[float]]]:
    """Round by round; the same share of every round for each, so that other work hits all."""
    for turn in turns.values():
        timed(turn, 50)
    took: dict[str, list[list[float]]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, turn in turns.items():
            took[name].append(timed(turn, each))
    return took


def p99_of(figures: list[float]) -> float:
    """What one in a hundred exceeds."""
    return quantiles(figures, n=100)[98]


def main() -> None:
    """Print microseconds, and how many times as long as NautilusTrader, else as the first.

    p99 is that of all rounds; the best p99 is that of the round which other work of the
    machine has disturbed least.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    rounds = 4 if parser.parse_args().quick else 20
    turns: dict[str, Turn] = {f"evaluate, {n} open": evaluating(n) for n in OPEN_ORDERS}
    turns["evaluate, 20 open, denied"] = evaluating(20, fall="3.1")
    missing: list[str] = []
    others = {f"gather, {n} open": gathering(n) for n in OPEN_ORDERS}
    for name, turn in {**others, NAUTILUS: nautilus()}.items():
        if turn is None:
            missing.append(name)
        else:
            turns[name] = turn
    took = in_turns(turns, rounds, 1000)
    everything = {name: list(chain.from_iterable(each)) for name, each in took.items()}
    base = median(everything.get(NAUTILUS) or everything[next(iter(turns))])
    for name, figures in everything.items():
        p50, p99, best = median(figures), p99_of(figures), min(map(p99_of, took[name]))
        print(
            f"{name:<28} p50 {p50:7.1f} us  p99 {p99:8.1f} us  best p99 {best:7.1f} us  "
            f"{p50 / base:6.2f} x"
        )
    for name in missing:
        print(f"{name:<28} not installed")


def test_gate(benchmark: Any) -> None:
    """For pytest-benchmark."""
    make, act = evaluating(20)
    benchmark.pedantic(act, setup=lambda: ((make(),), {}), rounds=5000)


if __name__ == "__main__":
    main()
