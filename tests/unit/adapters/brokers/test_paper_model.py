"""The matching engine against a naive model, on random days of quotes, halts and orders."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.adapters.brokers.paper.venue import Venue
from cockpit.domain.account import Account, Mode
from cockpit.domain.order import OrderState, Side, TimeInForce
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import BrokerError, ExecutionReport, OrderRejectedError, OrderReport
from tests.unit.adapters.brokers.paper_kit import ACCOUNT, START, STOCK, D, order, quote, status

CASH = Decimal(1_000_000)
SIZES = st.sampled_from([25, 75, 100, 150, 300])
SHOWN = st.sampled_from([25, 50, 100])  # smaller than most orders: they compete and fill in parts
TICKS = st.integers(998, 1002)
Trade = tuple[str, Decimal, Decimal]


@dataclass
class Wish:
    """An order as the naive model knows it; prices in cents."""

    name: str
    buy: bool
    limit: int | None
    stop: int | None
    left: int
    age: int
    asleep: bool


class Naive:
    """One symbol, whole numbers, one order at a time: slow and plain."""

    def __init__(self) -> None:
        self.wishes: list[Wish] = []
        self.bid = self.ask = self.bid_size = self.ask_size = 0
        self.seen_at: int | None = None
        self.halted = False

    def quoted(self, bid: int, ask: int, bid_size: int, ask_size: int, now: int) -> list[Trade]:
        if self.halted:
            return []
        self.bid, self.ask, self.bid_size, self.ask_size = bid, ask, bid_size, ask_size
        self.seen_at = now
        return self.trade(self.wishes, now)

    def trade(self, wishes: list[Wish], now: int) -> list[Trade]:
        if self.halted or self.seen_at is None or now - self.seen_at > 2 * SECOND:
            return []
        for wish in wishes:
            if wish.asleep and wish.stop is not None:
                wish.asleep = self.ask < wish.stop if wish.buy else self.bid > wish.stop
        made: list[Trade] = []
        while (best := self.best(wishes)) is not None:
            size = self.ask_size if best.buy else self.bid_size
            amount = min(size, best.left)
            best.left -= amount
            if best.buy:
                self.ask_size -= amount
            else:
                self.bid_size -= amount
            made.append((best.name, D(amount), D(self.ask if best.buy else self.bid) / 100))
        self.wishes = [wish for wish in self.wishes if wish.left]
        return made

    def best(self, wishes: list[Wish]) -> Wish | None:
        can = [wish for wish in wishes if self.can(wish)]
        free = [wish for wish in can if wish.limit is None]
        if free:
            return min(free, key=lambda wish: wish.age)
        return min(can, key=lambda w: ((-1 if w.buy else 1) * (w.limit or 0), w.age), default=None)

    def can(self, wish: Wish) -> bool:
        if wish.asleep or not wish.left or not (self.ask_size if wish.buy else self.bid_size):
            return False
        if wish.limit is None:
            return True
        return self.ask <= wish.limit if wish.buy else self.bid >= wish.limit


class Day(RuleBasedStateMachine):
    """Random orders against random quotes; every answer is compared and every sum checked."""

    @initialize(fee=st.sampled_from(["0", "0.005"]), minimum=st.sampled_from(["0", "1.00"]))
    def open_account(self, fee: str, minimum: str) -> None:
        settings = PaperSettings(
            starting_cash=CASH, commission_per_share=D(fee), commission_minimum=D(minimum)
        )
        self.rate, self.minimum = D(fee), D(minimum)
        self.venue = Venue(settings, ACCOUNT, Mode.DEMO)
        self.venue.list_instrument(STOCK)
        self.naive = Naive()
        self.now = START
        self.names = (f"o{n}" for n in itertools.count(1))
        self.wanted: dict[str, Any] = {}
        self.executions: list[ExecutionReport] = []
        self.ended: dict[str, OrderState] = {}
        self.shown: dict[Side, Decimal] = {}

    def take(self, messages: Iterable[object], expected: list[Trade]) -> None:
        got: list[Trade] = []
        for message in messages:
            if isinstance(message, ExecutionReport):
                self.check_execution(message)
                got.append((message.client_order_id, message.quantity, message.price))
            elif isinstance(message, OrderReport):
                self.check_report(message)
        assert sorted(got) == sorted(expected)

    def check_execution(self, report: ExecutionReport) -> None:
        wanted = self.wanted[report.client_order_id]
        assert report.client_order_id not in self.ended
        assert 0 < report.cumulative <= wanted.quantity
        if wanted.limit_price is not None:
            assert (report.price - wanted.limit_price) * report.side.sign <= 0
        self.shown[report.side] -= report.quantity
        assert self.shown[report.side] >= 0
        self.executions.append(report)

    def check_report(self, report: OrderReport) -> None:
        assert report.client_order_id not in self.ended
        if report.state.terminal:
            self.ended[report.client_order_id] = report.state

    @rule(bid=TICKS, spread=st.integers(0, 2), bid_size=SHOWN, ask_size=SHOWN)
    def quote(self, bid: int, spread: int, bid_size: int, ask_size: int) -> None:
        self.shown = {Side.SELL: D(bid_size), Side.BUY: D(ask_size)}
        made = quote(bid / 100, (bid + spread) / 100, bid_size, ask_size, at=self.now)
        expected = self.naive.quoted(bid, bid + spread, bid_size, ask_size, self.now)
        self.take(self.venue.on_quote(made, self.now), expected)

    @precondition(lambda self: self.naive.seen_at is not None)
    @rule(
        side=st.sampled_from(Side), size=SIZES, limit=st.none() | TICKS, stop=st.none() | TICKS,
        at_once=st.booleans(),
    )  # fmt: skip
    def submit(
        self, side: Side, size: int, limit: int | None, stop: int | None, at_once: bool
    ) -> None:
        at_once = at_once and stop is None
        name = next(self.names)
        made = order(
            name, side, size, limit=None if limit is None else D(limit) / 100,
            stop=None if stop is None else D(stop) / 100,
            tif=TimeInForce.IOC if at_once else TimeInForce.DAY,
        )  # fmt: skip
        self.wanted[name] = made.intent
        wish = Wish(name, side is Side.BUY, limit, stop, size, len(self.wanted), stop is not None)
        self.naive.wishes.append(wish)
        expected = self.naive.trade([wish], self.now)
        if at_once and wish in self.naive.wishes:
            self.naive.wishes.remove(wish)
        self.take(self.venue.submit(made, self.now)[1], expected)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from([*self.wanted, "never"]))
        was_open = name in self.open_names()
        self.naive.wishes = [wish for wish in self.naive.wishes if wish.name != name]
        if was_open:
            self.take(self.venue.cancel(name, self.now), [])
            assert self.ended[name] is OrderState.CANCELED
        else:
            with pytest.raises(BrokerError):
                self.venue.cancel(name, self.now)

    @precondition(lambda self: bool(self.naive.wishes))
    @rule(data=st.data(), size=SIZES, limit=TICKS)
    def replace(self, data: st.DataObject, size: int, limit: int) -> None:
        old = data.draw(st.sampled_from(self.naive.wishes))
        name = next(self.names)
        made = order(name, Side.BUY if old.buy else Side.SELL, size, limit=D(limit) / 100)
        self.wanted[name] = made.intent
        self.naive.wishes.remove(old)
        wish = Wish(name, old.buy, limit, None, size, len(self.wanted), asleep=False)
        self.naive.wishes.append(wish)
        expected = self.naive.trade([wish], self.now)
        filled = self.wanted[old.name].quantity - old.left
        sent = msgspec.structs.replace(order(old.name), filled=filled)
        self.take(self.venue.replace(sent, made, self.now)[1], expected)
        assert self.ended[old.name] is OrderState.REPLACED

    @rule(halted=st.sampled_from([True, False, False]))
    def halt_or_resume(self, halted: bool) -> None:
        if halted:
            self.naive.seen_at = self.naive.seen_at and START - 10**12  # useless, yet a price
        self.naive.halted = halted
        self.venue.on_status(status(halted, at=self.now))

    @rule(seconds=st.sampled_from([0.001, 0.5, 1.0, 2.5]))
    def wait(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)

    @precondition(lambda self: len(self.executions) > 6)
    @rule()
    def end_session(self) -> None:
        self.take(self.venue.end_session(self.now), [])
        self.naive.wishes = []

    @rule()
    def submit_again(self) -> None:
        for name in list(self.wanted)[:1]:
            with pytest.raises(OrderRejectedError, match="unique"):
                self.venue.submit(order(name, quantity=25), self.now)

    def open_names(self) -> set[str]:
        return set(self.wanted) - set(self.ended)

    @invariant()
    def the_same_orders_are_open(self) -> None:
        reports = {r.client_order_id: r.report for r in self.venue.open_orders(self.now)}
        assert set(reports) == self.open_names() == {w.name for w in self.naive.wishes}
        for wish in self.naive.wishes:
            assert self.wanted[wish.name].quantity - reports[wish.name].filled == wish.left

    @invariant()
    def money_is_what_the_executions_say(self) -> None:
        account: Account = self.venue.account(self.now)
        paid = sum((e.quantity * e.side.sign * e.price for e in self.executions), D(0))
        fees = sum((e.fee for e in self.executions), D(0))
        assert account.cash == CASH - paid - fees
        filled: dict[str, Decimal] = {}
        for e in self.executions:
            filled[e.client_order_id] = filled.get(e.client_order_id, D(0)) + e.quantity
            assert e.cumulative == filled[e.client_order_id]
        assert fees == sum((max(self.minimum, self.rate * q) for q in filled.values()), D(0))

    @invariant()
    def shares_are_what_the_executions_say(self) -> None:
        held = sum((e.quantity * e.side.sign for e in self.executions), D(0))
        positions = self.venue.positions()
        assert [p.quantity for p in positions] == ([held] if held else [])

    @invariant()
    def executions_are_numbered_and_kept(self) -> None:
        assert self.venue.executions(0) == self.executions
        ids = [e.execution_id for e in self.executions]
        assert ids == [f"{ACCOUNT}-E{n}" for n in range(1, len(ids) + 1)]


def test_random_days_trade_as_the_naive_model_says() -> None:
    run_state_machine_as_test(
        Day,
        settings=hypothesis_settings(max_examples=120, stateful_step_count=40, deadline=None),
    )
