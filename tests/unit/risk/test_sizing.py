from decimal import Decimal

import msgspec
import pytest

from cockpit.domain.errors import CockpitError
from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import Limits
from cockpit.domain.order import Side
from cockpit.risk.errors import RiskError
from cockpit.risk.sizing import (
    ConvictionScaled,
    FixedFractional,
    Sizing,
    SizingRequest,
    Standing,
    StructureStop,
    VolatilityScaled,
    VolatilityStop,
    size,
    stop_price,
)

D = Decimal
ONE_PERCENT = FixedFractional(risk_fraction=D("0.01"))
WIDE = Limits(
    max_order_quantity=D(10**9), max_order_adv_fraction=D(1), max_order_value=D(10**12),
    max_order_equity_fraction=D(1000), max_position_fraction=D(1000), max_gross_fraction=D(1000),
    day_loss_reducing_fraction=D(1000), day_loss_halted_fraction=D(1001),
)  # fmt: skip


def standing(**changes) -> Standing:
    rich = Standing(equity=D(100_000), start_equity=D(100_000), buying_power=D(10**9), day_pnl=D(0))
    return msgspec.structs.replace(rich, **changes)


def request(**changes) -> SizingRequest:
    long = SizingRequest(
        instrument=Instrument(symbol="ABC"), side=Side.BUY, entry=D(50),
        stop=StructureStop(level=D("48.01"), buffer_ticks=1), method=ONE_PERCENT,
    )  # fmt: skip
    return msgspec.structs.replace(long, **changes)


def allowed(sizing: Sizing, name: str) -> Decimal | None:
    return next(cap.allowed for cap in sizing.caps if cap.name == name)


def test_fixed_fractional_by_hand() -> None:
    sizing = size(request(), standing(), WIDE)
    assert sizing.stop_price == D("48.00")
    assert (sizing.quantity, sizing.risk_per_unit) == (D(500), D(2))  # 1,000 / 2
    assert (sizing.money_at_risk, sizing.notional, sizing.budget) == (D(1000), D(25_000), D(1000))
    assert [cap.name for cap in sizing.binding] == ["risk budget"]
    assert sizing.reason == (
        "Held at 500 by risk budget: 1 % of equity may be lost, 1,000 USD; each unit risks 2 USD."
    )


def test_the_multiplier_is_in_every_money_figure() -> None:
    future = Instrument(symbol="ES", tick=D("0.25"), multiplier=D(50))
    stop = StructureStop(level=D(4995), buffer_ticks=0)
    sizing = size(request(instrument=future, entry=D(5000), stop=stop), standing(), WIDE)
    assert (sizing.quantity, sizing.risk_per_unit) == (D(4), D(250))
    assert (sizing.money_at_risk, sizing.notional) == (D(1000), D(1_000_000))


def test_volatility_method_sizes_by_the_usual_move() -> None:
    method = VolatilityScaled(risk_fraction=D("0.01"), atr=D("2.5"), multiple=D(2))
    sizing = size(request(method=method), standing(), WIDE)
    assert sizing.quantity == D(200)  # 1,000 / (2 x 2.5), though the stop is 2 away
    assert sizing.money_at_risk == D(400)


def test_volatility_method_never_ignores_a_stop_further_away() -> None:
    method = VolatilityScaled(risk_fraction=D("0.01"), atr=D("0.1"), multiple=D(1))
    assert size(request(method=method), standing(), WIDE).quantity == D(500)


@pytest.mark.parametrize(("conviction", "quantity"), [("1", 500), ("0.5", 250), ("0.001", 0)])
def test_conviction_only_takes_away(conviction: str, quantity: int) -> None:
    method = ConvictionScaled(base=ONE_PERCENT, conviction=D(conviction))
    assert size(request(method=method), standing(), WIDE).quantity == quantity


@pytest.mark.parametrize(
    ("side", "rule", "stop"),
    [
        (Side.BUY, VolatilityStop(atr=D("0.62"), multiple=D(2)), "48.76"),
        (Side.SELL, VolatilityStop(atr=D("0.62"), multiple=D(2)), "51.24"),
        (Side.BUY, VolatilityStop(atr=D("0.333"), multiple=D(1)), "49.66"),  # 49.667 away
        (Side.SELL, VolatilityStop(atr=D("0.333"), multiple=D(1)), "50.34"),
        (Side.BUY, VolatilityStop(atr=D("0.000001"), multiple=D(1)), "49.99"),
        (Side.BUY, StructureStop(level=D("49.50"), buffer_ticks=3), "49.47"),
        (Side.SELL, StructureStop(level=D("50.50"), buffer_ticks=3), "50.53"),
        (Side.BUY, StructureStop(level=D("49.505"), buffer_ticks=0), "49.50"),
        (Side.SELL, StructureStop(level=D("50.505"), buffer_ticks=0), "50.51"),
    ],
)
def test_stop_on_the_grid_away_from_the_entry(side: Side, rule, stop: str) -> None:
    assert stop_price(rule, entry=D(50), side=side, tick=D("0.01")) == D(stop)


