from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.adapters.brokers.paper import PaperSettings
from cockpit.adapters.brokers.paper.account import Commission
from cockpit.adapters.brokers.paper.venue import Venue
from cockpit.domain.account import Mode
from cockpit.domain.instrument import Instrument
from cockpit.domain.order import Order, Side, TimeInForce
from cockpit.ports.broker import OrderRejectedError
from tests.unit.adapters.brokers.paper_kit import ACCOUNT, START, STOCK, D, order, quote


def venue(**settings: object) -> Venue:
    free = {"commission_per_share": "0", "commission_minimum": "0", "starting_cash": "10000"}
    made = Venue(PaperSettings.model_validate(free | settings), ACCOUNT, Mode.DEMO)
    made.list_instrument(STOCK)
    made.on_quote(quote(9.98, 10.0, 10_000, 10_000), START)
    return made


def refused(made: Venue, asked: Order) -> OrderRejectedError:
    before = (made.account(START), made.open_orders(START))
    with pytest.raises(OrderRejectedError) as caught:
        made.submit(asked, START)
    assert (made.account(START), made.open_orders(START)) == before
    return caught.value


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (order("a", symbol="NIX"), "VENUE_UNKNOWN_SYMBOL"),
        (order("a", quantity="10.5"), "VENUE_LOT"),
        (order("a", limit="10.005"), "VENUE_TICK"),
        (order("a", stop="10.005"), "VENUE_TICK"),
        (order("a", stop="10.00", limit="10.001"), "VENUE_TICK"),
        (order("a", stop="11", tif=TimeInForce.IOC), "VENUE_TIF"),
        (order("a", quantity=1001, limit="10"), "VENUE_BUYING_POWER"),
        (order("a", quantity=1001), "VENUE_BUYING_POWER"),
        (order("a", quantity=1000, stop="10.01"), "VENUE_BUYING_POWER"),
        (order("a", Side.SELL, 1003), "VENUE_BUYING_POWER"),
        (order("a", account_id="OTHER"), "VENUE_ACCOUNT"),
    ],
)
def test_refusals_are_coded_and_leave_no_trace(asked: Order, code: str) -> None:
    error = refused(venue(), asked)
    assert error.code == code
    assert error.user_text.startswith("The broker rejected it: ")


def test_refused_id_may_be_used_again() -> None:
    made = venue()
    refused(made, order("a", quantity=5000))
    made.submit(order("a", quantity=500), START)


def test_id_is_unique_for_ever() -> None:
    made = venue()
    made.submit(order("a", quantity=10), START)
    error = refused(made, order("a", quantity=10))
    assert error.code == "VENUE_DUPLICATE_ID"
    assert "client_order_id must be unique" in str(error)


def test_symbol_without_a_price_takes_no_market_order() -> None:
    made = venue()
    made.list_instrument(Instrument(symbol="NEW"))
    assert refused(made, order("a", symbol="NEW")).code == "VENUE_NO_MARKET"
    made.submit(order("a", quantity=10, limit="5", symbol="NEW"), START)


def test_symbol_only_known_by_its_quotes_is_a_plain_stock() -> None:
    made = venue()
    made.on_quote(quote(symbol="SEEN"), START)
    made.submit(order("a", quantity=10, symbol="SEEN"), START)


def test_own_grid_of_an_instrument_counts() -> None:
    made = venue()
    made.list_instrument(Instrument(symbol="FINE", tick=D("0.0001"), lot=D("0.001")))
    made.submit(order("a", quantity="1.005", limit="0.0003", symbol="FINE"), START)
    assert (
        refused(made, order("b", quantity="1", limit="0.00035", symbol="FINE")).code == "VENUE_TICK"
    )


def test_short_sale_can_be_forbidden() -> None:
    made = venue(short_sales=False)
    assert refused(made, order("a", Side.SELL, 10)).code == "VENUE_SHORT_SALE"
    made.submit(order("b", quantity=10), START)
    made.submit(order("c", Side.SELL, 10, limit="11"), START)
    assert refused(made, order("d", Side.SELL, 1)).code == "VENUE_SHORT_SALE"


