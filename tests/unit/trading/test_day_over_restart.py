"""The day's profit, its peak and what was carried into it are the same after a restart."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from cockpit.domain.account import Account
from cockpit.domain.events import FillBooked
from cockpit.domain.market import Quote
from cockpit.domain.order import OrderType, Side, TimeInForce
from cockpit.kernel.bus import Bus
from cockpit.trading.portfolio import DayOpening, Portfolio
from tests.support.desk import Desk, restarted, trading_desk
from tests.support.fills import NINE_THIRTY, fill

DAY_S = 86_400


def at(desk: Desk, price: float) -> float:
    """Today's profit once a price was seen."""
    desk.quote(price - 0.01, price + 0.01)
    return desk.portfolio.day_pnl


def falls_to(bid: float, now_ns: int) -> Quote:
    return Quote(
        symbol="ABC", bid=bid, ask=bid + 0.02, bid_size=1000, ask_size=1000,
        ts_event=now_ns, ts_init=now_ns,
    )  # fmt: skip


async def test_what_was_held_over_night_is_carried_over_a_second_restart(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(40)
        await desk.pass_time(DAY_S)
        async with restarted(desk) as morning:
            began = at(morning, 150)
            await morning.pass_time(1)
            lost = at(morning, 140)
            async with restarted(morning) as noon:
                assert at(noon, 140) == pytest.approx(lost)
                assert lost == pytest.approx(began - 400)


async def test_what_was_held_before_the_first_start_is_no_profit_of_the_day(
    tmp_path: Path,
) -> None:
    def held_long_ago(desk: Desk) -> None:
        money = desk.broker._venue._money
        money.book(fill(1, "+40 @ 50", symbol="ABC", account="PAPER-1"))

    async with trading_desk(tmp_path, before=held_long_ago) as desk:
        assert desk.portfolio.position("ABC").quantity == 40
        assert at(desk, 100) == pytest.approx(0, abs=1)
        lost = at(desk, 90)
        assert lost == pytest.approx(-400, abs=1)
        await desk.pass_time(1)
        async with restarted(desk) as again:
            assert at(again, 90) == pytest.approx(lost)


async def test_the_peak_outlives_a_restart(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(40)
        at(desk, 130)
        peak = desk.portfolio.peak
        assert peak > 1000
        await desk.pass_time(1)
        async with restarted(desk) as again:
            at(again, 100)
            assert again.portfolio.peak == pytest.approx(peak, abs=100)
            assert again.portfolio.drawdown < -1000


def test_restored_it_is_marked_at_the_last_fill_and_not_the_first() -> None:
    portfolio = Portfolio(Bus(), "DEMO-1")
    ledger = [
        fill(number, text, ts_ns=NINE_THIRTY + number)
        for number, text in enumerate(("+10 @ 50", "-10 @ 50", "+10 @ 100"))
    ]
    portfolio.restore(ledger, NINE_THIRTY + 10)
    portfolio.go_on_from(DayOpening("2018-01-02", Decimal(10_000), {}))
    assert (portfolio.day_pnl, portfolio.peak, portfolio.gross_exposure) == (0, 0, 1000)


def test_what_was_carried_stands_where_the_day_began_until_it_has_a_price() -> None:
    portfolio = Portfolio(Bus(), "DEMO-1")
    ledger = [fill(1, "+10 @ 100", ts_ns=NINE_THIRTY)]
    portfolio.restore(ledger, NINE_THIRTY + DAY_S * 10**9)
    portfolio.go_on_from(DayOpening("2018-01-03", Decimal(10_000), {"XXX": 500.0}))
    assert (portfolio.day_pnl, portfolio.gross_exposure) == (0, 1500)


def test_an_opening_of_an_earlier_version_is_still_read() -> None:
    written = b'{"day":"2018-01-02","equity":"10000","carried":{"ABC":1.5}}'
    opening = msgspec.json.decode(written, type=DayOpening)
    assert (opening.carried, opening.peak, opening.unmarked) == ({"ABC": 1.5}, 0.0, ())


async def test_what_was_filled_while_nobody_was_here_is_counted_once(tmp_path: Path) -> None:
    async with trading_desk(tmp_path) as desk:
        await desk.bought(40)
        stop = desk.intent(Side.SELL, 40, type=OrderType.STOP, stop="95")
        stop = msgspec.structs.replace(stop, tif=TimeInForce.GTC)
        await desk.do(desk.oms.submit(stop))
        await desk.pass_time(DAY_S)
        venue = desk.broker._venue

        def falls(morning: Desk) -> None:
            now = morning.clock.now_ns()
            venue.on_quote(falls_to(94.0, now), now)

        async with restarted(desk, before=falls) as morning:
            assert morning.portfolio.position("ABC").flat
            theirs = await morning.do(morning.broker.account())
            assert morning.portfolio.equity == pytest.approx(float(theirs.equity), abs=0.01)
            assert morning.portfolio.day_pnl < -200
            async with restarted(morning) as noon:
                assert noon.portfolio.equity == pytest.approx(float(theirs.equity), abs=0.01)


async def test_a_fill_told_while_signing_in_waits_until_the_day_is_open(tmp_path: Path) -> None:
    """Nobody could judge a loss before: the risk monitor would halt trading for the session."""
    opened: list[object] = []

    def filled_while_signing_in(desk: Desk) -> None:
        ask = desk.broker.account

        async def account() -> Account:
            desk.broker.account = ask
            desk.broker.on_quote(falls_to(94.9, desk.clock.now_ns()))
            await desk.clock.sleep(0.5)
            return await ask()

        desk.broker.account = account
        desk.bus.subscribe(FillBooked, lambda _: opened.append(desk.portfolio.start_equity))

    async with trading_desk(tmp_path) as desk:
        wish = desk.intent(type=OrderType.LIMIT, limit="95.00")
        await desk.do(desk.oms.submit(wish))
        await desk.pass_time(1)
        async with restarted(desk, before=filled_while_signing_in) as again:
            assert opened == [Decimal(100_000)]
            assert again.portfolio.position("ABC").quantity == 10
