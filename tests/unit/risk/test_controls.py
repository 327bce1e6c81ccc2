from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.domain.account import Mode
from cockpit.domain.errors import DomainError
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import Limits, TradingState
from cockpit.domain.market import Quote
from cockpit.domain.order import (
    EXTERNAL,
    FLATTEN,
    Order,
    OrderIntent,
    OrderState,
    OrderType,
    Side,
    TimeInForce,
)
from cockpit.domain.order_groups import Line
from cockpit.domain.venue_terms import OrderClass, VenueTerms
from cockpit.risk import controls
from cockpit.risk.controls import CONTROLS, SIZE_AND_LOSS
from cockpit.risk.limit_book import Permission
from cockpit.risk.view import ApprovalView, AutomationView, Commitment, Commitments, RiskView

NOW = 1_000_000_000_000


def order(  # noqa: PLR0917 -- each has a default; tests name what they change
    side=Side.BUY, quantity="10", kind=OrderType.LIMIT, limit="100.01", stop=None,
    strategy="manual", order_id="a-1", tif=TimeInForce.DAY,
) -> Order:  # fmt: skip
    intent = OrderIntent(
        intent_id=order_id, account_id="a", symbol="ABC", side=side, type=kind,
        quantity=Decimal(quantity), limit_price=Decimal(limit) if limit else None,
        stop_price=Decimal(stop) if stop else None, strategy=strategy, tif=tif,
    )  # fmt: skip
    return Order(client_order_id=order_id, intent=intent)


def at_venue(
    name="a-1", side=Side.BUY, *, remaining="10", state=OrderState.DRAFT, **terms
) -> Order:
    """An order with terms that the venue keeps."""
    prices = {k: Decimal(v) for k, v in terms.items() if k in ("take_profit", "stop_loss")}
    venue = VenueTerms(**(terms | prices))
    made = order(side, remaining, order_id=name)
    intent = msgspec.structs.replace(made.intent, strategy=EXTERNAL, venue=venue)
    return msgspec.structs.replace(made, intent=intent, state=state)


def quote(bid=99.99, ask=100.01) -> Quote:
    return Quote(
        symbol="ABC", bid=bid, ask=ask, bid_size=100, ask_size=100, ts_event=NOW, ts_init=NOW
    )


def view(**changes) -> RiskView:
    """A situation in which everything is fine."""
    fine = RiskView(
        order=order(), now_ns=NOW, limits=Limits(), mode=Mode.PAPER, account_mode=Mode.PAPER,
        trading_state=TradingState.ACTIVE, not_ready="", instrument=Instrument(symbol="ABC"),
        halted=False, permission=Permission.PERMITTED, session_open=True, quote=quote(),
        quote_age_s=Decimal("0.1"),
        position=Decimal(0), gross_exposure=Decimal(0), equity=Decimal(100_000),
        start_equity=Decimal(100_000), buying_power=Decimal(100_000), day_pnl=Decimal(0),
        open_orders=(), open_count=0, commitments=Commitments(), recent_same=0, orders_today=0,
        messages_last_second=0, messages_last_minute=0,
        automation=AutomationView(is_automated=False, recent_entries=0),
        approval=ApprovalView(needed=False, releasing=True, given_for=None, expires_ns=None),
        key_fingerprint="key", expected_key="key", drawdown=Decimal(0), cooldown="",
        margin=False, day_trades=0,
    )  # fmt: skip
    changes.setdefault("open_count", len(changes.get("open_orders", ())))
    return msgspec.structs.replace(fine, **changes)


def asked(**changes) -> ApprovalView:
    given_for = order().fingerprint
    yes = ApprovalView(needed=True, releasing=True, given_for=given_for, expires_ns=NOW)
    return msgspec.structs.replace(yes, **changes)


def stock(**known) -> Instrument:
    return Instrument(symbol="ABC", **known)


