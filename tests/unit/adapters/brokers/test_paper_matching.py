from collections.abc import Iterable
from decimal import Decimal

import pytest

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.adapters.brokers.paper.venue import Venue
from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.order import Order, Side, TimeInForce
from cockpit.kernel.clock import SECOND
from cockpit.ports.broker import ExecutionReport, OrderReport
from tests.unit.adapters.brokers.paper_kit import ACCOUNT, START, STOCK, D, order, quote, status

LATER = START + SECOND


@pytest.fixture
def venue() -> Venue:
    made = Venue(PaperSettings(starting_cash=Decimal(1_000_000)), ACCOUNT, Mode.DEMO)
    made.list_instrument(STOCK)
    return made


def trades(messages: Iterable[object]) -> list[tuple[str, Decimal, Decimal]]:
    return [
        (m.client_order_id, m.quantity, m.price) for m in messages if isinstance(m, ExecutionReport)
    ]


def enter(venue: Venue, made: Order, now: int = LATER) -> list[tuple[str, Decimal, Decimal]]:
    return trades(venue.submit(made, now)[1])


@pytest.mark.parametrize(("side", "price"), [(Side.BUY, "10.02"), (Side.SELL, "10.0")])
def test_market_order_takes_the_far_touch(venue: Venue, side: Side, price: str) -> None:
    venue.on_quote(quote(), START)
    assert enter(venue, order("a", side)) == [("a", D(100), D(price))]


def test_each_displayed_share_is_taken_once(venue: Venue) -> None:
    venue.on_quote(quote(ask_size=150), START)
    assert enter(venue, order("a")) == [("a", D(100), D("10.02"))]
    assert enter(venue, order("b")) == [("b", D(50), D("10.02"))]
    assert enter(venue, order("c")) == []
    refreshed = venue.on_quote(quote(ask=10.03, ask_size=120, at=LATER), LATER)
    assert trades(refreshed) == [("b", D(50), D("10.03")), ("c", D(70), D("10.03"))]


def test_two_sides_of_a_quote_are_consumed_apart(venue: Venue) -> None:
    venue.on_quote(quote(), START)
    enter(venue, order("a"))
    assert enter(venue, order("b", Side.SELL)) == [("b", D(100), D("10.0"))]


def test_rest_of_a_marketable_limit_waits_within_its_limit(venue: Venue) -> None:
    venue.on_quote(quote(ask_size=40), START)
    assert enter(venue, order("a", limit="10.02")) == [("a", D(40), D("10.02"))]
    assert trades(venue.on_quote(quote(ask=10.03, at=LATER), LATER)) == []
    assert trades(venue.on_quote(quote(ask=10.02, at=LATER), LATER)) == [("a", D(60), D("10.02"))]


def test_passive_limit_waits_for_the_opposite_quote(venue: Venue) -> None:
    venue.on_quote(quote(), START)
    assert enter(venue, order("a", limit="10.00")) == []
    assert trades(venue.on_quote(quote(bid=9.99, ask=10.01, at=LATER), LATER)) == []
    through = venue.on_quote(quote(bid=9.97, ask=9.98, at=LATER), LATER)
    assert trades(through) == [("a", D(100), D("9.98"))]


@pytest.mark.parametrize("made", [order("a"), order("a", limit="10.02"), order("a", stop="10.00")])
def test_stale_quote_fills_nothing(venue: Venue, made: Order) -> None:
    venue.on_quote(quote(), START)
    assert enter(venue, made, START + 2 * SECOND + 1) == []


def test_quote_is_fresh_to_the_last_nanosecond(venue: Venue) -> None:
    venue.on_quote(quote(), START)
    assert len(enter(venue, order("a"), START + 2 * SECOND)) == 1


def test_quote_that_comes_in_stale_fills_nothing(venue: Venue) -> None:
    venue.on_quote(quote(at=START - 10 * SECOND), START - 10 * SECOND)
    enter(venue, order("a"), START)
    assert trades(venue.on_quote(quote(at=START), START + 3 * SECOND)) == []
    assert len(trades(venue.on_quote(quote(at=START + 3 * SECOND), START + 3 * SECOND))) == 1


def test_quote_stamped_in_the_future_ages_from_when_it_came_in(venue: Venue) -> None:
    import msgspec

    ahead = msgspec.structs.replace(quote(), ts_event=START + 60 * SECOND)
    venue.on_quote(ahead, START)
    assert enter(venue, order("a"), START + 3 * SECOND) == []


def test_quote_out_of_order_is_not_put_in_force(venue: Venue) -> None:
    venue.on_quote(quote(ask=10.05, at=LATER), LATER)
    venue.on_quote(quote(ask=10.02, at=START), LATER)
    assert enter(venue, order("a")) == [("a", D(100), D("10.05"))]


def test_halt_stops_fills_and_makes_older_quotes_worthless(venue: Venue) -> None:
    venue.on_quote(quote(), START)
    venue.on_status(status(halted=True))
    assert enter(venue, order("a")) == []
    assert trades(venue.on_quote(quote(at=LATER), LATER)) == []
    venue.on_status(status(halted=False))
    assert enter(venue, order("b")) == []
    assert len(trades(venue.on_quote(quote(ask_size=500, at=LATER), LATER))) == 2


