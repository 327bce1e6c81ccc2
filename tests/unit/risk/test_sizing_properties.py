"""What holds for every size, against the gate's real controls."""

from decimal import Decimal

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import Limits, TradingState
from cockpit.domain.market import Quote
from cockpit.domain.order import Order, OrderIntent, OrderType, Side
from cockpit.risk.controls import CONTROLS
from cockpit.risk.limit_book import Permission
from cockpit.risk.sizing import (
    ConvictionScaled,
    FixedFractional,
    SizingRequest,
    StructureStop,
    VolatilityScaled,
    VolatilityStop,
    size,
    standing_of,
)
from cockpit.risk.view import ApprovalView, AutomationView, Commitment, Commitments, RiskView

D = Decimal
NOW = 1_000_000_000_000


def decimals(first: str, last: str, places: int) -> st.SearchStrategy[Decimal]:
    """Spread over the range. Examples crowd at `first`, so it is the end where more fits."""
    span, steps = D(last) - D(first), 100_000
    return st.integers(0, steps).map(lambda n: round(D(first) + span * n / steps, places))


def money(first: str, last: str) -> st.SearchStrategy[Decimal]:
    return decimals(first, last, 2)


fractions = decimals("1", "0.0001", 4)
sides = st.sampled_from(Side)
instruments = st.builds(
    Instrument,
    symbol=st.just("ABC"),
    tick=st.sampled_from([D("0.01"), D("0.05"), D("0.25"), D("0.03")]),
    lot=st.sampled_from([D(1), D(1), D(10), D("0.001")]),
    multiplier=st.sampled_from([D(1), D(5), D("0.1")]),
    average_daily_volume=st.none() | decimals("1000000", "10000", 0),
)
limits = st.builds(
    Limits,
    max_order_quantity=decimals("5000", "10", 1),
    max_order_adv_fraction=decimals("0.01", "0.0001", 4),
    max_order_value=money("100000", "1000"),
    max_order_equity_fraction=decimals("1", "0.01", 4),
    max_position_fraction=decimals("1", "0.05", 4),
    max_gross_fraction=decimals("4", "0.5", 4),
    day_loss_reducing_fraction=decimals("0.02", "0.001", 4),
)
small = decimals("0.05", "0.0005", 4)
fixed = st.builds(FixedFractional, risk_fraction=small)
volatile = st.builds(
    VolatilityScaled, risk_fraction=small, atr=decimals("0.0001", "9", 4),
    multiple=decimals("0.1", "5", 1),
)  # fmt: skip
scaled = st.builds(ConvictionScaled, base=fixed | volatile, conviction=fractions)
commitments = st.builds(
    Commitment, symbol=st.sampled_from(["ABC", "XYZ"]), side=sides, notional=money("0", "5000")
)


@st.composite
def requests(draw: st.DrawFn) -> SizingRequest:
    """An opening whose entry is on the grid and whose stop has a price."""
    instrument, side = draw(instruments), draw(sides)
    entry = (
        draw(st.integers(int(10 / instrument.tick), int(100 / instrument.tick))) * instrument.tick
    )
    atr = draw(decimals("0.0001", "4", 4))
    away = side.sign * draw(decimals("0.0001", "4", 4))
    rule = draw(
        st.builds(VolatilityStop, atr=st.just(atr), multiple=decimals("0.1", "2", 1))
        | st.builds(
            StructureStop, level=st.just(entry - away), buffer_ticks=st.integers(0, 20)
        )
    )  # fmt: skip
    return SizingRequest(
        instrument=instrument, side=side, entry=entry, stop=rule,
        method=draw(fixed | volatile | scaled),
    )  # fmt: skip