LIVE = {"mode": Mode.LIVE, "account_mode": Mode.LIVE}
SMALL = Decimal("24999.99")
MARGIN = {"margin": True, "equity": SMALL, "start_equity": SMALL, "day_trades": 3}
SHORT = {"order": order(Side.SELL, limit="99.99")}

OTO = at_venue(order_class=OrderClass.OTO, take_profit="101.01")
BRACKET = at_venue(
    side=Side.SELL, order_class=OrderClass.BRACKET, take_profit="99.00", stop_loss="102.00"
)
AGAINST = [(OTO, "-10"), (OTO, "-0.5"), (BRACKET, "10"), (BRACKET, "100")]

BAD = [
    (controls.environment, {"account_mode": Mode.LIVE}, "ENVIRONMENT_MODE"),
    (controls.environment, {"account_mode": None}, "ENVIRONMENT_MODE"),
    (controls.environment, {"key_fingerprint": "other"}, "ENVIRONMENT_KEY"),
    (controls.environment, {"expected_key": None}, "ENVIRONMENT_KEY"),
    (controls.environment, LIVE | {"key_fingerprint": "", "expected_key": ""}, "ENVIRONMENT_KEY"),
    (controls.trading_state, {"trading_state": TradingState.HALTED}, "STATE_HALTED"),
    (controls.trading_state, {"trading_state": TradingState.REDUCING}, "STATE_REDUCING"),
    (controls.readiness, {"not_ready": "There is no feed."}, "READINESS_NOT_READY"),
    (controls.validity, {"instrument": None}, "VALIDITY_SYMBOL"),
    (controls.validity, {"order": order(quantity="1.5")}, "VALIDITY_LOT"),
    (controls.validity, {"order": order(limit="100.001")}, "VALIDITY_TICK"),
    (
        controls.validity,
        {"order": order(kind=OrderType.STOP, limit=None, stop="99", tif=TimeInForce.IOC)},
        "VALIDITY_TIF",
    ),
    (controls.validity, {"not_offered": "No brackets here."}, "VALIDITY_NOT_OFFERED"),
    (
        controls.validity,
        {"order": at_venue(order_class=OrderClass.OTO, take_profit="101.001")},
        "VALIDITY_TICK",
    ),
    *(
        (controls.validity, {"order": entry, "position": Decimal(held)}, "VALIDITY_EXITS")
        for entry, held in AGAINST
    ),
    (controls.instrument_open, {"halted": True}, "INSTRUMENT_HALTED"),
    (controls.instrument_open, {"session_open": False}, "INSTRUMENT_SESSION"),
    (controls.instrument_open, {"permission": Permission.RESTRICTED}, "INSTRUMENT_RESTRICTED"),
    (
        controls.instrument_open,
        {"permission": Permission.NOT_PERMITTED},
        "INSTRUMENT_NOT_PERMITTED",
    ),
    (controls.duplicate, {"recent_same": 1}, "DUPLICATE_ORDER"),
    (controls.market_data, {"quote": None}, "MARKETDATA_MISSING"),
    (controls.market_data, {"quote_age_s": Decimal("2.01")}, "MARKETDATA_STALE"),
    (controls.market_data, {"quote_age_s": Decimal(-1)}, "MARKETDATA_STALE"),
    (controls.market_data, {"quote": quote(100, 100)}, "MARKETDATA_LOCKED"),
    (controls.market_data, {"quote": quote(95, 101)}, "MARKETDATA_SPREAD"),
    (controls.price_collar, {"quote": None}, "COLLAR_NO_PRICE"),
    (controls.price_collar, {"order": order(limit="105.02")}, "COLLAR_BLOCK"),
    (controls.price_collar, {"order": order(Side.SELL, limit="94.98")}, "COLLAR_BLOCK"),
    (controls.order_volume, {"order": order(quantity="1001")}, "VOLUME_ORDER"),
    (
        controls.order_volume,
        {"instrument": Instrument(symbol="ABC", average_daily_volume=Decimal(900))},
        "VOLUME_ORDER",
    ),
    (controls.order_value, {"order": order(quantity="50")}, "VALUE_ORDER"),
    (controls.order_value, {"equity": None}, "VALUE_UNKNOWN"),
    (controls.buying_power, {"buying_power": Decimal(1000)}, "BUYINGPOWER_SHORT"),
    (controls.buying_power, {"buying_power": None}, "BUYINGPOWER_UNKNOWN"),
    (
        controls.buying_power,
        {
            "commitments": Commitments.of(
                [Commitment(symbol="XYZ", side=Side.BUY, notional=Decimal(0), priced=False)]
            )
        },
        "BUYINGPOWER_UNPRICED",
    ),
    (controls.concentration, {"position": Decimal(91)}, "POSITION_CONCENTRATION"),
    (controls.gross_exposure, {"gross_exposure": Decimal(99_001)}, "EXPOSURE_GROSS"),
    (controls.order_counts, {"orders_today": 200}, "ORDERS_PER_DAY"),
    (controls.order_counts, {"open_orders": (order(),) * 20}, "ORDERS_ACTIVE"),
    (controls.message_rate, {"messages_last_second": 5}, "RATE_SECOND"),
    (controls.message_rate, {"messages_last_minute": 60}, "RATE_MINUTE"),
    (
        controls.repeated_automation,
        {"automation": AutomationView(is_automated=True, recent_entries=5)},
        "AUTOMATION_REPEATED",
    ),
    (controls.day_loss, {"day_pnl": Decimal("-2000.01")}, "LOSS_DAY"),
    (controls.day_loss, {"day_pnl": None}, "LOSS_UNKNOWN"),
    (controls.drawdown, {"drawdown": Decimal("3.000001")}, "LOSS_DRAWDOWN"),
    (controls.drawdown, {"drawdown": None}, "LOSS_UNKNOWN"),
    (controls.loss_cooldown, {"cooldown": "8 losses in a row."}, "LOSS_COOLDOWN"),
    (controls.pattern_day_trader, MARGIN | {"day_trades": 4}, "DAYTRADE_PATTERN"),
    (controls.pattern_day_trader, MARGIN | {"day_trades": None}, "DAYTRADE_UNKNOWN"),
    (controls.pattern_day_trader, MARGIN | {"equity": None}, "DAYTRADE_UNKNOWN"),
    (controls.pattern_day_trader, MARGIN | {"start_equity": None}, "DAYTRADE_UNKNOWN"),
    (controls.pattern_day_trader, LIVE | {"margin": None}, "DAYTRADE_UNKNOWN"),
    (
        controls.pattern_day_trader,
        MARGIN | {"equity": Decimal(90_000), "day_trades": 4},
        "DAYTRADE_PATTERN",
    ),
    (controls.short_locate, SHORT | {"instrument": stock(shortable=False)}, "SHORT_LOCATE"),
    (controls.short_locate, SHORT | {"instrument": stock(easy_to_borrow=False)}, "SHORT_LOCATE"),
    (controls.short_locate, SHORT | LIVE, "SHORT_UNKNOWN"),
    (controls.short_locate, SHORT | LIVE | {"instrument": None}, "SHORT_UNKNOWN"),
    (
        controls.short_locate,
        SHORT | LIVE | {"instrument": stock(shortable=True)},
        "SHORT_UNKNOWN",
    ),
    (
        controls.self_match,
        {"open_orders": (order(Side.SELL, limit="100.00", order_id="a-2"),)},
        "SELFMATCH_OWN",
    ),
    (controls.approval, {"approval": asked(given_for=None)}, "APPROVAL_MISSING"),
    (controls.approval, {"approval": asked(given_for="other")}, "APPROVAL_CHANGED"),
    (controls.approval, {"approval": asked(expires_ns=NOW - 1)}, "APPROVAL_LAPSED"),
]


