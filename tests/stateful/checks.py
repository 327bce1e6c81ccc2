"""What must hold after every step, reckoned from the ledger and the venue, not from the desk."""

from __future__ import annotations

import itertools
from collections import defaultdict
from decimal import Decimal
from typing import Any

import msgspec

from cockpit.adapters.brokers.paper.orders import VenueOrder
from cockpit.domain.order import AT_VENUE, TRANSITIONS, Order, OrderIntent, OrderState, Side
from cockpit.domain.order import OrderType as Type
from cockpit.domain.values import ZERO, to_decimal
from cockpit.risk.view import ApprovalView
from tests.stateful.watched_desk import ACCOUNT, SYMBOLS, THEIRS, WatchedDesk

CLAIMING = AT_VENUE | {OrderState.RESERVED}
UNASKED = ApprovalView(needed=False, releasing=False, given_for=None, expires_ns=None)


def check_all(w: WatchedDesk) -> None:
    """After any step, also in the middle of everything."""
    assert not w.faults, w.faults
    assert not w.desk.crashes, w.desk.crashes
    assert not w.desk.bus.failures, w.desk.bus.failures
    check_the_ledger_is_what_memory_holds(w)
    check_versions_rise_along_the_roads(w)
    check_one_venue_order_an_intent(w)
    check_fills_make_the_position(w)
    check_exits_only_close(w)
    check_money_is_conserved(w)
    check_reservations(w)
    check_waiting_requests(w)


def check_the_ledger_is_what_memory_holds(w: WatchedDesk) -> None:
    stored = w.run(w.store.orders(ACCOUNT))
    assert {o.client_order_id: o for o in stored} == {
        o.client_order_id: o for o in w.desk.orders.all()
    }
    fills = w.run(w.store.fills(ACCOUNT))
    ids = [fill.execution_id for fill in fills]
    assert len(ids) == len(set(ids))
    told = [*w.booked_before, *(event.fill for event in w.desk.fills)]
    assert {f.execution_id: f for f in fills} == {f.execution_id: f for f in told}
    assert len(told) == len(fills)


def check_versions_rise_along_the_roads(w: WatchedDesk) -> None:
    for versions in w.store.versions.values():
        for before, after in itertools.pairwise(versions):
            assert after.version > before.version, (before, after)
            same = after.state is before.state
            assert same or after.state in TRANSITIONS[before.state], (before, after)
            assert after.filled >= before.filled


def check_one_venue_order_an_intent(w: WatchedDesk) -> None:
    everything = [order.order for order in _venue_orders(w)]
    taken = [order for order in everything if not order.client_order_id.startswith(THEIRS)]
    assert {order.client_order_id for order in taken} <= set(w.sent)
    wishes = [order.intent.intent_id for order in taken]
    assert len(wishes) == len(set(wishes))


def check_fills_make_the_position(w: WatchedDesk) -> None:
    held: dict[str, Decimal] = defaultdict(Decimal)
    filled: dict[str, Decimal] = defaultdict(Decimal)
    for fill in w.store.stored:
        held[fill.symbol] += fill.quantity * fill.side.sign
        filled[fill.client_order_id] += fill.quantity
    for symbol in SYMBOLS:
        assert w.desk.portfolio.position(symbol).quantity == held[symbol]
    for order in w.desk.orders.all():
        assert order.filled == filled[order.client_order_id]
        if not order.client_order_id.startswith(THEIRS):  # of theirs the size may be a guess
            assert order.filled <= order.intent.quantity


def check_exits_only_close(w: WatchedDesk) -> None:
    """A stop or target of the core never turns a position over; others may trade beside it."""
    touched = {o.symbol for o in _venue_orders(w) if o.client_order_id.startswith(THEIRS)}
    held: dict[str, Decimal] = defaultdict(Decimal)
    for fill in w.store.stored:
        before = held[fill.symbol]
        held[fill.symbol] += fill.quantity * fill.side.sign
        order = w.store.versions[fill.client_order_id][-1]
        if order.intent.protects and fill.symbol not in touched:
            assert before * held[fill.symbol] >= 0, (before, fill)
            assert abs(held[fill.symbol]) < abs(before), (before, fill)


def check_money_is_conserved(w: WatchedDesk) -> None:
    portfolio = w.desk.portfolio
    paid = sum((f.quantity * f.side.sign * f.price + f.fee for f in w.store.stored), ZERO)
    cost = sum((p.cost for p in portfolio.positions()), ZERO)
    assert abs(portfolio.realised - portfolio.fees - cost + paid) < Decimal("1e-9")
    venue = w.desk.broker._venue
    spent = sum((x.quantity * x.side.sign * x.price + x.fee for x in venue._executions), ZERO)
    assert venue._money.cash == 100_000 - spent


