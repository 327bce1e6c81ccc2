"""No nonsense can be made: not by the constructor, by `replace`, by `convert` or from JSON."""

from decimal import Decimal
from itertools import chain
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.errors import CockpitError, DomainError
from cockpit.domain.limits import ControlResult, Verdict
from cockpit.domain.market import Quote
from cockpit.domain.order import OrderIntent, OrderType, Side
from tests.unit.domain.domain_kit import (
    ACCOUNT,
    ALERT,
    BAR,
    FACT,
    FILL,
    INSTRUMENT,
    INTENT,
    LIMITS,
    MATCH,
    ORDER,
    POSITION,
    PRINT,
    QUOTE,
    STATUS,
    TRADE,
)  # fmt: skip

NOT_NUMBERS = [Decimal(word) for word in ("NaN", "sNaN", "Infinity", "-Infinity")]
NEGATIVE = [Decimal("-0.01"), Decimal(-1)]
NOT_POSITIVE = [*NOT_NUMBERS, *NEGATIVE, Decimal(0)]
NOT_ZERO_UP = [*NOT_NUMBERS, *NEGATIVE]
BAD_MARKS = [float("nan"), float("inf"), float("-inf"), 0.0, -0.0, -1.0]
EMPTY = ["", " ", "\t\n"]


def spoil(made: msgspec.Struct, fields: str, values: list[Any]) -> list[Any]:
    return [
        pytest.param(made, field, value, id=f"{type(made).__name__}.{field}={value!r}")
        for field in fields.split()
        for value in values
    ]


SPOILT = list(
    chain(
        spoil(QUOTE, "bid ask bid_size ask_size", BAD_MARKS),
        spoil(QUOTE, "bid", [1.11]),
        spoil(QUOTE, "ask", [0.99]),
        spoil(QUOTE, "symbol", EMPTY),
        spoil(PRINT, "price size", BAD_MARKS),
        spoil(PRINT, "symbol", EMPTY),
        spoil(BAR, "open high low close volume vwap", BAD_MARKS),
        spoil(BAR, "high", [2.9, 0.5]),
        spoil(BAR, "low", [2.1, 4.5]),
        spoil(BAR, "open close", [4.1, 0.9]),
        spoil(BAR, "interval_s", [0, -60]),
        spoil(BAR, "symbol", EMPTY),
        spoil(STATUS, "symbol", EMPTY),
        spoil(INSTRUMENT, "symbol", EMPTY),
        spoil(INSTRUMENT, "tick lot multiplier average_daily_volume", NOT_POSITIVE),
        spoil(INTENT, "intent_id account_id symbol strategy", EMPTY),
        spoil(INTENT, "quantity limit_price stop_price", NOT_POSITIVE),
        spoil(INTENT, "planned_stop planned_target", NOT_POSITIVE),
        spoil(INTENT, "limit_price stop_price", [None]),
        spoil(INTENT, "type", [OrderType.MARKET, OrderType.LIMIT, OrderType.STOP]),
        spoil(ORDER, "client_order_id", EMPTY),
        spoil(ORDER, "filled", NOT_ZERO_UP),
        spoil(ORDER, "average_price", NOT_POSITIVE),
        spoil(FILL, "execution_id account_id client_order_id symbol", EMPTY),
        spoil(FILL, "quantity price planned_stop planned_target", NOT_POSITIVE),
        spoil(FILL, "fee", NOT_NUMBERS),
        spoil(POSITION, "quantity realised fees", NOT_NUMBERS),
        spoil(POSITION, "average_cost", NOT_ZERO_UP),
        spoil(POSITION, "multiplier", NOT_POSITIVE),
        spoil(POSITION, "symbol", EMPTY),
        spoil(TRADE, "quantity entry_price initial_risk planned_target", NOT_POSITIVE),
        spoil(TRADE, "exit_price", NOT_ZERO_UP),
        spoil(TRADE, "gross fees", NOT_NUMBERS),
        spoil(MATCH, "quantity entry_price", NOT_POSITIVE),
        spoil(MATCH, "exit_price", NOT_ZERO_UP),
        spoil(MATCH, "gross", NOT_NUMBERS),
        spoil(ACCOUNT, "cash equity buying_power", NOT_NUMBERS),
        spoil(ACCOUNT, "account_id", EMPTY),
        spoil(ALERT, "key title", EMPTY),
        spoil(ALERT, "count", [0, -1]),
        spoil(FACT, "id text", EMPTY),
        spoil(FACT, "value", NOT_NUMBERS),
        spoil(
            LIMITS,
            " ".join(f.name for f in msgspec.structs.fields(LIMITS) if f.type is Decimal),
            NOT_POSITIVE,
        ),
        spoil(
            LIMITS,
            " ".join(f.name for f in msgspec.structs.fields(LIMITS) if f.type is int),
            [0, -1],
        ),
    )
)