def test_all_is_well():
    assert [result.code for result in (control(view()) for control in CONTROLS)] == [""] * 23
    assert controls.approval(view(approval=asked())).passed


@pytest.mark.parametrize(("control", "changes", "code"), BAD)
def test_each_control_denies_with_its_code(control, changes, code):
    result = control(view(**changes))
    assert (result.passed, result.code) == (False, code)
    assert result.text.endswith(".")


def test_every_control_has_a_case_that_trips_it():
    assert {case[0] for case in BAD} == set(CONTROLS)


def test_limits_allow_exactly_their_value():
    assert controls.order_value(view(order=order(quantity="49"))).passed
    assert controls.price_collar(view(order=order(limit="105.01"))).passed
    assert controls.market_data(view(quote_age_s=Decimal(2))).passed
    assert controls.day_loss(view(day_pnl=Decimal(-2000))).passed


def test_the_collar_warns_before_it_blocks():
    assert controls.price_collar(view(order=order(limit="103"))).warning
    assert not controls.price_collar(view(order=order(limit="100.50"))).warning


@pytest.mark.parametrize("field", ["quote_age_s", "equity", "buying_power", "day_pnl"])
def test_nan_never_passes(field):
    changes = {field: Decimal("NaN")}
    codes = set()
    for control in CONTROLS:
        try:
            codes.add(control(view(**changes)).passed)
        except ArithmeticError:  # the gate turns this into a denial
            codes.add(False)
    assert False in codes