def check_reservations(w: WatchedDesk) -> None:
    latest = {order_id: versions[-1] for order_id, versions in w.store.versions.items()}
    claims = [order for order in latest.values() if order.state in CLAIMING]
    assert {o.client_order_id for o in w.desk.orders.open()} == {o.client_order_id for o in claims}
    view = w.desk.situation.view(_probe(), UNASKED)
    for symbol in SYMBOLS:
        for side in Side:
            group = [o for o in claims if (o.symbol, o.intent.side) == (symbol, side)]
            mine = [
                c.notional for c in view.commitments.rows if (c.symbol, c.side) == (symbol, side)
            ]
            assert sum(mine, ZERO) == _worst_case(w, group), group


def check_waiting_requests(w: WatchedDesk) -> None:
    asked = {request.request_id for request in w.desk.approvals.waiting()}
    waiting = w.desk.orders.waiting_for_approval()
    assert asked == {order.client_order_id for order in waiting}
    for request in w.desk.approvals.waiting():
        assert request.fingerprint == w.desk.now(request.order).fingerprint


def check_when_all_is_quiet(w: WatchedDesk) -> None:
    """No fault is left and time has passed: desk, ledger and venue tell the same story."""
    venue = w.desk.broker._venue
    told = {report.execution_id: report for report in venue._executions}
    booked = {fill.execution_id for fill in w.store.stored}
    assert booked == set(told), (booked ^ set(told), w.desk.incidents, w.desk.switch.reason)
    for fill in w.store.stored:
        report = told[fill.execution_id]
        assert (fill.quantity, fill.price, fill.fee, fill.side, fill.symbol) == (
            report.quantity, report.price, report.fee, report.side, report.symbol,
        )  # fmt: skip
    for order in _venue_orders(w):
        if not (order.open or order.filled) and order.client_order_id.startswith(THEIRS):
            continue  # it came and went elsewhere
        mine = w.desk.now(order.order)
        there = (order.state, order.filled, order.venue_order_id)
        assert (mine.state, mine.filled, mine.venue_order_id) == there, (mine, there)
    working = {order.client_order_id for order in _venue_orders(w) if order.open}
    open_here = {order.client_order_id for order in w.desk.orders.open()}
    assert open_here == working, (
        [w.desk.orders.get(name) for name in open_here ^ working],
        working,
    )
    unfinished = {OrderState.DRAFT, OrderState.APPROVED, OrderState.PENDING_APPROVAL}
    left = [order for order in w.desk.orders.all() if order.state in unfinished]
    assert not left, left
    held = {p.symbol: p.quantity for p in w.desk.portfolio.open_positions()}
    assert held == {p.symbol: p.quantity for p in venue.positions()}


def check_a_restart_shows_the_same(w: WatchedDesk) -> None:
    """What is folded from the ledger is what was lived; exits may be placed anew, no more."""
    lived = msgspec.json.decode(w.desk.room.snapshot())
    w.restart()
    folded = msgspec.json.decode(w.desk.room.snapshot())
    assert folded["state"] == lived["state"]
    assert folded["positions"] == lived["positions"]
    assert _without_exits(folded) == _without_exits(lived)


def _without_exits(snapshot: dict[str, Any]) -> list[Any]:
    return [order for order in snapshot["orders"] if not order["intent"]["protects"]]


def _venue_orders(w: WatchedDesk) -> list[VenueOrder]:
    return list(w.desk.broker._venue._orders.values())


def _worst_case(w: WatchedDesk, group: list[Order]) -> Decimal:
    """Open quantity that would open something, at the dearest price among the group."""
    if not group:
        return ZERO
    [symbol] = {order.symbol for order in group}
    [side] = {order.intent.side for order in group}
    held = sum((f.quantity * f.side.sign for f in w.store.stored if f.symbol == symbol), ZERO)
    closes = max(ZERO, -held * side.sign)
    opens = max(ZERO, sum((o.intent.quantity - o.filled for o in group), ZERO) - closes)
    quote = w.desk.book.quote(symbol)
    touch = to_decimal(quote.ask if side is Side.BUY else quote.bid) if quote else _known(w, symbol)
    prices: list[Decimal] = []
    for order in group:
        limit, stop = order.intent.limit_price, order.intent.stop_price
        known = [limit] if side is Side.BUY and limit is not None else [limit, stop, touch]
        prices.append(max((p for p in known if p is not None), default=ZERO))
    return opens * max(prices)


def _known(w: WatchedDesk, symbol: str) -> Decimal | None:
    """Without a quote: the last trade or fill, else what is held was bought at."""
    mark, cost = w.desk.portfolio.mark_of(symbol), w.desk.portfolio.position(symbol).average_cost
    known = cost if mark is None else to_decimal(mark)
    return known if known > ZERO else None


def _probe() -> Order:
    intent = OrderIntent(
        intent_id="probe",
        account_id=ACCOUNT,
        symbol="ABC",
        side=Side.BUY,
        type=Type.MARKET,
        quantity=Decimal(1),
    )
    return Order(client_order_id="probe", intent=intent)
