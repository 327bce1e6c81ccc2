"""The window over what went out, beside a plain list that is searched from end to end."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.order import Order, OrderIntent, OrderType, Side
from cockpit.domain.values import session_date
from cockpit.trading.gate.traffic import Traffic

SECOND = 1_000_000_000
MORNING = 1_514_903_400 * SECOND
HOUR = 3600


def order(number: int, symbol: str, quantity: int, strategy: str) -> Order:
    intent = OrderIntent(
        intent_id=f"i{number}",
        account_id="A",
        symbol=symbol,
        side=Side.BUY,
        type=OrderType.LIMIT,
        quantity=Decimal(quantity),
        limit_price=Decimal(10),
        strategy=strategy,
    )
    return Order(client_order_id=f"o{number}", intent=intent)


sends = st.lists(
    st.tuples(
        st.integers(-40 * HOUR, 40 * HOUR) | st.integers(-10, 120),  # a clock may be set back
        st.sampled_from("AB"),
        st.integers(1, 2),
        st.sampled_from(("manual", "robot")),
        st.booleans(),
    ),
    max_size=25,
)


@given(sends, st.integers(-50 * HOUR, 50 * HOUR) | st.integers(-10, 200))
def test_it_counts_what_a_plain_list_counts(sent, later) -> None:
    traffic, plain, messages = Traffic(), [], []
    now = MORNING
    for number, (step, symbol, quantity, strategy, entry) in enumerate(sent):
        now += step * SECOND
        one = order(number, symbol, quantity, strategy)
        traffic.order_released(one, now, entry=entry)
        plain.append((now, one, entry))
        messages.append(now)
        while now - plain[0][0] > Traffic.KEPT_NS:
            plain.pop(0)
        while now - messages[0] > 60 * SECOND:
            messages.pop(0)
    now += later * SECOND
    asked = order(0, "A", 1, "robot")
    window = Decimal("7.5")
    recent = [(o, entry) for ts, o, entry in plain if ts > now - 7.5 * SECOND]
    assert traffic.same_as(asked, now, window) == sum(
        o.client_order_id != "o0" and (o.symbol, o.intent.quantity) == ("A", 1) for o, _ in recent
    )
    assert traffic.entries_of(asked, now, window) == sum(
        entry and (o.intent.strategy, o.symbol) == ("robot", "A") for o, entry in recent
    )
    today = session_date(now)
    assert traffic.orders_on(now) == sum(session_date(ts) == today for ts, _, _ in plain)
    assert traffic.messages_within(60, now) == sum(now - ts < 60 * SECOND for ts in messages)