@pytest.mark.parametrize(("made", "field", "value"), SPOILT)
def test_spoilt_value_can_not_be_made(made: msgspec.Struct, field: str, value: object) -> None:
    kind = type(made)
    fields = msgspec.structs.asdict(made) | {field: value}
    with pytest.raises(DomainError) as caught:
        kind(**fields)
    assert caught.value.user_text.startswith("That can't be: ")
    with pytest.raises(DomainError):
        msgspec.structs.replace(made, **{field: value})
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, kind)


@pytest.mark.parametrize("made", {type(p.values[0]): p.values[0] for p in SPOILT}.values())
def test_valid_value_survives_json(made: msgspec.Struct) -> None:
    assert msgspec.json.decode(msgspec.json.encode(made), type=type(made)) == made


@pytest.mark.parametrize("made", {type(p.values[0]): p.values[0] for p in SPOILT}.values())
def test_values_are_frozen(made: msgspec.Struct) -> None:
    field = made.__struct_fields__[0]
    with pytest.raises(AttributeError):
        setattr(made, field, getattr(made, field))


ANY_FLOAT = st.floats() | st.sampled_from([0.0, 1.0])


@given(ANY_FLOAT, ANY_FLOAT, ANY_FLOAT, ANY_FLOAT)
def test_quote_exists_only_as_a_market(bid: float, ask: float, b: float, a: float) -> None:
    inf = float("inf")
    sound = all(0 < x < inf for x in (bid, ask, b, a)) and bid <= ask
    try:
        made = Quote(symbol="X", bid=bid, ask=ask, bid_size=b, ask_size=a, ts_event=0, ts_init=0)
    except DomainError:
        assert not sound
    else:
        assert sound
        assert made.spread_fraction >= 0


@given(
    st.sampled_from(OrderType),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.none() | st.decimals(allow_nan=True, allow_infinity=True),
    st.none() | st.decimals(allow_nan=True, allow_infinity=True),
)
def test_intent_exists_only_when_a_venue_could_read_it(
    kind: OrderType, quantity: Decimal, limit: Decimal | None, stop: Decimal | None
) -> None:
    prices = [p for p in (limit, stop) if p is not None]
    sound = (
        all(x.is_finite() and x > 0 for x in (quantity, *prices))
        and kind.needs_limit == (limit is not None)
        and kind.needs_stop == (stop is not None)
    )
    try:
        OrderIntent(
            intent_id="i", account_id="A", symbol="X", side=Side.BUY, type=kind,
            quantity=quantity, limit_price=limit, stop_price=stop,
        )  # fmt: skip
    except DomainError:
        assert not sound
    else:
        assert sound


def test_locked_market_is_a_market() -> None:
    assert msgspec.structs.replace(QUOTE, bid=1.0, ask=1.0).spread_fraction == 0


def test_verdict_without_results_has_not_passed() -> None:
    good = ControlResult(control="a", passed=True)
    bad = ControlResult(control="b", passed=False, code="B_BAD")
    assert not Verdict(results=(), ts_ns=0).passed
    assert Verdict(results=(good, good), ts_ns=0).passed
    denied = Verdict(results=(good, bad), ts_ns=0)
    assert not denied.passed
    assert denied.denial is bad


def test_errors_keep_text_for_the_screen_apart() -> None:
    error = CockpitError("socket 7 reset", user_text="No connection.", code="NET_DOWN")
    assert (str(error), error.user_text, error.code) == (
        "socket 7 reset",
        "No connection.",
        "NET_DOWN",
    )
    assert CockpitError("x", user_text="y").code == "COCKPIT_ERROR"