def test_open_orders_reserve_what_they_may_open() -> None:
    made = venue()
    made.submit(order("a", quantity=600, limit="9.00"), START)
    assert made.account(START).buying_power == D("4600")
    assert refused(made, order("b", quantity=500, limit="9.50")).code == "VENUE_BUYING_POWER"
    made.cancel("a", START)
    made.submit(order("b", quantity=500, limit="9.50"), START)


def test_closing_needs_no_buying_power() -> None:
    made = venue()
    made.submit(order("a", quantity=1000), START)
    assert made.account(START).buying_power == 0
    assert refused(made, order("b", quantity=1, limit="5")).code == "VENUE_BUYING_POWER"
    made.submit(order("c", Side.SELL, 1000, limit="12"), START)
    assert refused(made, order("d", Side.SELL, 1)).code == "VENUE_BUYING_POWER"


def test_short_position_ties_its_worth() -> None:
    made = venue()
    made.submit(order("a", Side.SELL, 100), START)
    account = made.account(START)
    assert account.cash == D("10998")
    assert account.equity == D("10998") - 100 * D("9.99")
    assert account.buying_power == account.equity - 100 * D("9.99")


def test_leverage_multiplies_equity() -> None:
    made = venue(leverage="2")
    made.submit(order("a", quantity=1999), START)
    account = made.account(START)
    assert account.buying_power == 2 * account.equity - 1999 * D("9.99")


def test_equity_is_marked_at_the_middle() -> None:
    made = venue()
    made.submit(order("a", quantity=100), START)
    made.on_quote(quote(10.51, 10.54, at=START + 1), START + 1)
    assert made.account(START + 1).equity == 9000 + 100 * D("10.525")


def test_replacement_is_reserved_in_the_old_ones_place() -> None:
    made = venue()
    made.submit(order("a", quantity=1000, limit="9.00"), START)
    made.replace(order("a"), order("b", quantity=1100, limit="9.00"), START)
    with pytest.raises(OrderRejectedError) as caught:
        made.replace(order("b"), order("c", quantity=1200, limit="9.00"), START)
    assert caught.value.code == "VENUE_BUYING_POWER"
    assert [r.client_order_id for r in made.open_orders(START)] == ["b"]


@pytest.mark.parametrize(
    "other", [order("b", Side.SELL, limit="9"), order("b", symbol="YYY", limit="9")]
)
def test_replacement_keeps_symbol_and_side(other: Order) -> None:
    made = venue()
    made.submit(order("a", limit="9"), START)
    with pytest.raises(OrderRejectedError) as caught:
        made.replace(order("a"), other, START)
    assert caught.value.code == "VENUE_REPLACE"


def test_replacing_a_filled_order_is_refused() -> None:
    made = venue()
    made.submit(order("a"), START)
    with pytest.raises(OrderRejectedError) as caught:
        made.replace(order("a"), order("b", limit="9"), START)
    assert caught.value.code == "VENUE_NOT_OPEN"


def test_seeded_refusals_repeat() -> None:
    def outcomes(seed: int) -> list[bool]:
        made, taken = venue(reject_rate=0.5, seed=seed), list[bool]()
        for n in range(30):
            try:
                made.submit(order(f"o{n}", quantity=1), START)
                taken.append(True)
            except OrderRejectedError:
                taken.append(False)
        return taken

    assert outcomes(1) == outcomes(1) != outcomes(2)
    assert len(set(outcomes(1))) == 2


def test_find_order_knows_the_ended_ones() -> None:
    made = venue()
    made.submit(order("a"), START)
    found = made.find_order("a", START)
    assert found is not None
    assert (found.report.state.value, found.report.filled) == ("filled", 100)
    assert made.find_order("nobody", START) is None


@given(
    st.lists(st.decimals("0.001", 10_000, places=3), min_size=1, max_size=8),
    st.decimals(0, "0.1", places=4),
    st.decimals(0, 5, places=2),
)
def test_commission_adds_up_whatever_the_slices(
    slices: list[Decimal], rate: Decimal, minimum: Decimal
) -> None:
    commission = Commission(rate, minimum)
    filled, fees = D(0), list[Decimal]()
    for part in slices:
        filled += part
        fees.append(commission.of_fill(filled, part))
    assert sum(fees) == max(minimum, rate * filled)
    assert fees[0] >= minimum
    assert min(fees) >= 0