def test_of_orders_that_the_venue_keeps_together_one_counts() -> None:
    """Two exits of ten and a sale of five close the fifteen that are held."""
    mine = order(Side.SELL, "5", order_id="mine")
    exits = [at_venue(name, Side.SELL, group="oco") for name in ("limit", "stop")]
    fifteen = {"order": mine, "position": Decimal(15)}
    assert view(**fifteen, open_orders=exits).reduces
    assert not view(**fifteen, open_orders=[*exits, order(Side.SELL, "1", order_id="x")]).reduces
    alone = [at_venue("limit", Side.SELL), at_venue("stop", Side.SELL)]
    assert not view(**fifteen, open_orders=alone).reduces


def test_an_entry_with_exits_passes_beside_what_is_held_and_an_exit_against_it() -> None:
    for held in (0, 10):
        assert controls.validity(view(order=OTO, position=Decimal(held))).passed
        assert controls.validity(view(order=BRACKET, position=Decimal(-held))).passed
    oco = at_venue(side=Side.SELL, order_class=OrderClass.OCO, stop_loss="99.00")
    for closing in (oco, at_venue(side=Side.SELL, extended_hours=True)):
        assert controls.validity(view(order=closing, position=Decimal(10))).passed


@pytest.mark.parametrize(
    ("side", "held", "code"),
    [
        (Side.SELL, "1.5", ""),
        (Side.BUY, "-1.5", ""),
        (Side.SELL, "2.5", "VALIDITY_LOT"),
        (Side.SELL, "1.25", "VALIDITY_LOT"),
        (Side.SELL, "-1.5", "VALIDITY_LOT"),
        (Side.BUY, "1.5", "VALIDITY_LOT"),
    ],
)
def test_only_all_that_is_held_may_be_closed_to_the_last_part_of_a_share(side, held, code) -> None:
    odd = view(order=order(side, quantity="1.5"), position=Decimal(held))
    assert controls.validity(odd).code == code


@pytest.mark.parametrize(("filled", "reduces"), [("0", True), ("5", True), ("6", False)])
def test_what_waits_for_its_entry_can_trade_no_more_than_the_entry(filled, reduces) -> None:
    entry = msgspec.structs.replace(
        order(order_id="in"), state=OrderState.WORKING, filled=Decimal(filled)
    )
    exits = [at_venue(name, Side.SELL, group="in", parent="in") for name in ("limit", "stop")]
    mine = order(Side.SELL, "10", order_id="mine")
    lines = {"in": Line("in", Decimal(filled))}
    looked = view(order=mine, position=Decimal(15), open_orders=[entry, *exits], lines=lines)
    assert looked.reduces is reduces
    lines = {"in": Line("in", None)}
    assert not msgspec.structs.replace(looked, open_orders=exits, lines=lines).reduces