@st.composite
def views(draw: st.DrawFn, request: SizingRequest) -> RiskView:
    """A situation in which only what limits the size differs; the order is one lot."""
    return RiskView(
        order=order(request, request.instrument.lot, draw(st.sampled_from(KINDS))), now_ns=NOW,
        limits=draw(limits), mode=Mode.PAPER, account_mode=Mode.PAPER,
        trading_state=TradingState.ACTIVE, not_ready="", instrument=request.instrument,
        halted=False, permission=Permission.PERMITTED, session_open=True, quote=quote(request),
        quote_age_s=D("0.1"),
        position=draw(decimals("0", "50", 0) | decimals("0", "-50", 0)),
        gross_exposure=draw(money("0", "50000")),
        equity=draw(money("250000", "20000")), start_equity=draw(money("250000", "20000")),
        buying_power=draw(money("150000", "-1000")),
        day_pnl=draw(money("5000", "-2500")), open_orders=(), open_count=0,
        commitments=Commitments.of(draw(st.lists(commitments, max_size=3))), recent_same=0,
        orders_today=0, messages_last_second=0, messages_last_minute=0,
        automation=AutomationView(is_automated=False, recent_entries=0),
        approval=ApprovalView(needed=False, releasing=True, given_for=None, expires_ns=None),
            key_fingerprint="", expected_key="", drawdown=D(0), cooldown="", margin=False,
            day_trades=0,
    )  # fmt: skip


KINDS = (OrderType.LIMIT, OrderType.MARKET, OrderType.STOP)


def order(request: SizingRequest, quantity: Decimal, kind: OrderType) -> Order:
    intent = OrderIntent(
        intent_id="a", account_id="a", symbol="ABC", side=request.side, type=kind,
        quantity=quantity, limit_price=request.entry if kind is OrderType.LIMIT else None,
        stop_price=request.entry if kind is OrderType.STOP else None,
    )  # fmt: skip
    return Order(client_order_id="a", intent=intent)


def quote(request: SizingRequest) -> Quote:
    """The far touch is the entry."""
    other = request.entry - request.side.sign * request.instrument.tick
    bid, ask = sorted((float(request.entry), float(other)))
    return Quote(
        symbol="ABC", bid=bid, ask=ask, bid_size=1, ask_size=1, ts_event=NOW, ts_init=NOW
    )  # fmt: skip


def below_the_touch(request: SizingRequest, view: RiskView) -> tuple[SizingRequest, RiskView]:
    """A sale whose limit or stop stands a tick below the bid: the gate may value it higher."""
    if request.side is Side.BUY or view.order.intent.type is OrderType.MARKET:
        return request, view
    tick = request.instrument.tick
    bid, ask = float(request.entry + tick), float(request.entry + 2 * tick)
    assert view.quote is not None
    view = msgspec.structs.replace(
        view, quote=msgspec.structs.replace(view.quote, bid=bid, ask=ask)
    )
    return msgspec.structs.replace(request, worst_price=view.worth.worst), view


def with_quantity(view: RiskView, quantity: Decimal) -> RiskView:
    intent = msgspec.structs.replace(view.order.intent, quantity=quantity)
    return msgspec.structs.replace(view, order=msgspec.structs.replace(view.order, intent=intent))


def denials(view: RiskView) -> list[str]:
    return [r.code for r in (control(view) for control in CONTROLS) if not r.passed]


@given(
    requests().flatmap(lambda r: st.tuples(st.just(r), views(r))), money("0", "500"), st.booleans()
)
def test_a_size_passes_every_control_and_one_lot_more_does_not(
    drawn: tuple[SizingRequest, RiskView], open_risk: Decimal, at_touch: bool
) -> None:
    request, view = drawn if at_touch else below_the_touch(*drawn)
    assert view.worth.worst == (request.worst_price or request.entry)
    sizing = size(request, standing_of(view, open_risk=open_risk), view.limits)
    lot = request.instrument.lot
    assert sizing.money_at_risk <= sizing.budget
    assert sizing.quantity % lot == 0
    if sizing.quantity > 0:
        assert denials(with_quantity(view, sizing.quantity)) == []
    assert fails(request, view, sizing.quantity + lot, open_risk)