@pytest.mark.parametrize(
    ("side", "rule", "text"),
    [
        (Side.BUY, StructureStop(level=D(50)), "must lie below the entry"),
        (Side.BUY, StructureStop(level=D("50.01")), "must lie below the entry"),
        (Side.SELL, StructureStop(level=D("49.99")), "must lie above the entry"),
        (Side.BUY, VolatilityStop(atr=D(30), multiple=D(2)), "no such price"),
        (Side.BUY, VolatilityStop(atr=D("49.995"), multiple=D(1)), "no such price"),
        (Side.BUY, StructureStop(level=D("0.01"), buffer_ticks=1), "no such price"),
    ],
)
def test_no_stop_no_size(side: Side, rule, text: str) -> None:
    with pytest.raises(RiskError) as error:
        size(request(side=side, stop=rule), standing(), WIDE)
    assert text in error.value.user_text


CAPS = [
    ("order quantity", {"max_order_quantity": D("77.9")}, {}, 77),
    ("order value", {"max_order_value": D(3999)}, {}, 79),
    ("order value of equity", {"max_order_equity_fraction": D("0.04")}, {}, 80),
    ("buying power", {}, {"buying_power": D(5000), "open_notional": D(1000)}, 80),
    ("position", {"max_position_fraction": D("0.05")}, {"position": D(20)}, 80),
    ("position", {"max_position_fraction": D("0.05")}, {"open_on_side": D(1000)}, 80),
    ("position", {"max_position_fraction": D("0.05")}, {"position": D(-20)}, 100),
    ("gross exposure", {"max_gross_fraction": D("0.5")}, {"gross_exposure": D(46_000)}, 80),
    ("gross exposure", {"max_gross_fraction": D("0.5")}, {"open_notional": D(46_000)}, 80),
    ("day loss", {"day_loss_reducing_fraction": D("0.01")}, {"day_pnl": D(-840)}, 80),
    ("day loss", {"day_loss_reducing_fraction": D("0.01")}, {"open_risk": D(840)}, 80),
    ("day loss", {"day_loss_reducing_fraction": D("0.001")}, {"day_pnl": D(5000)}, 50),
    ("buying power", {}, {"buying_power": D(0)}, 0),
    ("buying power", {}, {"buying_power": D(-500)}, 0),
    ("buying power", {}, {"buying_power": None}, 0),
    ("day loss", {}, {"day_pnl": None}, 0),
    ("day loss", {}, {"start_equity": None}, 0),
    ("day loss", {"day_loss_reducing_fraction": D("0.02")}, {"day_pnl": D(-2500)}, 0),
]


STOCK = request()
TENFOLD = request(  # the same money a unit from a tenth of the price
    instrument=Instrument(symbol="ABC", tick=D("0.001"), multiplier=D(10)), entry=D(5),
    stop=StructureStop(level=D("4.801"), buffer_ticks=1),
)  # fmt: skip


@pytest.mark.parametrize("asked", [STOCK, TENFOLD], ids=["stock", "tenfold"])
@pytest.mark.parametrize(("name", "limit", "state", "quantity"), CAPS)
def test_each_limit_caps(
    asked: SizingRequest, name: str, limit: dict, state: dict, quantity: int
) -> None:
    sizing = size(asked, standing(**state), msgspec.structs.replace(WIDE, **limit))
    assert allowed(sizing, name) == sizing.quantity == quantity
    assert [cap.name for cap in sizing.binding] == [name]
    assert name in sizing.reason
    assert sizing.reason.startswith("Held at" if quantity else "Nothing fits")


def test_a_sale_risks_from_its_floor_and_is_worth_the_touch() -> None:
    sale = request(side=Side.SELL, stop=StructureStop(level=D("51.99")), worst_price=D("50.40"))
    sizing = size(sale, standing(), msgspec.structs.replace(WIDE, max_order_value=D(5039)))
    assert (sizing.quantity, sizing.risk_per_unit, sizing.notional) == (99, 2, D("4989.60"))
    with pytest.raises(RiskError):
        request(worst_price=D("49.99"))