@given(
    position=st.integers(-100, 100),
    quantity=st.integers(1, 150),
    resting=st.lists(st.integers(1, 60), max_size=3),
    side=st.sampled_from(Side),
)
def test_an_order_reduces_only_if_nothing_can_flip(position, quantity, resting, side):
    others = [order(side, str(n), order_id=f"o{i}") for i, n in enumerate(resting)]
    mine = order(side, str(quantity))
    reduces = view(order=mine, position=Decimal(position), open_orders=others).reduces
    worst = position + side.sign * (quantity + sum(resting))
    assert reduces == (position * side.sign < 0 and worst * position >= 0)


def test_flatten_may_close_while_halted():
    closing = order(Side.SELL, kind=OrderType.MARKET, limit=None, strategy=FLATTEN)
    halted = {"trading_state": TradingState.HALTED, "order": closing}
    assert controls.trading_state(view(**halted, position=Decimal(10))).passed
    assert not controls.trading_state(view(**halted, position=Decimal(9))).passed


def test_the_exempt_controls_are_nine_to_sixteen_and_what_the_rules_say_of_openings():
    spared = [*CONTROLS[8:19], controls.pattern_day_trader, controls.short_locate]
    assert [c for c in CONTROLS if c in SIZE_AND_LOSS] == spared


def test_the_day_trader_rule_is_of_small_margin_accounts():
    many = {"day_trades": 9}
    assert controls.pattern_day_trader(view(**MARGIN)).passed
    enough = {"equity": Decimal(25_000), "start_equity": Decimal(25_000)}
    assert controls.pattern_day_trader(view(**MARGIN | enough | many)).passed
    assert controls.pattern_day_trader(view(**MARGIN | many | {"margin": False})).passed
    assert controls.pattern_day_trader(view(**MARGIN | many | {"margin": None})).passed


def test_a_simulated_venue_lends_what_nobody_speaks_of():
    assert controls.short_locate(view(**SHORT)).passed
    lent = {"instrument": stock(shortable=True, easy_to_borrow=True)}
    assert controls.short_locate(view(**SHORT | LIVE | lent)).passed
    assert controls.short_locate(view(**LIVE, instrument=stock(shortable=False))).passed  # a buy


@given(st.sampled_from(Limits.__struct_fields__), st.sampled_from(["NaN", "0", "-1", "Infinity"]))
def test_a_limit_that_can_not_trip_can_not_be_made(name, value):
    with pytest.raises(DomainError):
        Limits(**{name: Decimal(value)})


def test_what_was_reckoned_of_one_view_is_not_that_of_a_changed_one():
    first = view(order=order(Side.SELL, "10"), position=Decimal(10))
    assert (first.reduces, first.reduces) == (True, True)
    others = [order(Side.SELL, "1", order_id="o2")]
    assert not msgspec.structs.replace(first, open_orders=others).reduces


EQUITY = 100_000
CAPS = [
    (controls.market_data, "max_spread_fraction", 100, {}),
    (controls.price_collar, "collar_block_fraction", 100, {"order": order(limit="103")}),
    (controls.order_volume, "max_order_quantity", 1, {}),
    (
        controls.order_volume,
        "max_order_adv_fraction",
        5000,
        {"instrument": stock(average_daily_volume=Decimal(5000))},
    ),
    (controls.order_value, "max_order_equity_fraction", EQUITY, {}),
    (controls.order_value, "max_order_value", 1, {"equity": Decimal(10**9)}),
    (controls.concentration, "max_position_fraction", EQUITY, {"position": Decimal(3)}),
    (controls.gross_exposure, "max_gross_fraction", EQUITY, {"gross_exposure": Decimal(7)}),
    (controls.day_loss, "day_loss_reducing_fraction", EQUITY, {"day_pnl": Decimal("-7.13")}),
    (controls.drawdown, "max_drawdown_fraction", 100, {"drawdown": Decimal("0.71")}),
]
"""Each limit that is measured, what its fraction is of, and where it is the one that counts."""


