"""The page about sizing, held to the code."""

from decimal import Decimal

import msgspec

from cockpit.domain.instrument import Instrument
from cockpit.domain.limits import Limits
from cockpit.domain.order import Side
from cockpit.risk.sizing import (
    ConvictionScaled,
    FixedFractional,
    SizingRequest,
    Standing,
    VolatilityStop,
    size,
)
from tests.unit.docs.pages import page, rows, section

D = Decimal
PAGE = page("docs/sizing.md")
BASE = FixedFractional(risk_fraction=D("0.01"))
REQUEST = SizingRequest(
    instrument=Instrument(symbol="ABC", average_daily_volume=D(5_000_000)), side=Side.BUY,
    entry=D("50.00"), stop=VolatilityStop(atr=D("0.62"), multiple=D(2)), method=BASE,
)  # fmt: skip
STANDING = Standing(
    equity=D(100_000), start_equity=D(100_000), buying_power=D(60_000), day_pnl=D(-400),
    position=D(40), gross_exposure=D(30_000), open_notional=D(4_000), open_risk=D(600),
)  # fmt: skip


def test_the_example_worked_by_hand() -> None:
    sizing = size(REQUEST, STANDING, Limits())
    told = {name: D(allows) for name, _, allows in rows(section(PAGE, "## By hand"))}
    assert told == {cap.name: cap.allowed for cap in sizing.caps}
    assert (sizing.quantity, sizing.stop_price, sizing.risk_per_unit) == (
        100,
        D("48.76"),
        D("1.24"),
    )
    assert (sizing.money_at_risk, sizing.notional) == (124, 5000)
    assert [cap.name for cap in sizing.binding] == ["order value of equity"]


def test_the_example_with_little_conviction() -> None:
    method = ConvictionScaled(base=BASE, conviction=D("0.1"))
    sizing = size(msgspec.structs.replace(REQUEST, method=method), STANDING, Limits())
    assert (sizing.budget, sizing.quantity) == (100, 80)


def test_every_cap_is_explained_in_the_gates_order() -> None:
    told = [name for name, *_ in rows(section(PAGE, "## The caps"))]
    assert told == [cap.name for cap in size(REQUEST, STANDING, Limits()).caps]
