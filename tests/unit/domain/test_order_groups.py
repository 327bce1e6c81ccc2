"""What orders of one group may trade in all."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.order import EXTERNAL, Order, OrderIntent, OrderState, OrderType, Side
from cockpit.domain.order_groups import Line, belongs, claimed, kin_of
from cockpit.domain.venue_terms import OrderClass, VenueTerms

D = Decimal
OCO = VenueTerms(order_class=OrderClass.OCO, stop_loss=D(9))


def sell(quantity: int, terms: VenueTerms, strategy: str = "manual") -> OrderIntent:
    return OrderIntent(
        intent_id="i",
        account_id="A",
        symbol="X",
        strategy=strategy,
        side=Side.SELL,
        type=OrderType.LIMIT,
        quantity=D(quantity),
        limit_price=D(10),
        venue=terms,
    )


def order(name: str, quantity: int, **terms: Any) -> Order:
    made = sell(quantity, VenueTerms(**terms), EXTERNAL)
    return Order(client_order_id=name, intent=made, state=OrderState.WORKING)


def test_an_oco_of_ours_is_in_one_group_with_what_the_venue_made_of_it() -> None:
    first = Order(client_order_id="first", intent=sell(10, OCO))
    stop = order("leg", 10, group="first")
    assert claimed([first, stop], lambda _name: None) == 10
    second = Order(client_order_id="second", intent=first.intent, replaces="first")
    assert claimed([stop, first, second], lambda _name: None) == 10
    assert belongs(first)
    assert belongs(stop)


def test_exits_wait_for_whatever_took_the_place_of_their_entry() -> None:
    leg = order("leg", 10, group="entry", parent="entry")
    assert kin_of(leg) == {"entry"}
    for traded, left in ((None, 10), (D(0), 0), (D(4), 4), (D(12), 10)):
        assert claimed([leg], {"entry": Line("entry", traded)}.get) == left


def test_one_group_by_whatever_of_its_orders_it_is_known() -> None:
    lines = {name: Line("first", None) for name in ("first", "second")}
    stop, target = order("stop", 10, group="first"), order("target", 8, group="second")
    preview = Order(client_order_id="p", intent=sell(10, OCO), replaces="second")
    assert claimed([stop, target, preview], lines.get) == 10


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.integers(1, 50)), min_size=1))
def test_a_group_never_counts_less_than_its_largest_or_more_than_its_sum(
    sizes: list[tuple[str, int]],
) -> None:
    orders = [order(str(n), size, group=group) for n, (group, size) in enumerate(sizes)]
    total = claimed(orders, lambda _name: None)
    assert max(size for _, size in sizes) <= total <= sum(size for _, size in sizes)
    alone = sum(size for group, size in sizes if not group)
    groups = {group for group, _ in sizes if group}
    assert total == alone + sum(max(s for g, s in sizes if g == group) for group in groups)