def limited(name, value) -> Limits:
    """Only that limit, its partner out of the way."""
    warn = {"collar_warn_fraction": Decimal("0.0001")} if name.startswith("collar") else {}
    return Limits(**{name: value} | warn)


@pytest.mark.parametrize(("control", "name", "whole", "changes"), CAPS)
def test_a_limit_holds_to_the_last_digit(control, name, whole, changes):
    exactly = control(view(**changes)).after / whole
    assert control(view(**changes, limits=limited(name, exactly))).passed
    less = limited(name, exactly * Decimal("0.9999999"))
    assert not control(view(**changes, limits=less)).passed


def test_what_is_at_its_limit_is_within_it():
    assert controls.order_volume(view(order=order(quantity="1000"))).passed
    assert controls.buying_power(view(buying_power=Decimal("1000.10"))).passed
    assert not controls.buying_power(view(buying_power=Decimal("1000.09"))).passed
    assert controls.market_data(view(quote_age_s=Decimal(0))).passed
    stale = controls.market_data(view(quote_age_s=Decimal("2.0000001")))
    assert (stale.passed, stale.limit) == (False, 2)
    touch = quote(99.99, 100.0)
    assert controls.price_collar(view(quote=touch, order=order(limit="105"))).passed
    assert not controls.price_collar(view(quote=touch, order=order(limit="105.0001"))).passed


def test_counts_are_used_up_by_the_last_one():
    assert controls.order_counts(view(orders_today=199)).passed
    assert controls.order_counts(view(open_orders=(order(),) * 19)).passed
    assert controls.message_rate(view(messages_last_second=4)).passed
    assert controls.message_rate(view(messages_last_minute=59)).passed
    four = AutomationView(is_automated=True, recent_entries=4)
    assert controls.repeated_automation(view(automation=four)).passed
    assert "The day's 200 orders" in controls.order_counts(view(orders_today=200)).text


def test_the_duplicate_window_is_told():
    assert "less than 5 s ago" in controls.duplicate(view(recent_same=1)).text


def test_the_warning_begins_beyond_its_limit():
    touch = quote(99.99, 100.0)
    assert not controls.price_collar(view(quote=touch, order=order(limit="102"))).warning
    assert controls.price_collar(view(quote=touch, order=order(limit="102.0000001"))).warning


def test_stops_wait_away_from_the_market_and_their_limits_do_not():
    stop = order(kind=OrderType.STOP, limit=None, stop="150")
    assert controls.price_collar(view(order=stop)).passed
    near = order(kind=OrderType.STOP_LIMIT, limit="152", stop="150")
    assert controls.price_collar(view(order=near)).passed
    far = order(kind=OrderType.STOP_LIMIT, limit="158", stop="150")
    assert not controls.price_collar(view(order=far)).passed
    triggered = order(Side.SELL, kind=OrderType.STOP_LIMIT, limit="94", stop="150")
    assert not controls.price_collar(view(order=triggered)).passed


@pytest.mark.parametrize(
    ("traded", "parent", "passes"),
    [("0", "in", True), ("4", "in", False), (None, "in", False), ("0", "another", False)],
)
def test_an_exit_that_waits_for_its_entry_does_not_meet_it(traded, parent, passes):
    entry = msgspec.structs.replace(order(order_id="again", limit="100.00"), replaces="in")
    stop = at_venue("stop", Side.SELL, parent=parent)
    intent = msgspec.structs.replace(
        stop.intent, type=OrderType.STOP, limit_price=None, stop_price=Decimal("95.00")
    )
    line = Line("in", None if traded is None else Decimal(traded))
    lines = {"in": line, "again": line, "another": Line("another", Decimal(0))}
    repriced = msgspec.structs.replace(stop, intent=intent)
    looked = view(order=repriced, open_orders=[entry], lines=lines, position=Decimal(10))
    assert controls.self_match(looked).passed is passes