def fails(
    request: SizingRequest, view: RiskView, quantity: Decimal, open_risk: Decimal
) -> bool:  # fmt: skip
    """Whether a quantity breaks a control, the budget or the day's loss limit."""
    sizing = size(request, standing_of(view, open_risk=open_risk), view.limits)
    assert view.start_equity is not None
    assert view.day_pnl is not None
    at_risk = quantity * sizing.risk_per_unit
    method = request.method.base if isinstance(request.method, ConvictionScaled) else request.method
    move = sizing.risk_per_unit
    if isinstance(method, VolatilityScaled):
        move = max(move, method.multiple * method.atr * request.instrument.multiplier)
    left = view.start_equity * view.limits.day_loss_reducing_fraction - open_risk
    lost = max(D(0), -view.day_pnl)
    too_much = quantity * move > sizing.budget or at_risk > left - lost
    return too_much or bool(denials(with_quantity(view, quantity)))


@given(requests().flatmap(lambda r: st.tuples(st.just(r), views(r))))
def test_the_stop_is_on_the_grid_and_beyond_what_it_stands_for(
    drawn: tuple[SizingRequest, RiskView],
) -> None:
    request, view = drawn
    sizing = size(request, standing_of(view), view.limits)
    rule, tick, sign = request.stop, request.instrument.tick, request.side.sign
    if isinstance(rule, VolatilityStop):
        wanted = request.entry - sign * rule.atr * rule.multiple
    else:
        wanted = rule.level - sign * rule.buffer_ticks * tick
    assert sizing.stop_price > 0
    assert sizing.stop_price % tick == 0
    assert 0 <= (wanted - sizing.stop_price) * sign < tick
    assert (request.entry - sizing.stop_price) * sign > 0


@given(requests().flatmap(lambda r: st.tuples(st.just(r), views(r))), money("0.01", "250000"))
def test_more_equity_never_makes_a_size_smaller(
    drawn: tuple[SizingRequest, RiskView], more: Decimal
) -> None:
    request, view = drawn
    poorer = standing_of(view)
    richer = msgspec.structs.replace(poorer, equity=poorer.equity + more)
    assert (
        size(request, poorer, view.limits).quantity <= size(request, richer, view.limits).quantity
    )


@given(requests().flatmap(lambda r: st.tuples(st.just(r), views(r))), fractions, fractions)
def test_more_conviction_never_makes_a_size_smaller(
    drawn: tuple[SizingRequest, RiskView], one: Decimal, other: Decimal
) -> None:
    request, view = drawn
    assume(not isinstance(request.method, ConvictionScaled))
    low, high, full = (
        size(_convinced(request, conviction), standing_of(view), view.limits).quantity
        for conviction in (min(one, other), max(one, other), D(1))
    )
    assert low <= high <= full
    assert full == size(request, standing_of(view), view.limits).quantity


def _convinced(request: SizingRequest, conviction: Decimal) -> SizingRequest:
    method = ConvictionScaled(base=request.method, conviction=conviction)
    return msgspec.structs.replace(request, method=method)


@given(requests().flatmap(lambda r: st.tuples(st.just(r), views(r))))
def test_long_and_short_are_mirrors(drawn: tuple[SizingRequest, RiskView]) -> None:
    request, view = drawn
    here = size(request, standing_of(view), view.limits)
    there = size(_mirrored(request), standing_of(_other_way(view)), view.limits)
    same = ("quantity", "money_at_risk", "risk_per_unit", "notional", "budget", "caps", "reason")
    assert [getattr(here, what) for what in same] == [getattr(there, what) for what in same]
    assert here.stop_price + there.stop_price == 2 * request.entry


def _mirrored(request: SizingRequest) -> SizingRequest:
    rule = request.stop
    if isinstance(rule, StructureStop):
        rule = msgspec.structs.replace(rule, level=2 * request.entry - rule.level)
    return msgspec.structs.replace(request, side=request.side.opposite, stop=rule)


def _other_way(view: RiskView) -> RiskView:
    intent = msgspec.structs.replace(view.order.intent, side=view.order.intent.side.opposite)
    return msgspec.structs.replace(
        view,
        order=msgspec.structs.replace(view.order, intent=intent),
        position=-view.position,
        commitments=Commitments.of(
            [msgspec.structs.replace(c, side=c.side.opposite) for c in view.commitments.rows]
        ),
    )
