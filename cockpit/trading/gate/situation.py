"""Gathers the RiskView of one order from everything that knows a part of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import msgspec

from cockpit.domain.account import Account, Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote
from cockpit.domain.order import FLATTEN, MANUAL, Order, OrderIntent, Side
from cockpit.domain.order_groups import Line, claimed, kin_of
from cockpit.domain.values import ZERO, not_below_zero, to_decimal, to_price
from cockpit.domain.venue_terms import Feature
from cockpit.ports.clock import Clock
from cockpit.risk.limit_book import LimitBook
from cockpit.risk.view import (
    ApprovalView,
    AutomationView,
    Commitment,
    Commitments,
    RiskView,
    worst_price_of,
)
from cockpit.trading.gate.traffic import Traffic
from cockpit.trading.orders import OrderBook
from cockpit.trading.portfolio import Portfolio
from cockpit.trading.state import TradingSwitch


class Prices(Protocol):
    """What the gate needs to know of the market."""

    def quote(self, symbol: str) -> Quote | None:
        """The latest quote."""
        ...

    def age_s(self, symbol: str) -> float | None:
        """Its age in seconds."""
        ...

    def halted(self, symbol: str) -> bool:
        """Whether the venue halted it."""
        ...

    def instrument(self, symbol: str) -> Instrument | None:
        """The instrument of that symbol."""
        ...


DayTrades = Callable[[str, int], tuple[int, int] | None]
"""Day trades of five business days, and symbols that may become one today, the asked one too."""


@dataclass(slots=True, kw_only=True)
class Situation:
    """Everything a control may ask about.

    `not_ready` says in words why openings must wait on a symbol, `not_connected` why
    everything must, or nothing.
    `session_open` says whether a time is within trading hours, `cooldown` why openings rest
    after losses, `expected_key` the fingerprint of the key the account began with.
    `extended_open` is true before and after trading hours, too; `offers` is what the broker does
    with an order beyond its type.
    """

    mode: Mode
    limits: LimitBook
    clock: Clock
    prices: Prices
    orders: OrderBook
    portfolio: Portfolio
    switch: TradingSwitch
    traffic: Traffic
    not_ready: Callable[[str], str]
    not_connected: Callable[[], str]
    session_open: Callable[[int], bool]
    account: Callable[[], Account | None]
    expected_key: Callable[[], str | None]
    cooldown: Callable[[], str]
    day_trades: DayTrades
    extended_open: Callable[[int], bool] = lambda _now_ns: False
    offers: frozenset[Feature] = frozenset()

    def view(self, order: Order, approval: ApprovalView) -> RiskView:
        """`order` against the state of this moment."""
        now, symbol, traffic = self.clock.now_ns(), order.symbol, self.traffic
        limits = self.limits.of(order.intent.strategy, symbol)
        self.portfolio.roll_to(now)
        age, account = self.prices.age_s(symbol), self.account()
        equity = self.portfolio.equity
        others = self.beside(order)
        return RiskView(
            order=order,
            now_ns=now,
            limits=limits,
            mode=self.mode,
            account_mode=account.mode if account else None,
            trading_state=self.switch.state,
            not_ready=self.not_ready(symbol),
            not_connected=self.not_connected(),
            instrument=self.prices.instrument(symbol),
            halted=self.prices.halted(symbol),
            permission=self.limits.permission(order.intent.strategy, symbol),
            session_open=self._is_open(order.intent, now),
            quote=self.prices.quote(symbol),
            quote_age_s=None if age is None else to_decimal(age),
            position=self.portfolio.position(symbol).quantity,
            gross_exposure=_money(self.portfolio.gross_exposure),
            equity=None if equity is None else _money(equity),
            start_equity=self.portfolio.start_equity,
            buying_power=account.buying_power if account else None,
            day_pnl=_money(self.portfolio.day_pnl),
            open_orders=[other for other in others if other.intent.symbol == symbol],
            open_count=len(others),
            commitments=Commitments.of(self.commitments(others)),
            recent_same=traffic.same_as(order, now, limits.duplicate_window_s),
            orders_today=traffic.orders_on(now),
            messages_last_second=traffic.messages_within(1, now),
            messages_last_minute=traffic.messages_within(60, now),
            automation=AutomationView(
                is_automated=order.intent.strategy not in (MANUAL, FLATTEN),
                recent_entries=traffic.entries_of(order, now, limits.strategy_window_s),
            ),
            approval=approval,
            key_fingerprint=account.key_fingerprint if account else "",
            expected_key=self.expected_key(),
            drawdown=None if equity is None else to_decimal(self.portfolio.fall_percent),
            cooldown=self.cooldown(),
            margin=account.margin if account else None,
            day_trades=None if account is None else self._day_trades(symbol, account, now),
            not_offered=self._not_offered(order.intent),
            lines=self._lines([order, *others]),
        )

    def without(self, view: RiskView, gone: Callable[[Order], bool]) -> RiskView:
        """`view` as if the open orders that `gone` tells were not there; not their money."""
        open_count = len([other for other in self.beside(view.order) if not gone(other)])
        here = [other for other in view.open_orders if not gone(other)]
        return msgspec.structs.replace(view, open_orders=here, open_count=open_count)

    def _is_open(self, intent: OrderIntent, now_ns: int) -> bool:
        extended = intent.venue is not None and intent.venue.extended_hours
        return self.session_open(now_ns) or (extended and self.extended_open(now_ns))

    def _not_offered(self, intent: OrderIntent) -> str:
        wanted = frozenset[Feature]() if intent.venue is None else intent.venue.features
        missing = ", ".join(sorted(wanted - self.offers))
        return f"The broker does not take {missing}." if missing else ""

    def beside(self, order: Order) -> list[Order]:
        """All others that may still trade, without the one that `order` replaces."""
        own, replaced = order.client_order_id, order.replaces
        return [o for o in self.orders.open() if o.client_order_id not in (own, replaced)]

    def _lines(self, orders: Sequence[Order]) -> dict[str, Line]:
        """What is known of the groups and entries that orders belong to, by their ids."""
        kept = [order for order in orders if order.intent.venue is not None]
        if not kept:
            return {}
        names = {name for order in kept for name in kin_of(order)}
        asked = orders[0].intent.venue
        if asked is not None and asked.parent:  # which of the others its entry is
            names.update(order.client_order_id for order in orders)
        found = {name: self.orders.line(name) for name in names}
        return {name: line for name, line in found.items() if line is not None}

    def _day_trades(self, symbol: str, account: Account, now_ns: int) -> int | None:
        """The larger of the broker's count and ours, with what may still become one today."""
        if account.margin is False:
            return 0
        counted = self.day_trades(symbol, now_ns)
        if counted is None:
            return None
        done, possible = counted
        return max(done, account.day_trades or 0) + possible

    def commitments(self, orders: Sequence[Order]) -> list[Commitment]:
        """Open quantity by symbol and side, less what would only close the position."""
        buys: dict[str, list[Order]] = {}
        sales: dict[str, list[Order]] = {}  # apart: an Enum in a key costs more than all the rest
        for order in orders:
            intent = order.intent
            groups = buys if intent.side is Side.BUY else sales
            if intent.symbol in groups:
                groups[intent.symbol].append(order)
            else:
                groups[intent.symbol] = [order]
        return [
            self._commitment(symbol, side, group)
            for side, groups in ((Side.BUY, buys), (Side.SELL, sales))
            for symbol, group in groups.items()
        ]

    def _commitment(self, symbol: str, side: Side, group: Sequence[Order]) -> Commitment:
        position = self.portfolio.position(symbol)
        closing = not_below_zero(-position.quantity * side.sign)
        plain = all([order.intent.venue is None for order in group])  # noqa: C419 -- quicker so
        asked = (
            sum([order.remaining for order in group], ZERO)
            if plain
            else claimed(group, self.orders.line)
        )
        adding = not_below_zero(asked - closing)
        touch = self._touch(symbol, side) or self._known_price(symbol)
        prices = [worst_price_of(order.intent, touch) for order in group]
        known = [price for price in prices if price is not None]
        price = max(known, default=ZERO)
        return Commitment(
            symbol=symbol,
            side=side,
            notional=adding * price * position.multiplier,
            priced=not adding or len(known) == len(prices),
        )

    def _known_price(self, symbol: str) -> Decimal | None:
        """Without a quote: the last trade or fill, else what is held was bought at."""
        mark, cost = self.portfolio.mark_of(symbol), self.portfolio.position(symbol).average_cost
        known = cost if mark is None else to_decimal(mark)
        return known if known > ZERO else None

    def _touch(self, symbol: str, side: Side) -> Decimal | None:
        """The price to reckon open orders with, as the gate did when it let them through."""
        quote = self.prices.quote(symbol)
        if quote is None:
            return None
        return to_price(quote.ask if side is Side.BUY else quote.bid)


def _money(value: float) -> Decimal:
    return to_decimal(round(value, 4))