def test_own_orders_meet_where_their_prices_do():
    def meets(**other):
        return not controls.self_match(view(open_orders=(order(**other, order_id="o"),))).passed

    assert meets(side=Side.SELL, limit="100.01")
    assert not meets(side=Side.SELL, limit="100.02")
    assert not meets(side=Side.BUY, limit="100.00")
    stop = {"kind": OrderType.STOP, "limit": None, "stop": "90"}
    assert not meets(side=Side.SELL, **stop)
    unpriced = view(order=order(kind=OrderType.MARKET, limit=None), quote=None)
    assert controls.self_match(unpriced).code == "SELFMATCH_UNKNOWN"


def test_a_protecting_exit_is_asked_what_still_matters():
    def exit_of(quantity, **changes):
        plain = order(Side.SELL, quantity, kind=OrderType.STOP, limit=None, stop="95")
        intent = msgspec.structs.replace(plain.intent, protects="o-1")
        exits = msgspec.structs.replace(plain, intent=intent)
        return view(order=exits, position=Decimal(10), **changes)

    assert controls.trading_state(exit_of("10")).passed
    assert controls.trading_state(exit_of("11")).code == "STATE_PROTECTION"
    assert controls.duplicate(exit_of("10", recent_same=1)).passed
    assert controls.market_data(exit_of("10", quote=None)).passed
    assert controls.price_collar(exit_of("10", quote=None)).passed
    buy = order(limit="95.00", order_id="o")
    assert controls.self_match(exit_of("10", open_orders=(buy,))).passed


def test_only_what_closes_goes_on_while_reducing_or_restricted():
    closing = {"order": order(Side.SELL, limit="99.99"), "position": Decimal(10)}
    assert controls.trading_state(view(**closing, trading_state=TradingState.REDUCING)).passed
    assert not controls.trading_state(view(**closing, trading_state=TradingState.HALTED)).passed
    assert controls.instrument_open(view(**closing, permission=Permission.RESTRICTED)).passed
    assert controls.readiness(view(**closing, not_ready="Frozen.")).passed
    assert not controls.readiness(view(**closing, not_connected="No broker.")).passed
    missing = asked(given_for=None)
    assert controls.approval(view(**closing, approval=missing)).passed
    assert controls.approval(view(approval=asked(releasing=False, given_for=None))).passed
    flatten = order(Side.SELL, kind=OrderType.MARKET, limit=None, strategy=FLATTEN)
    flips = controls.trading_state(view(order=flatten, position=Decimal(9)))
    assert flips.code == "STATE_FLATTEN"


def test_what_nobody_knows_denies_by_its_own_code():
    unpriced = {"order": order(kind=OrderType.MARKET, limit=None), "quote": None}
    assert controls.order_value(view(**unpriced)).code == "VALUE_UNKNOWN"
    assert controls.buying_power(view(**unpriced)).code == "BUYINGPOWER_UNKNOWN"
    assert controls.concentration(view(**unpriced)).code == "POSITION_UNKNOWN"
    assert controls.concentration(view(equity=None)).code == "POSITION_UNKNOWN"
    assert controls.gross_exposure(view(**unpriced)).code == "EXPOSURE_UNKNOWN"
    assert controls.gross_exposure(view(equity=None)).code == "EXPOSURE_UNKNOWN"
    assert controls.market_data(view(quote_age_s=None)).code == "MARKETDATA_MISSING"
    assert controls.day_loss(view(start_equity=None)).code == "LOSS_UNKNOWN"
    assert controls.approval(view(approval=asked(expires_ns=None))).code == "APPROVAL_LAPSED"


