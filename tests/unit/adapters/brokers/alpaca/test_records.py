"""Calendar, equity, charges and listings, asked by the adapter."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.adapters.brokers.alpaca import records
from cockpit.adapters.brokers.alpaca.wire import WireAsset
from cockpit.adapters.brokers.bodies import decoded, ns_of
from cockpit.ports.broker import BrokerError
from tests.support.waiting import eventually
from tests.toyserver import Fault, ToyServer
from tests.unit.adapters.brokers.alpaca.kit import Session, session_at

HOUR_NS = 3600 * 10**9


async def test_the_calendar_in_utc(session: Session) -> None:
    days = await session.broker.records.calendar(date(2024, 3, 8), date(2024, 3, 11))
    assert [d.day for d in days] == [date(2024, 3, 8), date(2024, 3, 11)]  # a weekend between
    assert days[0].open_ns == ns_of("2024-03-08T14:30:00Z")
    assert days[1].open_ns == ns_of("2024-03-11T13:30:00Z")  # summer time has begun
    assert days[0].close_ns - days[0].open_ns == 6.5 * HOUR_NS


async def test_equity_over_time(session: Session) -> None:
    [point] = await session.broker.records.equity()
    assert point.equity == Decimal(100_000)
    assert point.profit == 0


async def test_charges_are_paged_and_no_trade_is_among_them(session: Session) -> None:
    session.toy.exchange.charges = [
        {"id": f"2024010{1 + n // 60}::{n}", "activity_type": kind, "date": "2024-01-02",
         "net_amount": f"-0.{n:03d}", "symbol": "", "description": "TAF fee"}
        for n in range(120) for kind in ("FEE", "DIV") if n % 2 or kind == "FEE"
    ]  # fmt: skip
    fees = await session.broker.records.charges(0)
    assert len(fees) == 120
    assert {fee.kind for fee in fees} == {"FEE"}
    assert (
        sum((fee.amount for fee in fees), Decimal(0))
        == -sum((Decimal(n) for n in range(120)), Decimal(0)) / 1000
    )
    assert session.toy.count("GET", "/v2/account/activities") == 2


async def test_a_charge_that_can_not_be_read_says_why_and_spoils_no_other(
    session: Session,
) -> None:
    session.toy.exchange.charges = [
        {"id": "1", "activity_type": "FEE", "date": "soon", "net_amount": "-1"},
        {"id": "2", "activity_type": "FEE", "date": "2024-01-02"},
        {"id": "3", "activity_type": "FEE", "date": "2024-01-02", "net_amount": "-1"},
    ]
    told = await session.broker.records.charges(0)
    assert [one.why for one in told] == ["its day is 'soon'", "it names no amount", ""]
    assert [one.amount for one in told] == [0, 0, -1]


async def test_what_can_be_sold_short(session: Session) -> None:
    assets = session.toy.exchange.assets
    assets["HARD"] = {"easy_to_borrow": False}
    assets["GONE"] = {"status": "inactive"}
    told = await session.broker.instruments(["ABC", "HARD", "GONE", "NOSUCH"])
    assert [(i.symbol, i.shortable, i.easy_to_borrow) for i in told] == [
        ("ABC", True, True),
        ("HARD", True, False),
        ("GONE", False, False),
    ]
    session.toy.exchange.list_symbols("FRAC", lot="0.000000001")
    [part] = await session.broker.instruments(["FRAC"])
    assert (part.lot, part.fraction, told[0].fraction) == (1, Decimal("1e-9"), None)
    many = await session.broker.instruments(["ABC", *(f"X{n}" for n in range(30))])
    assert [i.symbol for i in many] == ["ABC"]
    assert session.toy.count("GET", "/v2/assets") == 1


async def test_listings_that_are_not_answered_are_an_error(session: Session) -> None:
    session.toy.faults.plan("GET /v2/assets/ABC", Fault.HTML_403)
    with pytest.raises(BrokerError):
        await session.broker.instruments(["ABC"])


async def test_the_lines_of_orders_are_kept_warm(toy: ToyServer) -> None:
    async with session_at(toy, keep_warm_s=0.1) as session:
        await eventually(lambda: toy.count("GET", "/v2/clock") >= 10)
        assert len(session.broker._lines._fast._threads) == 4
    asked = toy.count("GET", "/v2/clock")
    assert toy.count("GET", "/v2/clock") == asked


# recorded


@pytest.fixture(scope="module")
def bodies(shared_data: Path) -> dict[str, bytes]:
    lines = (shared_data / "api_fixtures" / "alpaca_rest.jsonl").read_text().splitlines()
    read = [json.loads(line) for line in lines]
    return {
        r["url"].partition("/v2/")[2].partition("?")[0]: json.dumps(r["body"]).encode()
        for r in read
    }


def test_recorded_assets(bodies: dict[str, bytes]) -> None:
    [apple] = decoded(bodies["assets"], list[WireAsset])
    told = records._instrument(apple)
    assert (told.symbol, told.shortable, told.easy_to_borrow) == ("AAPL", True, True)
