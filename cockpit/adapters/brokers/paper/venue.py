"""The simulated venue: takes orders in, matches them, keeps the account. Pure and synchronous.

Every call is given the venue's time and returns the messages it causes, in causal order:
an execution before the order's report, both before the account's.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from random import Random

from cockpit.adapters.brokers.paper import rules
from cockpit.adapters.brokers.paper.account import PaperAccount
from cockpit.adapters.brokers.paper.matching import Match, Matcher
from cockpit.adapters.brokers.paper.orders import VenueOrder
from cockpit.adapters.brokers.paper.settings import PaperSettings
from cockpit.domain.account import Account, Mode
from cockpit.domain.fill import Fill
from cockpit.domain.instrument import Instrument
from cockpit.domain.market import Quote, TradingStatus
from cockpit.domain.order import Order, OrderIntent, OrderState
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import (
    Ack,
    BrokerError,
    BrokerOrder,
    BrokerPosition,
    DuplicateIdError,
    ExecutionReport,
    OrderRejectedError,
    OrderReport,
)

Message = OrderReport | ExecutionReport | Account
_LATE = "The broker has no such open order: it was filled or ended before this arrived."


class Venue:
    """One account's orders at a market that consists of the quotes seen."""

    def __init__(self, settings: PaperSettings, account_id: str, mode: Mode) -> None:
        self._settings = settings
        self._account_id = account_id
        self._mode = mode
        self._instruments: dict[str, Instrument] = {}
        self._matcher = Matcher(int(settings.max_quote_age_s * SECOND), self.instrument)
        self._money = PaperAccount(settings, account_id, self._matcher.mid, self.instrument)
        self._orders: dict[str, VenueOrder] = {}  # every id ever taken in
        self._executions: list[ExecutionReport] = []
        self._numbers = itertools.count(1)
        self._chance = Random(f"{settings.seed}-venue")  # noqa: S311 - a simulation, to be repeated
        self._multipliers: dict[str, Decimal] = {}  # of what was traded before it was listed
        self._changed: dict[str, VenueOrder] = {}
        self._booked = 0  # executions that `take_changes` has given away

    def restore(
        self,
        starting_cash: Decimal,
        orders: Iterable[VenueOrder],
        executions: Iterable[ExecutionReport],
    ) -> None:
        """Become the account of these books; `orders` by arrival, `executions` as they came.

        What still works goes back into the market and waits for new quotes.
        """
        for order in orders:
            self._orders[order.client_order_id] = order
            self._multipliers[order.symbol] = order.multiplier
            self._numbers = itertools.count(order.sequence + 1)
            if order.open:
                self._matcher.rest(order)
        self._money.cash = starting_cash
        for report in executions:
            self._executions.append(report)
            self._money.book(_fill_of(report, self._account_id))
        self._booked = len(self._executions)

    def take_changes(self) -> tuple[list[VenueOrder], list[ExecutionReport]]:
        """Orders that changed and executions that came since this was last asked."""
        orders = list((self._changed | _by_id(self._matcher.take_triggered())).values())
        self._changed = {}
        executions = self._executions[self._booked :]
        self._booked = len(self._executions)
        return orders, executions

    def list_instrument(self, instrument: Instrument) -> None:
        """Make `instrument` tradable."""
        self._instruments[instrument.symbol] = instrument
        self._matcher.listed_anew(instrument.symbol)

    def instrument(self, symbol: str) -> Instrument:
        """The listed instrument, or a plain stock when it is only known by its quotes."""
        listed = self._instruments.get(symbol)
        if listed is None:
            multiplier = self._multipliers.get(symbol, Decimal(1))
            listed = Instrument(symbol=symbol, multiplier=multiplier)
        return listed

    def submit(self, order: Order, now_ns: int) -> tuple[Ack, list[Message]]:
        """Take `order` in. Raises OrderRejectedError, and then nothing has changed."""
        taken = self._admit(order, self._matcher.resting(), now_ns)
        return self._ack(taken, now_ns), self._enter(taken, now_ns)

    def replace(self, order: Order, replacement: Order, now_ns: int) -> tuple[Ack, list[Message]]:
        """Put `replacement` in the place of `order`; the old one stays if it is refused.

        Raises OrderRejectedError, also when more of `order` was filled than its sender
        knew: `replacement` would ask again for what was just filled.
        """
        old = self._replaceable(order, replacement)
        others = [o for o in self._matcher.resting() if o is not old]
        taken = self._admit(replacement, others, now_ns)
        ended = self._end(old, OrderState.REPLACED, now_ns, f"by {taken.client_order_id}")
        return self._ack(taken, now_ns), [ended, *self._enter(taken, now_ns)]

    def cancel(self, client_order_id: str, now_ns: int) -> list[Message]:
        """Take an open order out. Raises BrokerError when there is none of that id."""
        order = self._orders.get(client_order_id)
        if order is None or not order.open:
            raise BrokerError(
                f"{client_order_id} is not open", user_text=_LATE, code="VENUE_NOT_OPEN"
            )
        return self._end_all([order], OrderState.CANCELED, now_ns, "cancelled")

    def cancel_all(self, now_ns: int) -> list[Message]:
        """Take everything open out."""
        return self._end_all(self._matcher.resting(), OrderState.CANCELED, now_ns, "cancelled")

    def end_session(self, now_ns: int) -> list[Message]:
        """Let DAY orders expire."""
        ending = [order for order in self._matcher.resting() if order.day_only]
        return self._end_all(ending, OrderState.EXPIRED, now_ns, "end of session")

    def expire_overdue(self, ended: Callable[[int], bool]) -> None:
        """End the DAY orders whose session was over while nobody was here.

        `ended` judges by when an order came. Nobody is told: who comes back asks.
        """
        for order in self._matcher.resting():
            if order.day_only and ended(order.taken_ns):
                self._end(order, OrderState.EXPIRED, order.taken_ns, "end of session")

    def on_quote(self, quote: Quote, now_ns: int) -> Sequence[Message]:
        """Match what rests against a quote that was seen."""
        matches = self._matcher.on_quote(quote, now_ns)
        return self._with_account(self._trade(matches, now_ns), now_ns) if matches else ()

    def fee_of(self, quantity: Decimal) -> Decimal:
        """The commission of an order of `quantity` once all of it is filled."""
        return self._money.commission.total(quantity)

    def on_status(self, status: TradingStatus) -> None:
        """Halt or resume a symbol."""
        self._matcher.on_status(status)

    @property
    def has_day_orders(self) -> bool:
        """True while something waits for the end of the session."""
        return any(order.day_only for order in self._matcher.resting())

    def account(self, now_ns: int) -> Account:
        """Money at the last mids seen."""
        return Account(
            account_id=self._account_id,
            mode=self._mode,
            cash=self._money.cash,
            equity=self._money.equity,
            buying_power=self._money.buying_power(self._matcher.resting()),
            ts_event=now_ns,
            key_fingerprint=f"paper:{self._mode.value}:{self._account_id}",
            margin=False,
        )

    def positions(self) -> list[BrokerPosition]:
        """What is held, by symbol."""
        return [
            BrokerPosition(symbol=p.symbol, quantity=p.quantity, average_cost=p.average_cost)
            for p in sorted(self._money.positions.values(), key=lambda p: p.symbol)
            if not p.flat
        ]

    def open_orders(self, now_ns: int) -> list[BrokerOrder]:
        """What is open, by arrival."""
        return [order.listed(now_ns) for order in self._matcher.resting()]

    def find_order(self, client_order_id: str, now_ns: int) -> BrokerOrder | None:
        """Where an order stands; None for an id that was never taken in."""
        order = self._orders.get(client_order_id)
        return None if order is None else order.listed(now_ns)

    def executions(self, since_ns: int) -> list[ExecutionReport]:
        """What was traded at `since_ns` or later, oldest first."""
        return [report for report in self._executions if report.ts_event >= since_ns]

    def _admit(self, order: Order, open_orders: list[VenueOrder], now_ns: int) -> VenueOrder:
        """Check everything, then give the order its venue id; refused ones leave no trace."""
        intent = order.intent
        self._check_known(order)
        rules.check_grid(intent, self.instrument(intent.symbol))
        rules.check_time_in_force(intent)
        candidate = self._candidate(order, now_ns)
        opening = self._money.opening_part(candidate, open_orders)
        rules.check_short_sale(intent.side, opening, allowed=self._settings.short_sales)
        rules.check_buying_power(opening, self._money.buying_power([*open_orders, candidate]))
        self._check_luck()
        candidate.sequence = next(self._numbers)
        candidate.venue_order_id = f"{self._account_id}-V{candidate.sequence}"
        self._orders[order.client_order_id] = candidate
        self._note(candidate)
        return candidate

    def _candidate(self, order: Order, now_ns: int) -> VenueOrder:
        intent = order.intent
        touch = self._matcher.touch(intent.symbol, intent.side)
        return VenueOrder(
            order=order,
            venue_order_id="",
            sequence=0,
            worst=rules.worst_price(intent, touch),
            triggered=not intent.type.needs_stop,
            taken_ns=now_ns,
            multiplier=self.instrument(intent.symbol).multiplier,
        )

    def _check_known(self, order: Order) -> None:
        symbol, account_id = order.intent.symbol, order.intent.account_id
        if account_id != self._account_id:
            raise rules.refused(
                "VENUE_ACCOUNT", f"account {account_id}", "it is of another account."
            )
        if order.client_order_id in self._orders:
            raise DuplicateIdError(
                "client_order_id must be unique",
                user_text="The broker rejected it: its id was used before.",
            )
        if symbol not in self._instruments and not self._matcher.quoted(symbol):
            raise rules.refused(
                "VENUE_UNKNOWN_SYMBOL", f"unknown symbol {symbol}", f"{symbol} isn't traded here."
            )

    def _check_luck(self) -> None:
        rate = self._settings.reject_rate
        if rate and self._chance.random() < rate:
            raise rules.refused("VENUE_REJECTED", "seeded rejection", "a simulated rejection.")

    def _replaceable(self, order: Order, replacement: Order) -> VenueOrder:
        old = self._orders.get(order.client_order_id)
        if old is None or not old.open:
            raise OrderRejectedError(
                f"{order.client_order_id} is not open", user_text=_LATE, code="VENUE_NOT_OPEN"
            )
        if old.filled != order.filled:
            raise rules.refused(
                "VENUE_REPLACE",
                f"filled {old.filled}, not {order.filled}",
                "it was filled further.",
            )
        if not _same_market(old.order.intent, replacement.intent):
            raise rules.refused(
                "VENUE_REPLACE", "symbol or side differ", "a replacement keeps symbol and side."
            )
        return old

    def _ack(self, order: VenueOrder, now_ns: int) -> Ack:
        return Ack(
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
            ts_event=now_ns,
        )

    def _enter(self, order: VenueOrder, now_ns: int) -> list[Message]:
        working = order.report(now_ns)
        messages = [working, *self._trade(self._matcher.enter(order, now_ns), now_ns)]
        if order.immediate and order.open:
            messages.append(self._end(order, OrderState.CANCELED, now_ns, "not filled at once"))
        return self._with_account(messages, now_ns)

    def _trade(self, matches: Iterable[Match], now_ns: int) -> list[Message]:
        messages: list[Message] = []
        for match in matches:
            messages += [self._execute(match, now_ns), match.order.report(now_ns)]
        return messages

    def _execute(self, match: Match, now_ns: int) -> ExecutionReport:
        order = match.order
        self._note(order)
        report = ExecutionReport(
            execution_id=f"{self._account_id}-E{len(self._executions) + 1}",
            client_order_id=order.client_order_id,
            venue_order_id=order.venue_order_id,
            symbol=order.symbol,
            side=order.side,
            quantity=match.quantity,
            price=match.price,
            fee=self._money.commission.of_fill(order.filled, match.quantity),
            cumulative=order.filled,
            ts_event=now_ns,
        )
        self._executions.append(report)
        self._money.book(_fill_of(report, self._account_id))
        return report

    def _end(self, order: VenueOrder, state: OrderState, now_ns: int, reason: str) -> OrderReport:
        self._matcher.leave(order)
        order.state = state
        self._note(order)
        return order.report(now_ns, reason)

    def _end_all(
        self, orders: Iterable[VenueOrder], state: OrderState, now_ns: int, reason: str
    ) -> list[Message]:
        ended: list[Message] = [self._end(order, state, now_ns, reason) for order in orders]
        return self._with_account(ended, now_ns) if ended else []

    def _note(self, order: VenueOrder) -> None:
        self._changed[order.client_order_id] = order

    def _with_account(self, messages: list[Message], now_ns: int) -> list[Message]:
        return [*messages, self.account(now_ns)]


def _by_id(orders: Iterable[VenueOrder]) -> dict[str, VenueOrder]:
    return {order.client_order_id: order for order in orders}


def _same_market(old: OrderIntent, new: OrderIntent) -> bool:
    return (old.symbol, old.side) == (new.symbol, new.side)


def _fill_of(report: ExecutionReport, account_id: str) -> Fill:
    return Fill(
        execution_id=report.execution_id,
        account_id=account_id,
        client_order_id=report.client_order_id,
        symbol=report.symbol,
        side=report.side,
        quantity=report.quantity,
        price=report.price,
        fee=report.fee,
        ts_event=report.ts_event,
        ts_init=report.ts_event,
    )