def beside(*rows) -> Commitments:
    return Commitments.of(
        [Commitment(symbol=s, side=side, notional=Decimal(n)) for s, side, n in rows]
    )


def test_a_position_is_what_is_held_and_open_on_the_side_of_the_order():
    others = beside(("ABC", Side.BUY, 1), ("ABC", Side.SELL, 20), ("XYZ", Side.BUY, 300))
    held = {"commitments": others, "position": Decimal(7)}
    short = {"commitments": others, "position": Decimal(-7)}
    assert controls.concentration(view(**held)).before == 1 + 7 * Decimal("100.01")
    assert controls.concentration(view(**short)).before == 1
    assert controls.concentration(view(**SHORT, **short)).before == 20 + 7 * Decimal("99.99")
    assert controls.concentration(view(**SHORT, **held)).before == 20
    assert controls.buying_power(view(**held)).before == 321
    assert controls.gross_exposure(view(**held, gross_exposure=Decimal(4))).before == 325


def test_a_sale_is_worth_the_touch_above_its_limit():
    assert controls.order_value(view(order=order(Side.SELL, limit="90"))).after == Decimal("999.90")


def test_own_orders_meet_a_sale_where_their_prices_do():
    def meets(limit):
        bid = order(limit=limit, order_id="o")
        return not controls.self_match(view(**SHORT, open_orders=(bid,))).passed

    assert meets("99.99")
    assert not meets("99.98")


def test_nothing_is_within_every_limit():
    spent = msgspec.structs.replace(order(), filled=Decimal(10), average_price=Decimal(100))
    for control in (controls.order_value, controls.buying_power, controls.gross_exposure):
        assert control(view(order=spent)).passed
    assert controls.concentration(view(order=spent)).passed
    assert controls.pattern_day_trader(view(**MARGIN | {"day_trades": 0})).passed
    none = order()
    msgspec.structs.force_setattr(none.intent, "quantity", Decimal(0))
    assert controls.order_volume(view(order=none)).passed
    msgspec.structs.force_setattr(none.intent, "quantity", Decimal(-1))
    assert not controls.order_volume(view(order=none)).passed


def test_less_than_nothing_is_within_no_limit():
    less = {"gross_exposure": Decimal(-10_000), "position": Decimal(0)}
    owed = beside(("ABC", Side.BUY, -2000))
    assert not controls.gross_exposure(view(**less)).passed
    assert not controls.buying_power(view(commitments=owed)).passed
    assert not controls.concentration(view(commitments=owed)).passed
    assert not controls.drawdown(view(drawdown=Decimal(-1))).passed
    assert not controls.pattern_day_trader(view(**MARGIN | {"day_trades": -1})).passed
    assert not controls.message_rate(view(messages_last_minute=-1)).passed


def test_a_spread_at_its_limit_is_within_it():
    wide = {"quote": quote(95, 105)}
    assert controls.market_data(
        view(**wide, limits=limited("max_spread_fraction", Decimal("0.1")))
    ).passed


def test_a_spread_that_can_not_be_told_denies():
    assert controls.market_data(view(quote=quote(1e308, 1.7e308))).code == "MARKETDATA_SPREAD"


def test_another_order_on_its_side_may_close_it_first():
    closing = order(Side.SELL, limit="99.99")
    assert view(order=closing, position=Decimal(10)).reduces
    assert not view(order=closing, position=Decimal(10), open_orders=[closing]).reduces
    entry = order(Side.BUY, limit="99.00", order_id="o")
    assert view(order=closing, position=Decimal(10), open_orders=[entry]).reduces


@pytest.mark.parametrize(("limit", "passes"), [("52.51", True), ("52.53", False)])
def test_the_collar_is_a_part_of_the_price_not_an_amount(limit, passes):
    cheap = {"order": order(limit=limit), "quote": quote(49.98, 50.02)}
    assert controls.price_collar(view(**cheap)).passed is passes