def test_the_share_of_volume_caps_where_volume_is_known() -> None:
    limits = msgspec.structs.replace(WIDE, max_order_adv_fraction=D("0.01"))
    thin = Instrument(symbol="ABC", average_daily_volume=D(8099))
    assert size(request(instrument=thin), standing(), limits).quantity == 80
    unknown = size(request(), standing(), limits)
    assert allowed(unknown, "share of daily volume") is None
    assert unknown.quantity == 500


def test_every_cap_is_told_in_the_gates_order() -> None:
    sizing = size(request(), standing(), Limits())
    assert [cap.name for cap in sizing.caps] == [
        "risk budget", "order quantity", "share of daily volume", "order value",
        "order value of equity", "buying power", "position", "gross exposure", "day loss",
    ]  # fmt: skip
    assert all(cap.reason.endswith(".") for cap in sizing.caps)


def test_less_than_a_lot_is_nothing() -> None:
    block = Instrument(symbol="ABC", lot=D(100))
    sizing = size(request(instrument=block), standing(equity=D(19_999)), WIDE)  # room for 99.995
    assert (sizing.quantity, sizing.money_at_risk, sizing.notional) == (0, 0, 0)
    assert sizing.reason.startswith("Nothing fits, not even 100, by risk budget:")


def test_a_hair_below_a_lot_is_not_that_lot() -> None:
    # 28 digits would round 999.999... / 2 up to 500
    equity = D("99999.99999999999999999999999999999999")
    assert size(request(), standing(equity=equity), WIDE).quantity == 499


BAD = [D("NaN"), D("sNaN"), D("Infinity"), D("-Infinity"), D(0), D(-1)]


@pytest.mark.parametrize("bad", BAD)
def test_refuses_what_is_not_a_positive_number(bad: Decimal) -> None:
    for make in (
        lambda: request(entry=bad),
        lambda: request(worst_price=bad),
        lambda: standing(equity=bad),
        lambda: standing(start_equity=bad),
        lambda: VolatilityStop(atr=bad),
        lambda: VolatilityStop(atr=D(1), multiple=bad),
        lambda: StructureStop(level=bad),
        lambda: FixedFractional(risk_fraction=bad),
        lambda: VolatilityScaled(risk_fraction=bad, atr=D(1)),
        lambda: VolatilityScaled(risk_fraction=D(1), atr=bad),
        lambda: VolatilityScaled(risk_fraction=D(1), atr=D(1), multiple=bad),
        lambda: ConvictionScaled(base=ONE_PERCENT, conviction=bad),
        lambda: stop_price(StructureStop(level=D(1)), entry=bad, side=Side.BUY, tick=D(1)),
        lambda: stop_price(StructureStop(level=D(1)), entry=D(2), side=Side.BUY, tick=bad),
    ):
        with pytest.raises(RiskError):
            make()


@pytest.mark.parametrize("bad", [D("NaN"), D("Infinity"), D("-Infinity"), D("sNaN")])
def test_refuses_state_that_is_no_number(bad: Decimal) -> None:
    for what in ("buying_power", "day_pnl", "position"):
        with pytest.raises(RiskError):
            standing(**{what: bad})


@pytest.mark.parametrize("bad", [D("NaN"), D("Infinity"), D(-1)])
@pytest.mark.parametrize("what", ["gross_exposure", "open_notional", "open_on_side", "open_risk"])
def test_refuses_use_below_nothing(what: str, bad: Decimal) -> None:
    with pytest.raises(RiskError):
        standing(**{what: bad})


def test_refuses_more_than_all() -> None:
    above = D("1.0000001")
    for make in (
        lambda: FixedFractional(risk_fraction=above),
        lambda: VolatilityScaled(risk_fraction=above, atr=D(1)),
        lambda: ConvictionScaled(base=ONE_PERCENT, conviction=above),
        lambda: StructureStop(level=D(1), buffer_ticks=-1),
    ):
        with pytest.raises(RiskError):
            make()


def test_refuses_numbers_too_far_apart_to_be_money() -> None:
    with pytest.raises(RiskError) as error:
        size(request(), standing(equity=D("1E+300")), WIDE)
    assert isinstance(error.value, CockpitError)
    assert "too large or too small" in error.value.user_text


def test_frozen_and_serialisable() -> None:
    sizing = size(request(), standing(), Limits())
    assert msgspec.json.decode(msgspec.json.encode(sizing), type=Sizing) == sizing
    asked = request(method=ConvictionScaled(base=ONE_PERCENT, conviction=D("0.5")))
    assert msgspec.json.decode(msgspec.json.encode(asked), type=SizingRequest) == asked
    with pytest.raises(AttributeError):
        sizing.quantity = D(1)  # pyright: ignore[reportAttributeAccessIssue] -- the point of the test