def test_halt_of_one_symbol_leaves_the_others(venue: Venue) -> None:
    venue.list_instrument(Instrument(symbol="YYY"))
    venue.on_status(status(halted=True))
    venue.on_quote(quote(symbol="YYY"), START)
    assert len(enter(venue, order("a", symbol="YYY"))) == 1


@pytest.mark.parametrize(
    ("side", "stop", "market", "price"),
    [
        (Side.BUY, "10.05", ((10.03, 10.04), (10.03, 10.05)), "10.05"),
        (Side.BUY, "10.05", ((10.04, 10.04), (10.10, 10.12)), "10.12"),
        (Side.SELL, "9.95", ((9.96, 9.97), (9.95, 9.97)), "9.95"),
        (Side.SELL, "9.95", ((9.96, 9.96), (9.80, 9.82)), "9.8"),
    ],
)
def test_stop_is_triggered_by_the_side_it_trades_on(
    venue: Venue,
    side: Side,
    stop: str,
    market: tuple[tuple[float, float], tuple[float, float]],
    price: str,
) -> None:
    not_yet, reached = market
    venue.on_quote(quote(), START)
    assert enter(venue, order("a", side, stop=stop)) == []
    assert trades(venue.on_quote(quote(*not_yet, at=LATER), LATER)) == []
    assert trades(venue.on_quote(quote(*reached, at=LATER), LATER)) == [("a", D(100), D(price))]


def test_triggered_stop_stays_triggered(venue: Venue) -> None:
    venue.on_quote(quote(), START)
    enter(venue, order("a", stop="10.05", quantity=150))
    assert len(trades(venue.on_quote(quote(ask=10.06, at=LATER), LATER))) == 1
    back = venue.on_quote(quote(ask=10.01, at=LATER), LATER)
    assert trades(back) == [("a", D(50), D("10.01"))]


def test_stop_limit_becomes_a_limit(venue: Venue) -> None:
    venue.on_quote(quote(), START)
    enter(venue, order("a", stop="10.05", limit="10.06"))
    assert trades(venue.on_quote(quote(10.05, 10.08, at=LATER), LATER)) == []
    back = venue.on_quote(quote(10.03, 10.04, at=LATER), LATER)
    assert trades(back) == [("a", D(100), D("10.04"))]


def test_better_price_then_earlier_arrival_goes_first(venue: Venue) -> None:
    venue.on_quote(quote(), START)
    for name, limit in (("low", "9.98"), ("first", "9.99"), ("second", "9.99")):
        enter(venue, order(name, limit=limit))
    enter(
        venue, order("stop", stop="9.00", quantity=10), START + 9 * SECOND
    )  # no fresh quote: waits
    got = trades(
        venue.on_quote(quote(9.97, 9.98, ask_size=150, at=START + 9 * SECOND), START + 9 * SECOND)
    )
    assert [name for name, _, _ in got] == ["stop", "first", "second"]
    assert [quantity for _, quantity, _ in got] == [D(10), D(100), D(40)]


def test_immediate_or_cancel_never_rests(venue: Venue) -> None:
    venue.on_quote(quote(ask_size=60), START)
    messages = venue.submit(order("a", tif=TimeInForce.IOC), LATER)[1]
    states = [m.state.value for m in messages if isinstance(m, OrderReport)]
    assert states == ["working", "partially_filled", "canceled"]
    assert venue.open_orders(LATER) == []
    assert trades(venue.on_quote(quote(at=LATER), LATER)) == []


def test_odd_displayed_size_fills_whole_lots_only(venue: Venue) -> None:
    venue.list_instrument(Instrument(symbol="LOT", lot=D(100)))
    venue.on_quote(quote(symbol="LOT", ask_size=250.5), START)
    assert enter(venue, order("a", quantity=300, symbol="LOT")) == [("a", D(200), D("10.02"))]


def test_noise_of_a_float_is_no_reason_to_miss_a_limit(venue: Venue) -> None:
    venue.on_quote(quote(ask=10.020000000000001), START)
    assert enter(venue, order("a", limit="10.02")) == [("a", D(100), D("10.02"))]


def test_price_truly_between_two_ticks_is_kept(venue: Venue) -> None:
    venue.on_quote(quote(ask=10.025), START)
    assert enter(venue, order("a")) == [("a", D(100), D("10.025"))]


def test_day_orders_expire_and_the_others_stay(venue: Venue) -> None:
    venue.on_quote(quote(), START)
    enter(venue, order("day", limit="9"))
    enter(venue, order("good", limit="9", tif=TimeInForce.GTC))
    reports = [m for m in venue.end_session(LATER) if isinstance(m, OrderReport)]
    assert [(r.client_order_id, r.state.value) for r in reports] == [("day", "expired")]
    assert [r.client_order_id for r in venue.open_orders(LATER)] == ["good"]
